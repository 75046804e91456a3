"""Who is on call: by a schedule elsewhere as last read, else by the rotation or the people of catalog.yaml."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from incident_copilot.domain.catalog import Catalog, Team
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.rotation import OnDuty
from incident_copilot.errors import VendorError
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import duties
from incident_copilot.store.db import Tx
from incident_copilot.store.duties import Duty
from incident_copilot.store.jobs import Job


class Called(NamedTuple):
    """Chat ids of who is called first and second, until when that holds, and what says so."""

    primary: str | None = None
    secondary: str | None = None
    until: datetime | None = None
    by: str = "catalog.yaml"
    problem: str | None = None


async def of(db: Tx, deps: Deps, incident: Incident) -> Called:
    """Return who is called for an incident; nobody where its team has nobody."""
    return await of_team(db, deps, deps.catalog.team(incident.team))


async def of_team(db: Tx, deps: Deps, team: Team | None) -> Called:
    """Return who is called for a team now."""
    if team is None:
        return Called()
    read = await duties.of(db, deps.workspace_id) if team.on_call.source else {}
    return called(deps.catalog, team, read, deps.now())


def called(catalog: Catalog, team: Team, read: Mapping[tuple[str, str], Duty], now: datetime) -> Called:
    """Return who is called, of what schedules said last and what the catalogue has."""
    wanted = team.on_call
    duty = read.get((wanted.source or "", wanted.schedule or ""))
    people = [who for one in _valid(duty, now) if (who := chat_id_of(catalog, one))]
    if duty and people:
        second = people[1] if len(people) > 1 else _others(wanted.secondary, people[0])
        until = next((one.until for one in duty.people if one.until), None)
        return Called(people[0], second, until, duty.source, duty.problem)
    problem = _problem(duty, wanted.source)
    if wanted.rotation:
        primary, secondary = wanted.rotation.at(now)
        second = secondary or _others(wanted.secondary, primary)
        return Called(primary, second, wanted.rotation.until(now), "the rotation of catalog.yaml", problem)
    return Called(wanted.primary, wanted.secondary, problem=problem)


def chat_id_of(catalog: Catalog, duty: OnDuty) -> str | None:
    """Return who somebody is in the chat: by the id that the source knows, else by address or name in the catalogue."""
    if duty.chat_id:
        return duty.chat_id
    known = [
        one.slack
        for one in catalog.people
        if (one.email and duty.email and one.email.lower() == duty.email.lower())
        or (one.name and one.name == duty.name)
    ]
    return known[0] if known else None


async def read_duties(deps: Deps, job: Job) -> None:
    """Ask for all schedules that teams name, at once; what one that is away said last goes on counting."""
    wanted = sorted(
        {
            (team.on_call.source, team.on_call.schedule)
            for team in deps.catalog.teams
            if team.on_call.source in deps.schedules and team.on_call.schedule
        }
    )
    found = await asyncio.gather(*(_asked(deps, str(source), str(schedule)) for source, schedule in wanted))
    async with job.finish(deps.db) as tx:
        for (source, schedule), told in zip(wanted, found, strict=True):
            if isinstance(told, str):
                await duties.note_problem(tx, deps.workspace_id, str(source), str(schedule), told)
            else:
                await duties.note(tx, deps.workspace_id, str(source), str(schedule), told, deps.now())


async def lines(deps: Deps) -> list[str]:
    """Return a line for each team: who is called first and second, until when, and by what."""
    async with deps.db.read() as db:
        read = await duties.of(db, deps.workspace_id)
    return [_line(team, called(deps.catalog, team, read, deps.now())) for team in deps.catalog.teams]


async def _asked(deps: Deps, source: str, schedule: str) -> Sequence[OnDuty] | str:
    try:
        return await deps.schedules[source].on_duty(schedule)
    except VendorError as error:
        return str(error)[:300]


def _valid(duty: Duty | None, now: datetime) -> list[OnDuty]:
    """Whose time was over before the schedule was read again is not called any more."""
    return [one for one in duty.people if one.until is None or now < one.until] if duty else []


def _others(who: str | None, first: str) -> str | None:
    return who if who != first else None


def _problem(duty: Duty | None, source: str | None) -> str | None:
    if source is None:
        return None
    if duty is None:
        return f"{source} was not read yet"
    return duty.problem or f"{source} names nobody that catalog.yaml knows"


def _line(team: Team, found: Called) -> str:
    if found.primary is None:
        return f"{team.name}: nobody is on call" + (f" ({found.problem})" if found.problem else "")
    second = f", then <@{found.secondary}>" if found.secondary else ""
    until = f", until {found.until:%-d %b %H:%M} UTC" if found.until else ""
    problem = f" ({found.problem})" if found.problem else ""
    return f"{team.name}: <@{found.primary}>{second}{until}, by {found.by}{problem}"
