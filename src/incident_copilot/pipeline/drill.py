"""Drills: a scenario is played as a test incident, its alerts coming in by the front door, and scored at its end."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incident_copilot.domain.base import new_id
from incident_copilot.domain.drill import SOURCE, Drill, Played
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import chosen, ending, ledger, people, receive, scoring, show, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import Drills
from incident_copilot.store import drills, incidents
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

LONGEST = timedelta(hours=2)
"""After so long a drill ends by itself: people have gone back to their work."""
_MOST_SHOWN = 5


async def start(deps: Deps, person: Person, wanted: str | int | None) -> Outcome:
    """Begin a drill: of a scenario by its name, of what a seed makes, or of anything new.

    Raises:
        DecisionRefused: not allowed, no such scenario, or another drill runs.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, None, {"asked": "start a drill"}):
        people.require(person, Role.COMMANDER, "start a drill")
        worlds = _worlds(deps)
        try:
            played = worlds.named(wanted) if isinstance(wanted, str) else worlds.made(wanted or _any_seed(deps))
        except UnknownThing as error:
            raise DecisionRefused(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    async with deps.db.transaction(CLICKS) as tx:
        begun = await begin(tx, deps, _drill(deps, played, f"drill:{new_id(deps.now())}", person.id))
    if not begun:
        raise DecisionRefused("A drill runs already; `/incident drill stop` ends it.")
    return Outcome(text=f"The drill {played.name} begins: its alert comes in as any other. Nobody is paged.")


async def start_unattended(deps: Deps, played: Played) -> str:
    """Begin a drill that no person of the workspace asked for; return what came of it.

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.transaction() as tx:
        begun = await begin(tx, deps, _drill(deps, played, f"drill:{new_id(deps.now())}", None))
    return f"The drill {played.name} begins." if begun else "Another drill runs; nothing was begun."


async def begin(tx: Tx, deps: Deps, drill: Drill) -> bool:
    """Keep a drill and wake it; False where another one runs, or it was there before."""
    if not await drills.begin(tx, drill):
        return False
    payload = {"drill": drill.id, "scenario": drill.scenario}
    await ledger.write(tx, deps, None, LogKind.DRILL_STARTED, drill.started_by or "policy:calendar", payload)
    await wakeups.drill(tx, deps, drill.id, at=deps.now())
    return True


async def stop(deps: Deps, person: Person) -> Outcome:
    """End the drill that runs, without a score for what was not done.

    Raises:
        DecisionRefused: not allowed, or none runs.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.COMMANDER, "stop a drill")
    async with deps.db.transaction(CLICKS) as tx:
        drill = await drills.running(tx, deps.workspace_id)
        if drill is None:
            raise DecisionRefused("No drill runs.")
        await _end(tx, deps, drill, person.id, "The drill was stopped.")
    return Outcome(text=f"The drill {drill.scenario} has ended.")


async def shown(deps: Deps) -> list[str]:
    """Return what can be drilled, what runs, and how the latest ones went."""
    async with deps.db.read() as db:
        latest = await drills.latest(db, deps.workspace_id, _MOST_SHOWN)
    offered = [f"{one.name}: {one.title}{', a rollback' * one.is_rollback}" for one in _worlds(deps).offered()]
    went = [
        f"{one.started_at:%Y-%m-%d} {one.scenario}: {'runs now' if one.is_running else one.result}" for one in latest
    ]
    return [*offered, *went]


async def play(deps: Deps, job: Job) -> None:
    """Let in what the world's monitoring has sent since the last look; end a drill that has gone on for too long."""
    async with deps.db.read() as db:
        drill = await drills.get(db, deps.workspace_id, job.payload["drill_id"])
    if deps.drills is None or drill is None or not drill.is_running:
        async with job.finish(deps.db):
            return
    world = deps.drills.world(drill)
    news = [one for one in world.notified() if one.key not in drill.sent]
    for one in news:
        # The same front door as for webhooks; a crash after it lets the same news in again, which changes nothing.
        await receive.receive(deps, SOURCE, one.delivery, one.body)
    async with job.finish(deps.db) as tx:
        now_is = await drills.lock(tx, deps.workspace_id, drill.id) or drill
        over_at = drill.started_at + LONGEST
        if deps.now() >= over_at:
            await _end(tx, deps, now_is, "policy:drill", "The drill's time is over.")
            return
        sent = tuple(dict.fromkeys([*now_is.sent, *(one.key for one in news)]))
        await drills.save(tx, now_is.model_copy(update={"sent": sent}))
        await wakeups.drill(tx, deps, drill.id, at=min(over_at, world.next_at or over_at))


async def score(deps: Deps, job: Job) -> None:
    """Write the scorecard of a drill whose incident has ended, and show it there."""
    async with job.finish(deps.db) as tx:
        drill = await drills.of_incident(tx, deps.workspace_id, job.payload["incident_id"])
        if drill is None or not drill.is_running or deps.drills is None:
            return
        incident = await incidents.get(tx, job.payload["incident_id"])
        marks = await scoring.marks(tx, incident, deps.drills.world(drill), deps.catalog.comms)
        ended = await drills.save(tx, drill.model_copy(update={"ended_at": deps.now(), "marks": marks}))
        payload = {"drill": drill.id, "scenario": drill.scenario, "result": ended.result}
        await ledger.write(tx, deps, incident.id, LogKind.DRILL_SCORED, "policy:drill", payload)
        detail = "\n".join(scoring.line(mark) for mark in marks)
        text = f"Scorecard of the drill {drill.scenario}: {ended.result}."
        await show.notice(tx, deps, incident, "scorecard", text, detail=detail)


async def due(deps: Deps, job: Job) -> None:
    """Begin the drill of the month, within working hours and while nothing serious runs; every second is a rollback."""
    now = deps.now()
    local = now.astimezone(ZoneInfo(chosen.working_hours(deps).zone))
    day = deps.policy.drill_day
    is_time = bool(day) and local.day >= day and chosen.working_hours(deps).cover(now)
    async with job.finish(deps.db) as tx:
        if not is_time or deps.drills is None or await _is_busy(tx, deps):
            return
        played = deps.drills.made(local.year * 100 + local.month, rollback=local.month % 2 == 0)
        await begin(tx, deps, _drill(deps, played, f"month:{local:%Y-%m}", None))


async def _is_busy(tx: Tx, deps: Deps) -> bool:
    running = await incidents.running(tx, deps.workspace_id)
    return any(one.severity in (Severity.P0, Severity.P1) or one.test for one in running)


async def _end(tx: Tx, deps: Deps, drill: Drill, actor: str, note: str) -> None:
    """A drill without an incident has nothing to score; any other is scored when its incident has ended."""
    incident = await incidents.lock(tx, drill.incident_id) if drill.incident_id else None
    if incident and incident.is_running:
        await ending.end(tx, deps, incident, actor=actor, ending=Ending.FALSE_ALARM, note=note)
    elif incident is None:
        await drills.save(tx, drill.model_copy(update={"ended_at": deps.now()}))


def _drill(deps: Deps, played: Played, key: str, person: str | None) -> Drill:
    now: datetime = deps.now()
    return Drill(
        id=new_id(now),
        workspace_id=deps.workspace_id,
        key=key,
        scenario=played.name,
        text=played.text,
        started_by=person,
        started_at=now,
    )


def _worlds(deps: Deps) -> Drills:
    if deps.drills is None:
        raise DecisionRefused("This process has no worlds for drills.")
    return deps.drills


def _any_seed(deps: Deps) -> int:
    return int(deps.now().timestamp())
