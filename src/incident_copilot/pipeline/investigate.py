"""Say what is broken, since when, what changed and what likely caused it, from the evidence alone, without a model."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from incident_copilot.analysis.changes import Change, RankedChange, Symptoms, rank_changes
from incident_copilot.analysis.findings import Cause, Findings, ProviderStatus
from incident_copilot.analysis.findings import Statement as Found
from incident_copilot.analysis.hypotheses import weigh
from incident_copilot.analysis.logs import LogLine, TemplateChange, compare_templates
from incident_copilot.analysis.onset import Onset, find_onset
from incident_copilot.analysis.ranking import RankedSeries, Series, rank_series
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Statement, Verdict
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.measure import is_about, number

HYPOTHESES = 4
HEADLINE = 120  # characters of a log message in the brief; the whole is in the evidence
VERDICTS = {
    "likely": Verdict.LIKELY,
    "possible": Verdict.POSSIBLE,
    "unlikely": Verdict.UNLIKELY,
    "excluded": Verdict.RULED_OUT,
}


class MeasuredOnset(Frozen):
    """When the alerting metric left its normal level, and what it was before and after."""

    at: datetime
    evidence: Evidence
    before: float
    after: float
    confidence: float


class Investigation(Frozen):
    """What an investigation found: the brief, when it began, the change to roll back where one stands out."""

    brief: Brief
    started_at: datetime
    onset: MeasuredOnset | None = None
    culprit: Evidence | None = None


def investigate(deps: Deps, incident: Incident, members: Sequence[Alert], bundle: ContextBundle) -> Investigation:
    """Return the deterministic brief; every line of it cites evidence of the bundle (promises P9 and P11)."""
    onset = _onset(members, bundle)
    started_at = onset.at if onset else min([incident.started_at, *(alert.starts_at for alert in members)])
    findings = _findings(deps, incident, members, bundle, started_at)
    causes = weigh(findings)
    hypotheses = _hypotheses(causes, bundle)
    culprit = _culprit(causes, bundle)
    brief = Brief(
        incident_id=incident.id,
        as_of=deps.now(),
        headline=_headline(incident, members, started_at, deps.now()),
        lines=tuple(_lines(incident, members, bundle, onset, findings)),
        hypotheses=hypotheses,
        first_step=_first_step(bundle, culprit),
        gaps=bundle.gaps,
        note="" if deps.llm else "No model is configured; this brief is computed from the evidence.",
    )
    return Investigation(brief=brief, started_at=started_at, onset=onset, culprit=culprit)


def _onset(members: Sequence[Alert], bundle: ContextBundle) -> MeasuredOnset | None:
    """The onset of the first alert whose metric shows one."""
    for alert in sorted(members, key=lambda member: member.starts_at):
        item = next((item for item in bundle.evidence if is_about(item, alert)), None)
        if item is None:
            continue
        series = _series(item)
        onset: Onset | None = find_onset(series.times, series.values, alert_at=alert.starts_at.timestamp())
        if onset:
            at = datetime.fromtimestamp(onset.at, UTC)
            return MeasuredOnset(
                at=at, evidence=item, before=onset.before, after=onset.after, confidence=onset.confidence
            )
    return None


def _findings(
    deps: Deps, incident: Incident, members: Sequence[Alert], bundle: ContextBundle, started_at: datetime
) -> Findings:
    at = started_at.timestamp()
    alerting = _alerting_service(incident, members)
    series = _ranked_series(bundle, at)
    templates = _templates(bundle, at)
    depends_on = {name: tuple(needs) for name, needs in deps.catalog.depends_on.items()}
    symptoms = Symptoms(
        alerting_service=alerting,
        onset_at=at,
        error_services=frozenset(change.service for change in templates.values() if change.severe),
        log_texts=tuple(change.headline for change in templates.values() if change.kind != "vanished"),
        metric_names=tuple(ranked.name for ranked in series.values() if ranked.score > 0),
        depends_on=depends_on,
    )
    gone = {gap.source for gap in bundle.gaps}
    return Findings(
        alert=_alert_id(bundle),
        service=alerting,
        onset_at=at,
        changes=_ranked_changes(bundle, symptoms),
        series=series,
        templates=templates,
        providers=_providers(bundle),
        gaps={f"gap:{gap.source}": f"{gap.source}: {gap.reason}" for gap in bundle.gaps},
        depends_on=depends_on,
        changes_known=_changes_known(deps, gone),
    )


def _changes_known(deps: Deps, gone: set[str]) -> bool:
    """Whether a source of changes answered; without one, having seen no change means nothing."""
    return any("github" in source.name.lower() and source.name not in gone for source in deps.context_sources)


def _alerting_service(incident: Incident, members: Sequence[Alert]) -> str:
    named = [incident.service, *(alert.service for alert in members), incident.title]
    return next(name for name in named if name)


def _alert_id(bundle: ContextBundle) -> str:
    return next((item.id for item in bundle.evidence if item.kind is EvidenceKind.ALERT), "")


def _ranked_series(bundle: ContextBundle, onset: float) -> dict[str, RankedSeries]:
    # Of series that share a title the first is taken: they are of one query, those that moved most first.
    by_name: dict[str, Evidence] = {}
    for item in _of(bundle, EvidenceKind.METRIC):
        by_name.setdefault(item.title, item)
    ranked = rank_series({name: _series(item) for name, item in by_name.items()}, onset=onset)
    return {by_name[one.name].id: one for one in ranked}


def _templates(bundle: ContextBundle, onset: float) -> dict[str, TemplateChange]:
    found: dict[str, TemplateChange] = {}
    for item in _of(bundle, EvidenceKind.LOG):
        service = str(item.data.get("service") or "")
        lines = [LogLine(at=float(at), text=str(text), service=service) for at, text in item.data["lines"]]
        before = [line for line in lines if line.at < onset]
        during = [line for line in lines if line.at >= onset]
        since, until = float(item.data["since"]), float(item.data["until"])
        changes = compare_templates(before, during, before_s=onset - since, during_s=until - onset)
        for change in changes[:1]:
            found[item.id] = change
    return found


def _ranked_changes(bundle: ContextBundle, symptoms: Symptoms) -> dict[str, RankedChange]:
    changes = [
        Change(
            id=item.id,
            service=str(item.data["service"]),
            at=float(item.data["at"]),
            kind=str(item.data.get("kind", "deploy")),
            title=item.title,
            diff_text=str(item.data.get("diff") or ""),
            version=str(item.data.get("version") or ""),
            author=str(item.data.get("author") or ""),
        )
        for item in _of(bundle, EvidenceKind.CHANGE)
    ]
    return {ranked.change.id: ranked for ranked in rank_changes(changes, symptoms)}


def _providers(bundle: ContextBundle) -> dict[str, ProviderStatus]:
    return {
        item.id: ProviderStatus(
            name=str(item.data["provider"]),
            status=item.data["state"],
            since=item.data.get("since"),
            detail=item.summary,
        )
        for item in _of(bundle, EvidenceKind.STATUS_PAGE)
    }


def _hypotheses(causes: Sequence[Cause], bundle: ContextBundle) -> tuple[Hypothesis, ...]:
    held = {item.id for item in bundle.evidence}
    ruled_out = [cause for cause in causes if cause.verdict == "excluded"]
    standing = [cause for cause in causes if cause.verdict != "excluded"][:HYPOTHESES]
    return tuple(_hypothesis(cause, held) for cause in (*standing, *ruled_out[:HYPOTHESES]))


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
        change_id=cause.subject if cause.subject in held else None,
    )


def _statement(found: Found, held: set[str]) -> Statement:
    return Statement(text=found.text, evidence_ids=tuple(key for key in found.keys if key in held))


def _culprit(causes: Sequence[Cause], bundle: ContextBundle) -> Evidence | None:
    top = causes[0]
    if top.kind != "change" or top.verdict != "likely":
        return None
    return next((item for item in bundle.evidence if item.id == top.subject), None)


def _headline(incident: Incident, members: Sequence[Alert], started_at: datetime, now: datetime) -> str:
    what = members[0].summary or members[0].name if members else incident.title
    return f"{what.rstrip('.')}, since {_clock(started_at)} ({show.in_words(now - started_at)})"


def _lines(
    incident: Incident,
    members: Sequence[Alert],
    bundle: ContextBundle,
    onset: MeasuredOnset | None,
    findings: Findings,
) -> list[Statement]:
    lines = [_broken(incident, members, bundle)]
    if onset:
        lines.append(_since(members, onset))
    lines += [_said(change, key) for key, change in list(findings.templates.items())[:2] if change.kind != "vanished"]
    lines += _changed(findings)
    return lines


def _broken(incident: Incident, members: Sequence[Alert], bundle: ContextBundle) -> Statement:
    if not members:
        return Statement(text=f"Declared by a person: {incident.title}")
    firing = [alert for alert in members if alert.status is AlertStatus.FIRING]
    named = "; ".join((alert.description or alert.summary or alert.name).rstrip(".") for alert in members[:3])
    ids = tuple(item.id for item in bundle.evidence if item.kind is EvidenceKind.ALERT)[:3]
    more = f" (and {len(members) - 3} more alerts)" if len(members) > 3 else ""
    state = "" if len(firing) == len(members) else f" {len(firing)} of {len(members)} alerts still firing."
    return Statement(text=f"{named}{more}.{state}", evidence_ids=ids)


def _since(members: Sequence[Alert], onset: MeasuredOnset) -> Statement:
    unit = str(onset.evidence.data.get("unit", ""))
    first = min(alert.starts_at for alert in members)
    lead = first - onset.at
    ahead = f", {show.in_words(lead)} before the alert" if lead > timedelta(seconds=5) else ""
    change = f"{number(onset.before, unit)} to {number(onset.after, unit)}"
    return Statement(
        text=f"Began {_clock(onset.at)}{ahead}: {onset.evidence.title} went from {change}.",
        evidence_ids=(onset.evidence.id,),
    )


def _said(change: TemplateChange, key: str) -> Statement:
    rate = f"{number(round(change.per_minute_before), '')} to {number(round(change.per_minute_during), '')} a minute"
    where = f" in {change.service}" if change.service else ""
    headline = change.headline if len(change.headline) <= HEADLINE else f"{change.headline[:HEADLINE]}..."
    return Statement(text=f'{change.kind.capitalize()} message{where}: "{headline}", {rate}.', evidence_ids=(key,))


def _changed(findings: Findings) -> list[Statement]:
    """What went out near the onset, and why what could be suspected is not the cause, where it is not."""
    lines = []
    for key, ranked in findings.changes.items():
        reason = ranked.reasons[0].text
        if ranked.verdict in ("likely", "possible"):
            moved = f", {', '.join(ranked.settings)}" if ranked.settings else ""
            lines.append(Statement(text=f"Changed: {ranked.change.name}{moved}; {reason}.", evidence_ids=(key,)))
        elif ranked.verdict == "excluded":
            lines.append(Statement(text=f"Not the cause: {ranked.change.name}; {reason}.", evidence_ids=(key,)))
    if not lines and findings.changes_known:
        lines.append(
            Statement(text=_no_change_text(findings), evidence_ids=tuple(findings.changes)[:3] or (findings.alert,))
        )
    return lines[:4]


def _no_change_text(findings: Findings) -> str:
    count = len(findings.changes)
    return "No change explains this: " + (
        f"{count} looked at, none fits." if count else "nothing went out near the onset."
    )


def _first_step(bundle: ContextBundle, culprit: Evidence | None) -> Statement | None:
    if culprit and culprit.data.get("previous"):
        text = f"Roll back {culprit.data['service']} to {culprit.data['previous']}"
        return Statement(text=text, evidence_ids=(culprit.id,))
    runbook = next((item for item in bundle.evidence if item.kind is EvidenceKind.RUNBOOK), None)
    return Statement(text=f"Follow {runbook.title}", evidence_ids=(runbook.id,)) if runbook else None


def _series(item: Evidence) -> Series:
    points: Sequence[Sequence[float]] = item.data["points"]
    values = np.array(points, dtype=np.float64).reshape(-1, 2)
    return Series(times=values[:, 0], values=values[:, 1], service=str(item.data.get("service") or ""))


def _of(bundle: ContextBundle, kind: EvidenceKind) -> list[Evidence]:
    return [item for item in bundle.evidence if item.kind is kind]


def _clock(at: datetime) -> str:
    return f"{at:%H:%M} UTC"
