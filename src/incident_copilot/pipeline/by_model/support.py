"""How sure or unsure a model may make a hypothesis: computed from evidence that was looked at, not from what it says.

Evidence counts that is about the hypothesis and tells something: a metric that moved, a log with messages that are new
or gone, a change that went out before. What stayed as it was speaks for nothing.
"""

from collections.abc import Callable, Mapping, Sequence

from incident_copilot.analysis.ranking import ODD, rank_series
from incident_copilot.analysis.readings import read_series
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.investigation import Investigation
from incident_copilot.pipeline.by_model.material import Material, blamed, subjects
from incident_copilot.pipeline.investigating.findings import UNSURE_S, series_of, week_before

CLASSES = {
    EvidenceKind.METRIC: "measured",
    EvidenceKind.PROFILE: "measured",
    EvidenceKind.SAMPLE: "measured",
    EvidenceKind.LOG: "logged",
    EvidenceKind.ERROR: "logged",
    EvidenceKind.CHANGE: "changed",
    EvidenceKind.TRACE: "traced",
    EvidenceKind.STATUS_PAGE: "told by a provider",
}
"""Evidence by where it comes from. Alerts, notes, runbooks and earlier incidents make nothing more or less certain."""
HIGHEST = (0.2, 0.45, 0.65, 0.8)
"""How sure evidence of so many classes makes a hypothesis at the most."""


def highest(hypothesis: Hypothesis, cited: Sequence[str], held: Investigation, material: Material) -> float:
    """Return how sure a hypothesis may be at the most: what was computed, or what evidence that was looked at allows.

    What is ruled out stays so, whatever is cited for it.
    """
    if hypothesis.verdict is Verdict.RULED_OUT:
        return 0.0
    looked = [material.evidence[one] for one in held.looked_at().intersection(cited)]
    counting = [one for one in looked if one.kind in CLASSES and is_about(one, hypothesis, material)]
    classes = {CLASSES[one.kind] for one in counting if _tells(one, material)}
    allowed = HIGHEST[min(len(classes), len(HIGHEST) - 1)] if classes else 0.0
    return max(hypothesis.confidence, allowed)


def lowest(hypothesis: Hypothesis, against: Sequence[str], held: Investigation) -> float:
    """Return how unsure an opinion may make a hypothesis: by half, and more only where evidence was looked at.

    A cause that was computed as likely keeps its half even so: code cannot tell what speaks against it from what merely
    is about something else.
    """
    keeps = hypothesis.verdict is Verdict.LIKELY or held.looked_at().isdisjoint(against)
    return hypothesis.confidence / 2 if keeps else 0.0


def is_about(item: Evidence, hypothesis: Hypothesis, material: Material) -> bool:
    """Whether a piece of evidence has to do with a hypothesis: it was computed to, or is of the same service."""
    supporting = {ref for statement in hypothesis.supporting for ref in statement.evidence_ids}
    named = {str(item.data.get(name)) for name in ("service", "provider") if item.data.get(name)}
    named |= {str(row["service"]) for row in item.data.get("spans", ())}
    is_named = item.id in supporting or not named.isdisjoint(subjects(hypothesis, material))
    return is_named or _carries_the_loss(item, hypothesis, material)


def _carries_the_loss(item: Evidence, hypothesis: Hypothesis, material: Material) -> bool:
    """Whether the slice of the requests that stands out is the version that a hypothesis blames."""
    change = blamed(hypothesis, material)
    version = change.data.get("version") if change else None
    return any(one["stands_out"] and one["value"] == version for one in item.data.get("values", ()))


def _tells(item: Evidence, material: Material) -> bool:
    """Whether a piece of evidence shows anything out of the ordinary."""
    tells = _TELLING.get(item.kind)
    return tells is None or tells(item, material.incident.started_at.timestamp())


def _moved(item: Evidence, onset: float) -> bool:
    """Whether it left its normal at the onset, or by itself: trouble is often older than the incident that it opens."""
    series = series_of(item)
    reading = read_series(item.title, series, week_before(item))
    if reading is None or reading.is_usual:
        return False
    is_odd = any(one.score >= ODD for one in rank_series({item.title: series}, onset=onset))
    return is_odd or reading.moved != "flat" or reading.returned or reading.full


def _has_changed(item: Evidence, _: float) -> bool:
    return bool(item.data.get("messages") or item.data.get("events"))


def _was_before(item: Evidence, onset: float) -> bool:
    return float(item.data["at"]) <= onset + UNSURE_S


def _is_unwell(item: Evidence, _: float) -> bool:
    return item.data.get("state") in ("degraded", "outage")


_TELLING: Mapping[EvidenceKind, Callable[[Evidence, float], bool]] = {
    EvidenceKind.METRIC: _moved,
    EvidenceKind.LOG: _has_changed,
    EvidenceKind.CHANGE: _was_before,
    EvidenceKind.STATUS_PAGE: _is_unwell,
}
"""By kind, given the onset in epoch seconds; of other kinds only what is out of the ordinary is gathered."""
