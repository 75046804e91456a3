"""Link an incident: to another one that has to do with it, or to a page that people need."""

from incident_copilot.domain.effect import Bookmark
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, run, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, texts
from incident_copilot.store.db import CLICKS, Tx

MOST = 10
LINK = "link incidents"


async def relate(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Say that two incidents have to do with each other, on both; either may have ended.

    Raises:
        DecisionRefused: not allowed, no such incident, itself, linked already, or too many; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": LINK, "other": number}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.RESPONDER, LINK)
        found = await incidents.by_number(tx, deps.workspace_id, number)
        if found is None or found.private:
            raise DecisionRefused(f"There is no INC-{number}.")
        # In one order, so that nobody who links them the other way waits in a circle.
        locked = {one: await incidents.lock(tx, one) for one in sorted({incident_id, found.id})}
        incident, other = locked[incident_id], locked[found.id]
        _require_fit(incident, other)
        for one, another in ((incident, other), (other, incident)):
            await incidents.save(tx, one.model_copy(update={"related": (*one.related, another.label)}))
            await ledger.write_by(tx, deps, one.id, LogKind.LINKED, person, {"label": another.label})
            await show.card(tx, deps, one.id)
    return Outcome(text=f"{incident.label} and {other.label} name each other now.", incident=incident)


async def page(deps: Deps, incident_id: str, person: Person, address: str, title: str) -> Outcome:
    """Put a link on the card, and into the header of the incident's channel.

    Raises:
        DecisionRefused: not allowed, no web address, or too many; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with run.changing(deps, incident_id, person, "add links") as (tx, incident):
        if not address.startswith(("https://", "http://")):
            raise DecisionRefused("That is no web address. As in /incident link https://grafana.example/d/1 dashboard.")
        if len(incident.links) >= MOST:
            raise DecisionRefused(f"{incident.label} has {MOST} links; that is enough for a card.")
        name = title.strip()[:60] or "Link"
        changed = await incidents.save(tx, incident.model_copy(update={"links": incident.links | {name: address}}))
        await _logged(tx, deps, changed, person, f"{name}: {address}")
        if show.has_channel(changed):
            await show.send(tx, deps, changed, Bookmark(title=name, link=address), stream=f"links:{changed.id}")
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"{name} is on the card of {changed.label}.", incident=changed)


def _require_fit(incident: Incident, other: Incident) -> None:
    if incident.id == other.id:
        raise DecisionRefused(f"{other.label} is this incident. Name the other one.")
    if incident.private or incident.test is not other.test:
        raise DecisionRefused("A private incident, or a drill, is not linked with another one.")
    if other.label in incident.related:
        raise DecisionRefused(f"{incident.label} and {other.label} are linked already.")
    if max(len(incident.related), len(other.related)) >= MOST:
        raise DecisionRefused(f"One of the two is linked with {MOST} others; that is enough for a card.")


async def _logged(tx: Tx, deps: Deps, incident: Incident, person: Person, text: str) -> None:
    kept = await texts.store_text(tx, incident_id=incident.id, author=person.id, text=text, now=deps.now())
    await ledger.write_by(tx, deps, incident.id, LogKind.LINKED, person, {"link": kept})
