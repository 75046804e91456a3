"""An incident for managers: what it means for people, what to expect, who works on it and what they need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import NOT_PRODUCTION
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.incident_type import of
from incident_copilot.domain.log import LogEntry, LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import chosen, people, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import share_failing
from incident_copilot.store import action_log, alerts, evidence, incidents, proposals, timeline

STATES = {
    Status.OPEN: "Nobody has taken it yet.",
    Status.ACKNOWLEDGED: "People are working on it.",
    Status.MITIGATED: "A remedy is in place and is being watched.",
    Status.RESOLVED: "It is over.",
}


@dataclass(frozen=True)
class Told:
    """What is told, each part as sentences; without names of alerts, metrics and versions."""

    incident: Incident
    impact: tuple[str, ...]
    expectation: tuple[str, ...]
    resources: tuple[str, ...]


async def for_managers(deps: Deps, incident_id: str) -> Told:
    """Return impact, expectation and resources of an incident, from what is stored.

    Raises:
        DecisionRefused: it is of a type that is not summed up for others than its audience.
        UnknownThing: there is no such incident.
    """
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        if deps.catalog.restricts(incident.incident_type):
            kind, whose = of(incident.incident_type).title, incident.team or "whoever leads it"
            raise DecisionRefused(f"A {kind} incident is not summed up for others: {whose} tells those it concerns.")
        members = await alerts.belonging(db, incident_id)
        brief = await evidence.latest_brief(db, incident_id)
        waiting = await proposals.of_incident(db, incident_id, ProposalState.OPEN)
        published = await action_log.entries(db, incident_id, kinds=[LogKind.PUBLISHED])
        observed = await timeline.of_incident(db, incident_id)
    return Told(
        incident=incident,
        impact=tuple(_impact(deps, incident, members)),
        expectation=tuple(_expectation(deps, incident, brief, waiting, published)),
        resources=tuple(_resources(incident, waiting, observed)),
    )


def _impact(deps: Deps, incident: Incident, members: Sequence[Alert]) -> Iterable[str]:
    thing = incident.service or "A part of our systems that is not named yet"
    shares = [found for alert in members if (found := share_failing(alert))]
    verb = "works with faults" if incident.is_running else "worked with faults"
    share = f": about {max(shares):.0%} of what is asked of it fails" if shares else ""
    yield f"{thing} {verb}{share}."
    yield _who_notices(deps, incident)
    lasted = show.in_words((incident.ended_at or deps.now()) - incident.started_at)
    yield f"{'For' if incident.is_running else 'It lasted'} {lasted}{' so far' * incident.is_running}."


def _who_notices(deps: Deps, incident: Incident) -> str:
    if (incident.environment or "").lower() in NOT_PRODUCTION:
        return f"It is in {incident.environment}; customers do not meet it."
    service = deps.catalog.service(incident.service)
    if service is None or service.user_facing is None:
        return "Whether customers notice it is not known."
    return "Customers use it directly." if service.user_facing else "Customers do not use it directly."


def _expectation(
    deps: Deps,
    incident: Incident,
    brief: Brief | None,
    waiting: Sequence[Proposal],
    published: Sequence[LogEntry],
) -> Iterable[str]:
    yield STATES[incident.status]
    if not incident.is_running:
        return
    known = bool(brief and brief.suspect)
    yield "A likely cause is known." if known else "The cause is not known yet, so nobody can say when it ends."
    if any(one.kind is ProposalKind.ACTION for one in waiting):
        yield "A remedy is proposed and waits for a decision."
    customers = [row for row in published if row.payload.get("audience") == "customers"]
    if customers:
        due = customers[-1].at + chosen.cadence(deps, incident)
        late = ", which is overdue" if due < deps.now() else ""
        yield f"Customers were told at {customers[-1].at:%H:%M} UTC; the next update is due by {due:%H:%M} UTC{late}."
    else:
        yield "Customers have been told nothing yet."


def _resources(incident: Incident, waiting: Sequence[Proposal], observed: Sequence[TimelineEntry]) -> Iterable[str]:
    lead = f"<@{incident.commander}> leads it." if incident.commander else "It needs somebody to lead it."
    yield lead if incident.is_running or incident.commander else "Nobody led it."
    wrote = {one.author for one in observed if one.kind is TimelineKind.MESSAGE and one.author}
    yield f"{len(wrote)} {'person has' if len(wrote) == 1 else 'people have'} written in its channel."
    deciders = list(dict.fromkeys(people.who_may_decide(one) for one in waiting))
    if deciders:
        yield f"Needed: {'a decision' if len(waiting) == 1 else 'decisions'} by {'; by '.join(deciders)}."
