"""Bring the numbers on an incident's card up to date: at once after a calm, ever less often while a storm lasts."""

from datetime import datetime, timedelta

from incident_copilot.domain.content import Card
from incident_copilot.domain.effect import Effect
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

MOST_AT_ONCE = 50
FIRST, SLOWEST = timedelta(seconds=5), timedelta(seconds=60)


async def recount(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Show the numbers of an incident, now or when it is time to; what has happened to the incident itself, now."""
    slot = "card" if show.has_channel(incident) else "announcement"
    last = await effects.latest(tx, deps.workspace_id, incident.id, slot)
    at = next_at(incident, last.created_at, FIRST) if last else deps.now()
    if last and at > deps.now() and _stands(last, incident) and not show.is_unsent(last):
        await wakeups.recount(tx, deps, incident.id, at=at)
    elif last is None or show.card_in(last) != await _as_of(tx, deps, incident, last):
        await show.card(tx, deps, incident.id)


async def soon(tx: Tx, deps: Deps) -> None:
    """Have the cards of the newest running incidents brought up to date: what mutes alerts has changed."""
    for incident in (await incidents.running(tx, deps.workspace_id))[:MOST_AT_ONCE]:
        await wakeups.recount(tx, deps, incident.id, at=deps.now())


async def due(deps: Deps, job: Job) -> None:
    """Show the numbers of an incident, if it is still time to."""
    async with job.finish(deps.db) as tx:
        await recount(tx, deps, await incidents.get(tx, job.payload["incident_id"]))


def next_at(incident: Incident, last_at: datetime, first: timedelta, growth: int = 1) -> datetime:
    """Return when something that was shown at `last_at` is worth showing anew.

    Where `first` is 5 s, that is 5, 10, 20, 40 s ... after the opening, and then once a minute; a `growth` of 3 makes
    it 5, 20, 80 s ..., and then every three minutes.
    """
    return last_at + min(max(growth * (last_at - incident.opened_at), first), growth * SLOWEST)


async def _as_of(tx: Tx, deps: Deps, incident: Incident, last: Effect) -> Card:
    """Return the card as it would have been shown by an effect: that time goes on is no news."""
    seen = show.card_in(last)
    card = await show.card_of(tx, deps, incident.id)
    return card.model_copy(update={"now": seen.now}) if seen else card


def _stands(effect: Effect, incident: Incident) -> bool:
    """Whether people see, or will see by this effect, how the incident stands; where it is shown does not count."""
    card = show.card_in(effect)
    return card is not None and _state(card.incident) == _state(incident)


def _state(incident: Incident) -> Incident:
    return incident.model_copy(update={"channel_id": None, "thread_ts": None})
