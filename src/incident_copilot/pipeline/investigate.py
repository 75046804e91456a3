"""Say what is broken, since when, what changed and what likely caused it, from the evidence alone, without a model.

It only computes, and may take longer than the event loop should stand still, so it is called in a thread: the loop goes
on answering clicks meanwhile. A process would have to be sent megabytes of log lines and started first, which takes
longer than the work itself.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from pydantic import Field

from incident_copilot.analysis.findings import Cause
from incident_copilot.analysis.findings import Statement as Found
from incident_copilot.analysis.hypotheses import weigh
from incident_copilot.analysis.logs import TemplateChange
from incident_copilot.analysis.onset import find_onset
from incident_copilot.analysis.trust import Trust
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import NOTHING_WRONG, Brief, Hypothesis, Statement, Verdict
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.pipeline import show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.findings import evidence_id, findings_of, series_of
from incident_copilot.pipeline.investigating.lines import MeasuredOnset, clock, lines
from incident_copilot.pipeline.investigating.looked import Looked
from incident_copilot.pipeline.investigating.observed import Watched, is_of_bad_requests
from incident_copilot.pipeline.investigating.past import Past
from incident_copilot.pipeline.investigating.phases import phases_of
from incident_copilot.pipeline.measure import is_about
from incident_copilot.pipeline.model_use import services_of, why_no_model

HYPOTHESES = 5
NOTHING_LEARNED: Mapping[str, Trust] = MappingProxyType({})
RULED_OUT = 3
ACTIONABLE = (
    "saturation",
    "dependency",
    "external provider",
    "traffic",
    "infrastructure",
    "configuration",
    "defect",
    NOTHING_WRONG,
)
VERDICTS = {
    "likely": Verdict.LIKELY,
    "possible": Verdict.POSSIBLE,
    "unlikely": Verdict.UNLIKELY,
    "excluded": Verdict.RULED_OUT,
}


class Investigation(Frozen):
    """What an investigation found: the brief, when it began, the change to roll back where one stands out.

    `templates` are the log messages that changed, by the key of their finding.
    """

    brief: Brief
    started_at: datetime
    onset: MeasuredOnset | None = None
    culprit: Evidence | None = None
    templates: dict[str, TemplateChange] = Field(default_factory=dict)


def investigate(
    deps: Deps,
    incident: Incident,
    members: Sequence[Alert],
    bundle: ContextBundle,
    past: Past | None = None,
    trust: Mapping[str, Trust] = NOTHING_LEARNED,
    seen: Watched | None = None,
) -> Investigation:
    """Return the deterministic brief; every line of it cites evidence that is held (promises P9 and P11).

    `trust` says of advisers how their suggestions turned out in other incidents, `seen` what was observed of the AI
    system that it is about.
    """
    past = past or Past()
    onset = onset_of(members, bundle)
    started_at = onset.at if onset else min([incident.started_at, *(alert.starts_at for alert in members)])
    findings = findings_of(
        bundle,
        service=_alerting_service(incident, members),
        started_at=started_at,
        opened_at=incident.opened_at,
        depends_on=deps.catalog.depends_on,
        changes_known=_changes_known(deps, bundle),
        undone=past.undone,
        trust=trust,
    )
    causes = weigh(findings)
    culprit = _culprit(causes, bundle)
    brief = Brief(
        incident_id=incident.id,
        as_of=deps.now(),
        headline=_headline(incident, members, started_at, deps.now()),
        lines=lines(incident, members, bundle, onset, findings, causes),
        hypotheses=(*_hypotheses(causes, bundle), *past.ruled_out()),
        first_step=_first_step(bundle, causes[0], culprit, past),
        gaps=bundle.gaps,
        note=_note(deps, incident, members),
        phases=phases_of(Looked(incident, bundle, findings, onset, deps.catalog, seen)),
    )
    return Investigation(
        brief=brief, started_at=started_at, onset=onset, culprit=culprit, templates=dict(findings.templates)
    )


def _note(deps: Deps, incident: Incident, members: Sequence[Alert]) -> str:
    if deps.llm is None:
        return "No model is configured; this brief is computed from the evidence."
    why = why_no_model(incident, services_of(incident, members), deps.catalog)
    return f"No model sees this incident: {why}." if why else ""


def rollback_key(change: Evidence) -> str:
    """Return the key of the proposal to take a change back."""
    return f"rollback:{change.data['service']}:{change.data['previous']}"


def onset_of(members: Sequence[Alert], bundle: ContextBundle) -> MeasuredOnset | None:
    """Return the onset of the first alert whose metric shows one; None where none does.

    Of an AI system, which may be looked at only now and then, the share of bad requests stands in.
    """
    for alert in sorted(members, key=lambda member: member.starts_at):
        shown = (item for item in bundle.evidence if is_about(item, alert))
        item = next(shown, None) or next(filter(is_of_bad_requests, bundle.evidence), None)
        if item is None:
            continue
        series = series_of(item)
        onset = find_onset(series.times, series.values, alert_at=alert.starts_at.timestamp())
        if onset:
            at = datetime.fromtimestamp(onset.at, UTC)
            return MeasuredOnset(
                at=at, evidence=item, before=onset.before, after=onset.after, confidence=onset.confidence
            )
    return None


def _alerting_service(incident: Incident, members: Sequence[Alert]) -> str:
    named = [incident.service, *(alert.service for alert in members), incident.title]
    return next(name for name in named if name)


def _changes_known(deps: Deps, bundle: ContextBundle) -> bool:
    """Whether all sources of changes answered whole, or webhooks told of some; else having seen none means nothing."""
    gone = {gap.source for gap in bundle.gaps}
    sources = [source for source in deps.context_sources if EvidenceKind.CHANGE in source.finds]
    heard = bool(sources) or any(item.kind is EvidenceKind.CHANGE for item in bundle.evidence)
    return heard and all(source.name not in gone for source in sources)


def _culprit(causes: Sequence[Cause], bundle: ContextBundle) -> Evidence | None:
    top = causes[0]
    if top.kind != "change" or top.verdict != "likely":
        return None
    return next(item for item in bundle.evidence if item.id == top.subject)


def _headline(incident: Incident, members: Sequence[Alert], started_at: datetime, now: datetime) -> str:
    what = members[0].summary or members[0].name if members else incident.title
    return f"{what.rstrip('.')}, since {clock(started_at)} ({show.in_words(now - started_at)})"


def _hypotheses(causes: Sequence[Cause], bundle: ContextBundle) -> tuple[Hypothesis, ...]:
    held = {item.id for item in bundle.evidence}
    ruled_out = [cause for cause in causes if cause.verdict == "excluded"]
    standing = [cause for cause in causes if cause.verdict != "excluded"]
    unfit = [cause for cause in standing if cause.kind == "change" and not cause.confidence]
    competing = [cause for cause in standing if cause not in unfit][:HYPOTHESES]
    return tuple(_hypothesis(cause, held) for cause in (*competing, *unfit, *ruled_out[:RULED_OUT]))


def _hypothesis(cause: Cause, held: set[str]) -> Hypothesis:
    return Hypothesis(
        cause=cause.title,
        kind=cause.kind,
        object=cause.subject if cause.subject not in held else None,
        verdict=VERDICTS[cause.verdict],
        confidence=cause.confidence,
        supporting=tuple(_statement(found, held) for found in cause.supporting),
        contradicting=tuple(_statement(found, held) for found in cause.contradicting),
        next_check=cause.next_check,
        mechanism=cause.mechanism,
        confirm=cause.confirm,
        refute=cause.refute,
        signature=cause.signature,
        record=cause.record,
        change_id=cause.subject if cause.subject in held else None,
    )


def _statement(found: Found, held: set[str]) -> Statement:
    cited = dict.fromkeys(map(evidence_id, found.keys))
    return Statement(text=found.text, evidence_ids=tuple(ref for ref in cited if ref in held))


def _first_step(bundle: ContextBundle, top: Cause, culprit: Evidence | None, past: Past) -> Statement | None:
    if culprit and culprit.data.get("previous"):
        step = _rollback_step(culprit, past.of(rollback_key(culprit)))
        if step:
            return step
    if top.kind in ACTIONABLE:
        return _statement(Found(top.next_check, top.supporting[0].keys), {item.id for item in bundle.evidence})
    runbook = next((item for item in bundle.evidence if item.kind is EvidenceKind.RUNBOOK), None)
    return Statement(text=f"Open the {runbook.title}", evidence_ids=(runbook.id,)) if runbook else None


def _rollback_step(culprit: Evidence, state: ProposalState | None) -> Statement | None:
    """Return what is next about the rollback: to do it, or to watch it; None where people rejected it."""
    what = f"{culprit.data['service']} to {culprit.data['previous']}"
    if state is ProposalState.REJECTED:
        return None
    if state in (ProposalState.APPROVED, ProposalState.CARRIED_OUT):
        return Statement(text=f"Watch whether rolling back {what} helps", evidence_ids=(culprit.id,))
    return Statement(text=f"Roll back {what}", evidence_ids=(culprit.id,))
