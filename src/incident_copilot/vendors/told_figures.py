"""Reads a snapshot of an AI system's metrics: what can be used becomes figures, everything else is named with its fix.

The shape is seed 001's detector's, published as docs/monitoring.schema.json; both are held against each other in tests.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from incident_copilot.domain.observation import Figure
from incident_copilot.vendors.bodies import cut

SECTIONS = {
    "quality_metrics": "quality",
    "bias_metrics": "fairness",
    "data_quality_metrics": "data",
    "performance_metrics": "performance",
    "security_metrics": "safety",
    "retrieval_metrics": "retrieval",
    "evaluation_metrics": "evaluation",
    "cost_metrics": "cost",
    "provider_metrics": "provider",
    "feature_distributions": "feature",
    "output_distributions": "output",
    "feature_importances": "importance",
}
"""The sections of a snapshot, and the first word of the metrics in them."""
MOST_FIGURES, MOST_GROUPS, MOST_BUCKETS, MOST_HISTORY = 300, 50, 100, 1_000
LARGEST = 1e15
UNKNOWN = "is not known here; see docs/monitoring.schema.json for what may stand in a metric"
NAME = re.compile(r"[a-z][a-z0-9_]{0,60}(?:\.[a-z0-9_]{1,60})?")
_OF_A_GROUP = re.compile(r"[^\x00-\x1f\x7f=,]{1,80}")
_MOST_NAMED = 20

# What seed 001 calls them, and how the same is asked for everywhere else.
_BIAS = {"demographic_parity": "positive_rate", "individual_fairness": "individual"}
_ODDS = ("true_positive_rate", "false_positive_rate")
_OTHER_UNITS = {
    "latency_p95_ms": ("latency_p95_s", 1000),
    "p95_latency_ms": ("latency_p95_s", 1000),
    "age_ms": ("age_s", 1000),
}
"""What some send in other units: its name here, and by how much it is divided."""
_UNBOUNDED = re.compile(
    r"(?:quality\.(?:satisfaction|score_raw)|data\.(?:rows|age_s)|performance\.(?!error_rate|utilisation|cache_hit_rate)"
    r"|cost\.|provider\.(?!availability)|retrieval\.age_s|feature\.|output\.)"
)
_VALUE, _BASELINE, _HISTORY = ("value", "current"), ("baseline",), ("history", "historical")
_PART = {"successes", "correct", "flagged", "answered"}
_ALL = {"n", "total", "sample_size"}
_ROWS = {"rows", "counts", "distribution", "groups", "squares", "stddev", "attribute"}


@dataclass
class Reading:
    """What was read: the figures, and in words what could not be used."""

    figures: list[Figure] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)
    left_out: int = 0

    def flag(self, name: str, problem: str) -> None:
        """Say what is wrong with a field, and what to send instead."""
        if len(self.flagged) < _MOST_NAMED:
            self.flagged.append(f"{cut(_shown(name), 120)} {problem}")
        self.left_out += 1

    def number(self, name: str, value: Any, *, share: bool = False, whole: bool = False) -> float | None:
        """Return a number that can be used; None where it is none, which is flagged."""
        problem = _problem(value, share=share, whole=whole)
        if problem:
            self.flag(name, problem)
        return None if problem else value


def read(data: Mapping[str, Any]) -> Reading:
    """Return what the sections of a snapshot say."""
    reading = Reading()
    for section, family in SECTIONS.items():
        told = data.get(section)
        if told is None:
            continue
        if not isinstance(told, Mapping):
            reading.flag(section, f"is {_kind(told)}; send an object of metrics")
            continue
        for name, value in told.items():
            for figure in _metric(reading, f"{section}.{name}", family, str(name), value):
                if len(reading.figures) < MOST_FIGURES:
                    reading.figures.append(figure)
                else:
                    reading.flag(f"{section}.{name}", f"is one of more than {MOST_FIGURES}; send fewer at once")
    return reading


def _metric(reading: Reading, place: str, family: str, name: str, value: Any) -> Iterator[Figure]:
    if not NAME.fullmatch(name):
        reading.flag(place, "is no name of a metric; use small letters, digits and _, at most 60")
        return
    if family == "fairness" and name == "equalized_odds" and isinstance(value, Mapping):
        for odds in _ODDS:
            if odds in value:
                yield from _metric(reading, f"{place}.{odds}", family, odds, _with_attribute(value[odds], value))
        return
    metric, scale = _OTHER_UNITS.get(name, (_BIAS.get(name, name) if family == "fairness" else name, 1))
    metric = f"{family}.{metric}"
    if not isinstance(value, Mapping):
        value = {"value": value}
    if "groups" in value:
        yield from _groups(reading, place, metric, value)
    if set(value) - {"groups", "attribute"} or "groups" not in value:
        figure = _figure(reading, place, metric, name, value, scale)
        if figure:
            yield figure


def _groups(reading: Reading, place: str, metric: str, value: Mapping[str, Any]) -> Iterator[Figure]:
    groups, attribute = value["groups"], value.get("attribute", "group")
    if not isinstance(groups, Mapping) or not isinstance(attribute, str) or not NAME.fullmatch(attribute):
        reading.flag(f"{place}.groups", "is no object of groups, or `attribute` no name such as gender")
        return
    if len(groups) > MOST_GROUPS:
        reading.flag(f"{place}.groups", f"has {len(groups)} groups, over {MOST_GROUPS}; join the small ones")
        return
    for group, told in groups.items():
        if not _OF_A_GROUP.fullmatch(group):
            reading.flag(f"{place}.groups", "has a group whose name is empty, too long, or has = or , in it")
            continue
        inner = told if isinstance(told, Mapping) else {"value": told}
        figure = _figure(reading, f"{place}.groups.{group}", metric, metric.partition(".")[2], inner, 1)
        if figure:
            yield figure.model_copy(update={"group": f"{attribute}={group}"})


def _figure(reading: Reading, place: str, metric: str, name: str, told: Mapping[str, Any], scale: int) -> Figure | None:
    """Return the figure that one object tells; None where nothing of it can be used."""
    share = not _UNBOUNDED.match(metric)
    found: dict[str, Any] = {}
    for key, value in told.items():
        where = place if key == "value" else f"{place}.{key}"
        kind = _meaning(key, name)
        if kind is None:
            reading.flag(where, UNKNOWN)
        elif kind == "history":
            found[kind] = _history(reading, where, value, share=share, scale=scale)
        elif kind == "counts":
            found[kind] = _counts(reading, where, value)
        elif kind not in {"groups", "attribute"}:
            number = reading.number(
                where, value, share=share and kind in {"value", "baseline"}, whole=kind in {"n", "successes"}
            )
            found[kind] = number / scale if number is not None and kind in {"value", "baseline", "stddev"} else number
    return _consistent(
        reading, place, metric, {key: value for key, value in found.items() if value not in (None, (), {})}
    )


def _consistent(reading: Reading, place: str, metric: str, found: dict[str, Any]) -> Figure | None:
    n, successes = found.get("n"), found.get("successes")
    if successes is not None and (n is None or successes > n):
        problem = "has no `total`" if n is None else f"has {successes} of a total of {n}"
        reading.flag(place, f"{problem}; send how many cases there were in all")
        return None
    if found.keys().isdisjoint({"value", "successes", "counts"}):
        if not any(flag.startswith(place) for flag in reading.flagged):
            reading.flag(place, "has no value; send `value`, or `successes` and `total`, or `counts`")
        return None
    spread = found.pop("stddev", None)
    if spread is not None and "value" in found and n:
        found["squares"] = spread**2 * max(0, n - 1) + n * found["value"] ** 2
    return Figure(metric=metric, **found)


def _meaning(key: str, name: str) -> str | None:
    """Return which part of a figure a key of the sender's means; None where it means none."""
    for kind, prefixes in (("value", _VALUE), ("baseline", _BASELINE), ("history", _HISTORY)):
        if key in prefixes or key in {f"{prefix}_{name}" for prefix in prefixes}:
            return kind
    if key in _PART or key in _ALL:
        return "successes" if key in _PART else "n"
    return {"distribution": "counts"}.get(key, key) if key in _ROWS - {"rows"} else None


def _history(reading: Reading, place: str, value: Any, *, share: bool, scale: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) > MOST_HISTORY:
        reading.flag(place, f"is no list of at most {MOST_HISTORY} numbers")
        return ()
    read_all = [reading.number(f"{place}[{at}]", one, share=share) for at, one in enumerate(value)]
    return tuple(one / scale for one in read_all if one is not None)


def _counts(reading: Reading, place: str, value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping) or not 0 < len(value) <= MOST_BUCKETS:
        reading.flag(place, f"is no object of 1 to {MOST_BUCKETS} counts by bucket")
        return {}
    found = {}
    for bucket, one in value.items():
        number = reading.number(f"{place}.{bucket}", one, whole=True)
        if number is not None and 0 < len(bucket) <= 80:
            found[bucket] = int(number)
    return found


def _problem(value: Any, *, share: bool, whole: bool) -> str | None:
    """Return what is wrong with a number, and what to send instead; None where it can be used."""
    if value is None:
        return "is null; leave it out, or send a number"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"is {_kind(value)}; send a number without quotation marks"
    if not math.isfinite(value):
        return "is NaN or infinite; leave it out where nothing was measured"
    limits = (
        (value < 0, "below 0; send what was measured, not a difference"),
        (share and value > 1, "over 1; send a share, such as 0.93 for 93 %"),
        (whole and value != int(value), "not whole; send a number of cases"),
        (value > LARGEST, "more than anything measured; look at its unit"),
    )
    return next((f"is {value:g}, {problem}" for is_over, problem in limits if is_over), None)


def _with_attribute(value: Any, around: Mapping[str, Any]) -> Any:
    """The attribute may stand once beside both rates."""
    if isinstance(value, Mapping) and "attribute" in around:
        return {"attribute": around["attribute"], **value}
    return value


def _kind(value: Any) -> str:
    names = {bool: "true or false", str: "a text", list: "a list", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "an object")


def _shown(name: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", name)
