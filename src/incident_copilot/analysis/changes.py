"""Ranks changes by how well they explain the symptoms in time, in place and in text; rather none than the latest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from incident_copilot.analysis.diffs import Diff, read_diff
from incident_copilot.analysis.overlap import Overlap, overlaps
from incident_copilot.analysis.topology import Graph, related, upstream_of
from incident_copilot.analysis.words import duration

Verdict = Literal["likely", "possible", "unlikely", "excluded"]

_LIKELY, _POSSIBLE = 0.5, 0.25
_SHORTLY_S = 1800  # beyond this, that nothing happened for so long speaks against the change
_UNKNOWN = 0.25  # the overlap a change is given the benefit of where there is nothing to compare
ROLLS_OUT = re.compile(r"deploy|release|roll|ship|promot|migrat|terraform|helm|apply|provision", re.IGNORECASE)
_ORDER: dict[Verdict, int] = {"likely": 0, "possible": 1, "unlikely": 2, "excluded": 3}
_PLACE = {"same": 1.0, "depends_on": 0.9, "needed_by": 0.4, "shares": 0.35}


@dataclass(frozen=True)
class Change:
    """Something that went out at `at` (epoch seconds); `diff_text` is a unified diff, a summary, or empty."""

    id: str
    service: str
    at: float
    kind: str
    title: str
    diff_text: str = ""
    version: str = ""
    author: str = ""

    @property
    def name(self) -> str:
        """What people call it: `payments v2.31.0`."""
        return f"{self.service} {self.version or self.title}"


@dataclass(frozen=True)
class Symptoms:
    """What is wrong and since when.

    `log_texts` are the new and surging messages, `samples` a line of each as it was written, `effect` names what began
    at the onset, `clock_skew_s` is by how much the clocks of the deploy system and the metrics may differ. `depends_on`
    maps a service to what it calls.
    """

    alerting_service: str
    onset_at: float
    error_services: frozenset[str] = frozenset()
    log_texts: tuple[str, ...] = ()
    metric_names: tuple[str, ...] = ()
    depends_on: Graph = field(default_factory=dict)
    effect: str = "errors"
    clock_skew_s: float = 10.0
    samples: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """Why a change does or does not fit; `code` is stable, `text` is for people."""

    code: str
    text: str
    supports: bool


@dataclass(frozen=True)
class RankedChange:
    """A change with its score (0 to 1), verdict and reasons.

    `lag_s` is how long before the onset it went out (negative: after). `settings` are the values it moved,
    `shared` the words it has in common with `symptom_text`, the symptom that fits it best.
    """

    change: Change
    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]
    lag_s: float
    settings: tuple[str, ...]
    shared: tuple[str, ...]
    symptom_text: str

    @property
    def is_shortly_before(self) -> bool:
        """Whether the onset followed it within half an hour."""
        return self.lag_s <= _SHORTLY_S


def rank_changes(changes: Sequence[Change], symptoms: Symptoms) -> list[RankedChange]:
    """Return all changes, the best explanation first. When none is likely or possible, no change explains it."""
    diffs = [read_diff(change.diff_text) for change in changes]
    services = {symptoms.alerting_service, *symptoms.depends_on, *(change.service for change in changes)}
    texts = [f"{change.title}\n{change.diff_text}" for change in changes]
    said = {text: symptoms.samples.get(text, text) for text in symptoms.log_texts}
    shared = overlaps(list(zip(texts, diffs, strict=True)), said, symptoms.metric_names, ignore=services)
    ranked = [
        _rank(change, diff, overlap, symptoms) for change, diff, overlap in zip(changes, diffs, shared, strict=True)
    ]
    return sorted(ranked, key=lambda one: (_ORDER[one.verdict], -one.score, abs(one.lag_s), one.change.id))


def _rank(change: Change, diff: Diff, overlap: Overlap, symptoms: Symptoms) -> RankedChange:
    lag = symptoms.onset_at - change.at
    time, time_reason = _time(lag, symptoms)
    place, place_reasons = _place(change.service, symptoms)
    text, text_reason = _text(change, diff, overlap, symptoms)
    score = 0.0 if time_reason.code == "after_onset" else place * (0.3 * time + 0.45 * text + 0.25 * time * text)
    if diff.harmless:
        score *= 0.3
    return RankedChange(
        change=change,
        score=round(score, 3),
        verdict=_verdict(score, time_reason.code, _matches(overlap)),
        reasons=(time_reason, text_reason, *place_reasons)
        if text_reason.supports
        else (time_reason, *place_reasons, text_reason),
        lag_s=lag,
        settings=tuple(map(str, diff.settings)),
        shared=overlap.shared,
        symptom_text=overlap.symptom,
    )


def _matches(overlap: Overlap) -> int:
    """Return how many things a diff and a symptom have in common; a value that a message names counts as two."""
    return len(overlap.shared) + bool(overlap.field) + overlap.moved


def _verdict(score: float, time_code: str, shared: int) -> Verdict:
    if time_code == "after_onset":
        return "excluded"
    if score >= _LIKELY and shared >= 2:
        return "likely"
    return "possible" if score >= _POSSIBLE else "unlikely"


def _time(lag: float, symptoms: Symptoms) -> tuple[float, Reason]:
    """Return 1 for just before the onset, falling to a half at three hours; what came after cannot be the cause."""
    effect = symptoms.effect
    if lag < -symptoms.clock_skew_s:
        return 0.0, Reason("after_onset", f"{effect} began {duration(-lag)} before it", supports=False)
    if lag < 0:
        return 1.0, Reason("at_onset", f"it went out as {effect} began", supports=True)
    strength = (1 + lag / 3600) ** -0.5
    if lag > _SHORTLY_S:
        return strength, Reason("long_before", f"it ran {duration(lag)} before {effect} began", supports=False)
    return strength, Reason("shortly_before", f"it went out {duration(lag)} before {effect} began", supports=True)


def _place(service: str, symptoms: Symptoms) -> tuple[float, list[Reason]]:
    """Return how well the changed service is placed to cause the symptoms."""
    alerting, graph = symptoms.alerting_service, symptoms.depends_on
    relation = related(graph, alerting, service)
    if relation is None:
        if not graph:
            return 0.6, [
                Reason("relation_unknown", f"how {alerting} and {service} relate is not known", supports=False)
            ]
        return 0.25, [Reason("unrelated", f"{alerting} does not depend on {service}", supports=False)]
    weight = _PLACE[relation.kind] * 0.85 ** max(0, relation.distance - 1)
    upstream = relation.kind in ("same", "depends_on")
    text = f"it changed {service}, the alerting service" if relation.kind == "same" else relation.text
    text += ", not the other way round" if relation.kind == "needed_by" else ""
    reasons = [Reason(relation.kind, text, supports=upstream)]
    if service != alerting and symptoms.error_services:
        if service in symptoms.error_services:
            reasons.append(Reason("service_fails", f"{service} fails as well", supports=True))
        else:
            weight *= 0.7
            reasons.append(Reason("service_quiet", f"{service} itself shows no errors", supports=False))
    # Failures travel from the called to the caller, so a change of the caller leaves the called service's unexplained.
    deeper = next((one for one in upstream_of(graph, service) if one in symptoms.error_services), None)
    if deeper is not None:
        weight *= 0.6
        text = f"{deeper}, which {service} depends on, fails too, and a change of {service} would not cause that"
        reasons.append(Reason("deeper_failure", text, supports=False))
    return weight, reasons


def _text(change: Change, diff: Diff, overlap: Overlap, symptoms: Symptoms) -> tuple[float, Reason]:
    if diff.harmless:
        return 0.0, Reason("harmless", "it touches only documentation, tests or workflows", supports=False)
    if overlap.strength:
        return overlap.strength, _shared(overlap)
    return _unmatched(change, symptoms)


def _unmatched(change: Change, symptoms: Symptoms) -> tuple[float, Reason]:
    """Return what a change comes to that has nothing in common with the symptoms."""
    if change.kind == "run" and not ROLLS_OUT.search(change.title):
        return 0.0, Reason("only_a_run", "it is a run that names no rollout", supports=False)
    if not change.diff_text.strip():
        return _UNKNOWN, Reason("no_diff", "what it changed could not be read", supports=False)
    if not symptoms.log_texts:
        return _UNKNOWN, Reason("no_messages", "no message is there to compare its diff with", supports=False)
    return 0.0, Reason("no_overlap", "nothing in its diff matches the symptoms", supports=False)


def _shared(overlap: Overlap) -> Reason:
    moved = f" ({overlap.setting})" if overlap.setting else ""
    if overlap.moved == 2:
        return Reason("text_overlap", f"the messages name the value that it set{moved}", supports=True)
    if not overlap.shared:
        text = f'its diff is about {overlap.field}, as is "{overlap.fragment}"'
        return Reason("same_field", text, supports=True)
    if len(overlap.shared) == 1 and not overlap.field:
        text = f'only the word "{overlap.shared[0]}" of its diff{moved} is in the messages'
        return Reason("one_word", text, supports=False)
    return Reason("text_overlap", f'its diff{moved} fits "{overlap.fragment}"', supports=True)
