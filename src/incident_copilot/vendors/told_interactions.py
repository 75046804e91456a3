"""Reads sampled interactions of an AI system: what can be used becomes `Sampled`, the rest is named with its fix."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from incident_copilot.domain.sampled import Retrieved, Sampled
from incident_copilot.vendors import bodies, times
from incident_copilot.vendors.told_figures import LARGEST, Reading

MOST_INTERACTIONS = 500
MOST_PASSAGES, MOST_LABELS, MOST_IDS = 20, 20, 50
LONGEST_TEXT, LONGEST_PASSAGE, LONGEST_ID, LONGEST_LABEL = 16_000, 4_000, 200, 200
FEEDBACK = {
    "positive": 1.0, "negative": -1.0, "neutral": 0.0, "thumbs_up": 1.0, "thumbs_down": -1.0, "up": 1.0, "down": -1.0,
}  # fmt: skip
"""What people say of an answer; else a number of stars from 1 to 5 as `rating`."""
_NUMBERS = ("latency_ms", "cost_usd", "input_tokens", "output_tokens")
_WHOLE = frozenset({"input_tokens", "output_tokens"})
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,60}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
KNOWN = frozenset(
    {
        "id", "at", "request", "response", "retrieved", "cited", "relevant", "expected", "format", "language", "user",
        "labels", "groups", "feedback", "rating", "confidence", "outcome", "truth", *_NUMBERS,
    }
)  # fmt: skip
OLDEST = timedelta(days=90)


def read(items: Sequence[Any], now: datetime) -> tuple[list[Sampled], Reading]:
    """Return the interactions that can be used, the first of each id, and what is wrong with the others."""
    reading = Reading()
    found: dict[str, Sampled] = {}
    for number, item in enumerate(items[:MOST_INTERACTIONS]):
        one = _interaction(reading, f"interactions[{number}]", item, now)
        if one:
            found.setdefault(one.id, one)
    if len(items) > MOST_INTERACTIONS:
        reading.flag(
            "interactions", f"has {len(items)} entries, over {MOST_INTERACTIONS}; send them in several requests"
        )
    return list(found.values()), reading


def _interaction(reading: Reading, place: str, item: Any, now: datetime) -> Sampled | None:
    if not isinstance(item, Mapping):
        reading.flag(place, "is no object; see docs/interactions.schema.json")
        return None
    for unknown in sorted(set(item) - KNOWN)[:3]:
        reading.flag(f"{place}.{unknown}", "is not known here; see docs/interactions.schema.json")
    key, request = _text(reading, f"{place}.id", item.get("id"), LONGEST_ID), item.get("request")
    if not key or not isinstance(request, str):
        reading.flag(place, "has no `id` or no `request`; send both as texts, the id the same when it is sent again")
        return None
    numbers = {name: _number(reading, f"{place}.{name}", item.get(name), whole=name in _WHOLE) for name in _NUMBERS}
    return Sampled(
        id=key,
        at=_time(reading, f"{place}.at", item.get("at"), now),
        request=bodies.clean(request, LONGEST_TEXT),
        response=_text(reading, f"{place}.response", item.get("response"), LONGEST_TEXT) or "",
        retrieved=_passages(reading, f"{place}.retrieved", item.get("retrieved")),
        cited=_ids(reading, f"{place}.cited", item.get("cited")),
        relevant=_ids(reading, f"{place}.relevant", item.get("relevant")),
        expected=_text(reading, f"{place}.expected", item.get("expected"), LONGEST_TEXT),
        format="json" if item.get("format") == "json" else None,
        language=_language(reading, f"{place}.language", item.get("language")),
        user=_text(reading, f"{place}.user", item.get("user"), LONGEST_ID),
        labels=labels(reading, f"{place}.labels", item.get("labels")),
        groups=labels(reading, f"{place}.groups", item.get("groups")),
        feedback=_feedback(reading, place, item),
        confidence=_number(reading, f"{place}.confidence", item.get("confidence"), most=1.0),
        outcome=_yes_or_no(reading, f"{place}.outcome", item.get("outcome")),
        truth=_yes_or_no(reading, f"{place}.truth", item.get("truth")),
        **numbers,
    )


def _text(reading: Reading, place: str, value: Any, longest: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        reading.flag(place, "is no text; send it in quotation marks")
        return None
    return bodies.clean(value, longest)


def _number(reading: Reading, place: str, value: Any, *, most: float = LARGEST, whole: bool = False) -> Any:
    if value is None:
        return None
    found = reading.number(place, value, share=most == 1.0, whole=whole)
    return int(found) if found is not None and whole else found


def _time(reading: Reading, place: str, value: Any, now: datetime) -> datetime:
    at = times.usable(times.read(value), now) if value is not None else now
    if at is None or at < now - OLDEST:
        reading.flag(place, f"is no time of the last {OLDEST.days} days; the time of arrival was taken")
        return now
    return min(at, now)


def _passages(reading: Reading, place: str, value: Any) -> tuple[Retrieved, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MOST_PASSAGES:
        reading.flag(place, f"is no list of at most {MOST_PASSAGES} passages")
        return None
    return tuple(_each_passage(reading, place, value))


def _each_passage(reading: Reading, place: str, value: list[Any]) -> Iterator[Retrieved]:
    for number, item in enumerate(value):
        told = item if isinstance(item, Mapping) else {"id": item}
        key = told.get("id")
        if not isinstance(key, str) or not key:
            reading.flag(f"{place}[{number}]", "has no `id`; send that of the document")
            continue
        text = _text(reading, f"{place}[{number}].text", told.get("text"), LONGEST_PASSAGE) or ""
        yield Retrieved(id=bodies.clean(key, LONGEST_ID), text=text, updated_at=times.read(told.get("updated_at")))


def _ids(reading: Reading, place: str, value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MOST_IDS or not all(isinstance(one, str) for one in value):
        reading.flag(place, f"is no list of at most {MOST_IDS} ids")
        return None
    return tuple(bodies.clean(one, LONGEST_ID) for one in value)


def labels(reading: Reading, place: str, value: Any) -> dict[str, str]:
    """Return the labels of an object; what is none is flagged."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or len(value) > MOST_LABELS:
        reading.flag(place, f"is no object of at most {MOST_LABELS} labels")
        return {}
    found = {}
    for name, one in value.items():
        if _LABEL.fullmatch(name) and isinstance(one, str | int | bool):
            found[name] = bodies.clean(str(one), LONGEST_LABEL)
        else:
            reading.flag(f"{place}.{name}", "is no label; use a short name in letters and a text")
    return found


def _feedback(reading: Reading, place: str, item: Mapping[str, Any]) -> float | None:
    word, stars = item.get("feedback"), item.get("rating")
    if word is not None and not (isinstance(word, str) and word.lower() in FEEDBACK):
        reading.flag(f"{place}.feedback", f"is none of {', '.join(FEEDBACK)}; stars go into `rating`")
        word = None
    if stars is not None and (isinstance(stars, bool) or not isinstance(stars, int | float) or not 1 <= stars <= 5):
        reading.flag(f"{place}.rating", "is no number from 1 to 5")
        stars = None
    if word is not None:
        return FEEDBACK[word.lower()]
    return None if stars is None or math.isnan(stars) else (stars - 3) / 2


def _language(reading: Reading, place: str, value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and _LANGUAGE.fullmatch(value)):
        reading.flag(place, "is no language; send it as in en or pt-BR")
        return None
    return value


def _yes_or_no(reading: Reading, place: str, value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    reading.flag(place, "is neither true nor false")
    return None
