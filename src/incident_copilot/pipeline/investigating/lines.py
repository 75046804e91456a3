"""The lines of the brief: what is broken, since when, what is new in the logs, and which changes are not the cause."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from incident_copilot.analysis.changes import RankedChange
from incident_copilot.analysis.echoes import echoes
from incident_copilot.analysis.findings import Cause, Findings
from incident_copilot.analysis.oddness import ODD as ODD_VALUE
from incident_copilot.analysis.oddness import oddest_since
from incident_copilot.analysis.ranking import ODD
from incident_copilot.analysis.statements import shortened
from incident_copilot.analysis.words import figure, number
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind, Quote
from incident_copilot.domain.hypothesis import NOTHING_WRONG, Statement
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import show
from incident_copilot.pipeline.investigating.also import also_found
from incident_copilot.pipeline.investigating.findings import evidence_id, of_kind
from incident_copilot.pipeline.measure import is_about

# Twelve in all, with the headline, the suspect and two reasons, the first step, what could not be looked at, the note.
MOST = 5
AROUND_ALERT = timedelta(minutes=5)
MESSAGES = 2
NAMED = 2  # changes that are not the cause and are named all the same


class MeasuredOnset(Frozen):
    """When the alerting metric left its normal level, and what it was before and after."""

    at: datetime
    evidence: Evidence
    before: float
    after: float
    confidence: float


def lines(
    incident: Incident,
    members: Sequence[Alert],
    bundle: ContextBundle,
    onset: MeasuredOnset | None,
    findings: Findings,
    causes: Sequence[Cause],
) -> tuple[Statement, ...]:
    """Return at most five lines; what the suspect's own reasons say already is not repeated."""
    since = [_since(members, onset, findings)] if onset else _spikes(members, bundle)
    changed = _changed(findings, causes)
    room = MOST - 1 - len(since) - len(changed)
    said = _messages(findings, causes[0])[: min(MESSAGES, room)]
    first = [_broken(incident, members, bundle), *since, *said, *_calm(causes[0])]
    first += _set_apart(findings, bundle, causes[0])[: max(0, MOST - len(first) - len(changed))]
    also = also_found(bundle, incident.service)[: max(0, MOST - len(first) - len(changed))]
    return (*first, *also, *changed)


def clock(at: datetime) -> str:
    """Return the time of day."""
    return f"{at:%H:%M} UTC"


def _broken(incident: Incident, members: Sequence[Alert], bundle: ContextBundle) -> Statement:
    if not members:
        title = Quote(by="Whoever declared it", text=incident.title)
        return Statement(text=f"Declared by a person: {incident.title}", quote=title)
    firing = [alert for alert in members if alert.status is AlertStatus.FIRING]
    said = dict.fromkeys((alert.description or alert.summary or alert.name).rstrip(".") for alert in members)
    more = f" (and {len(said) - 3} more)" if len(said) > 3 else ""
    state = "" if len(firing) == len(members) else f" {len(firing)} of {len(members)} alerts still firing."
    ids = tuple(item.id for item in of_kind(bundle, EvidenceKind.ALERT))[:3]
    quote = Quote(by="An alert", text="; ".join(list(said)[:3]))
    return Statement(text=f"{quote.text}{more}.{state}", evidence_ids=ids, quote=quote)


def _since(members: Sequence[Alert], onset: MeasuredOnset, findings: Findings) -> Statement:
    unit = str(onset.evidence.data.get("unit", ""))
    lead = min(alert.starts_at for alert in members) - onset.at
    ahead = f", {show.in_words(lead)} before the alert" if lead > timedelta(seconds=5) else ""
    change = f"{number(onset.before, unit)} to {number(onset.after, unit)}"
    ranked = findings.series.get(onset.evidence.id)
    usual = ", as it does at other times" if ranked and not ranked.score and ranked.standing >= ODD else ""
    return Statement(
        text=f"Began {clock(onset.at)}{ahead}: {onset.evidence.title} went from {change}{usual}.",
        evidence_ids=(onset.evidence.id,),
    )


def _spikes(members: Sequence[Alert], bundle: ContextBundle) -> list[Statement]:
    """Return the value of an alerting metric that is like none before it, where its level did not change."""
    for alert in sorted(members, key=lambda one: one.starts_at):
        for item in (one for one in bundle.evidence if is_about(one, alert)):
            since = alert.starts_at - AROUND_ALERT
            oddest = oddest_since(item.data["points"], since.timestamp())
            if oddest and oddest.score >= ODD_VALUE:
                at = datetime.fromtimestamp(oddest.at, UTC)
                told = number(oddest.value, str(item.data.get("unit", "")))
                text = f"{item.title} was at {told} at {clock(at)}, unlike anything before."
                return [Statement(text=text, evidence_ids=(item.id,))]
    return []


def _set_apart(findings: Findings, bundle: ContextBundle, suspect: Cause) -> list[Statement]:
    """Return what sets apart the version, region or cohort that changed, where the suspect does not say it."""
    known = {one.text for one in suspect.supporting}
    titles = {item.id: item.title for item in of_kind(bundle, EvidenceKind.METRIC)}
    return [
        Statement(text=f"{titles[one.keys[0]]}: {one.reason}.", evidence_ids=one.keys)
        for one in findings.contrasts[:1]
        if one.reason not in known
    ]


def _calm(first: Cause) -> list[Statement]:
    """That nothing is wrong, where that is what the evidence says, with the best reason; no message says otherwise."""
    if first.kind != NOTHING_WRONG:
        return []
    reason = first.supporting[0]
    text = f"{first.title[0].upper()}{first.title[1:]}; {reason.text}."
    return [Statement(text=text, evidence_ids=tuple(dict.fromkeys(map(evidence_id, reason.keys))))]


def _messages(findings: Findings, suspect: Cause) -> list[Statement]:
    """What is new in the logs, one line a message: where a dependency said it first, its callers are only named."""
    repeated = echoes(findings.templates, findings.depends_on)
    known = set() if suspect.kind == "change" else {key for one in suspect.supporting[:2] for key in one.keys}
    found = []
    for key, change in findings.templates.items():
        if change.kind == "vanished" or not change.severe or key in repeated or key in known:
            continue
        echoing = {by: echo for by, echo in repeated.items() if echo.origin == key}
        places = dict.fromkeys([change.service, *(findings.templates[by].service for by in echoing)])
        said = shortened(min((echo.fragment for echo in echoing.values()), key=len, default=change.headline))
        rate = f"{figure(change.per_minute_before)} to {figure(change.per_minute_during)} a minute"
        where = f" in {' and '.join(places)}" if change.service else ""
        cited = tuple(dict.fromkeys(map(evidence_id, [key, *echoing])))
        text = f'{change.kind.capitalize()} message{where}: "{said}", {rate}.'
        found.append((len(places), change.per_minute_during, Statement(text=text, evidence_ids=cited)))
    return [line for *_, line in sorted(found, key=lambda one: (-one[0], -one[1]))]


def _changed(findings: Findings, causes: Sequence[Cause]) -> list[Statement]:
    """Which changes could also be it, and why those that people will ask about are not."""
    listed = {cause.subject: cause for cause in causes[1:] if cause.kind == "change"}
    possible = [key for key, cause in listed.items() if cause.verdict in ("likely", "possible")]
    others = [key for key in listed if key not in possible]
    found = [_also(key, findings.changes[key]) for key in possible[:1]]
    if possible or causes[0].kind == "change":
        near = [key for key in others if _is_near(findings.changes[key])]
        return found + ([_not_the_cause("Not the cause: ", near, listed, findings)] if near else [])
    if findings.changes_known:
        found.append(_no_change(others, listed, findings))
    return found


def _also(key: str, ranked: RankedChange) -> Statement:
    moved = f" ({', '.join(ranked.settings)})" if ranked.settings else ""
    return Statement(text=f"Also changed: {ranked.change.name}{moved}; {ranked.reasons[0].text}.", evidence_ids=(key,))


def _is_near(ranked: RankedChange) -> bool:
    """Whether a change went out close enough to the onset for people to suspect it."""
    return abs(ranked.lag_s) <= timedelta(hours=1).total_seconds()


def _not_the_cause(opening: str, keys: Sequence[str], listed: Mapping[str, Cause], findings: Findings) -> Statement:
    near = sorted(keys, key=lambda key: abs(findings.changes[key].lag_s))[:NAMED]
    told = [f"{findings.changes[key].change.name} ({_why_not(listed[key])})" for key in near]
    return Statement(text=f"{opening}{' and '.join(told)}.", evidence_ids=tuple(near))


def _why_not(cause: Cause) -> str:
    return next((one.text for one in cause.contradicting), "nothing speaks for it")


def _no_change(keys: Sequence[str], listed: Mapping[str, Cause], findings: Findings) -> Statement:
    if keys:
        return _not_the_cause("No change explains this: not ", keys, listed, findings)
    return Statement(
        text="No change explains this: nothing went out near the onset.",
        evidence_ids=(findings.alert,) if findings.alert else (),
    )
