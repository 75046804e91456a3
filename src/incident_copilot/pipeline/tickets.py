"""Open a ticket for each action item that has none, by a person's word."""

from collections.abc import Sequence

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import keeping, ledger, run, tracking
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_items

WHAT = "open tickets"


async def file(deps: Deps, incident_id: str, person: Person, named: str | None = None) -> Outcome:
    """Have a ticket opened for each open action item that has none, at the named tracker or the first one.

    Raises:
        DecisionRefused: not allowed, nothing to open, or no such tracker; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with run.asked(deps, incident_id, person, WHAT) as (tx, incident):
        tracker = keeping.named(deps.trackers, named, "trackers", "tickets")[0]
        keeping.require_open_to_all(deps, incident)
        items = await action_items.of_incident(tx, incident.id)
        without = [item for item in items if item.is_open and _has_none(item)]
        if not without:
            raise DecisionRefused(_nothing_to_open(incident, items))
        payload = {"items": [item.number for item in without], "tracker": tracker}
        await ledger.write_by(tx, deps, incident.id, LogKind.TICKET_ASKED, person, payload)
        for item in without:
            await tracking.ask(tx, deps, incident, item, tracker, person.id)
        await tracking.show_all(tx, deps, incident)
    count = f"{len(without)} ticket{'s' * (len(without) > 1)}"
    return Outcome(text=f"I open {count} for {incident.label} at {deps.trackers[tracker].name}.", incident=incident)


def _has_none(item: ActionItem) -> bool:
    return item.external is None or item.external.state in tracking.NOT_THERE


def _nothing_to_open(incident: Incident, items: Sequence[ActionItem]) -> str:
    if any(item.is_open for item in items):
        return f"Every open action item of {incident.label} has its ticket."
    return f"{incident.label} has no open action items."
