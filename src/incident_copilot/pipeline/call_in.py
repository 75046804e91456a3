"""Bring people in: invite them, or call somebody, or whoever a team has on call."""

from collections.abc import Sequence

from incident_copilot.domain.catalog import Catalog, Team
from incident_copilot.domain.effect import Invite
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, on_call, paging, people, run, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store.db import Tx

MOST = 20
LONGEST = 1_500


async def invite(deps: Deps, incident_id: str, person: Person, who: Sequence[str]) -> Outcome:
    """Invite people to an incident's channel, or mention them in its thread; guests may come, bots may not.

    Raises:
        DecisionRefused: not allowed, nobody or too many named, or one who cannot come; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    chosen = [await people.known(deps, one) for one in dict.fromkeys(who[: MOST + 1])]
    async with run.changing(deps, incident_id, person, "invite people") as (tx, incident):
        if not 0 < len(chosen) <= MOST:
            raise DecisionRefused(f"Name 1 to {MOST} people, as in /incident invite @ben @cara.")
        for one in chosen:
            if one.is_bot or one.is_deactivated:
                raise DecisionRefused(f"{one.name} is a bot or has left; nobody was invited.")
            await ledger.keep_name(tx, deps, one)
        ids = tuple(one.id for one in chosen)
        await _brought_in(tx, deps, incident, ids, f"{person.name} asks you to join {incident.label}.")
        await ledger.write_by(tx, deps, incident.id, LogKind.INVITED, person, {"people": list(ids)})
    named = ", ".join(f"<@{one}>" for one in ids)
    return Outcome(text=f"{named}: invited to {incident.label}.", incident=incident)


async def page(
    deps: Deps, incident_id: str, person: Person, *, team: str | None = None, who: str | None = None, why: str = ""
) -> Outcome:
    """Call a person, or the one whom a team has on call, by its pager too where it has one; and bring them in.

    Raises:
        DecisionRefused: not allowed, an unknown team, one without anybody on call, or an outsider; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    chosen = await people.known(deps, who) if who else None
    async with run.changing(deps, incident_id, person, "call people") as (tx, incident):
        called = chosen.id if chosen else await _on_call(tx, deps, team)
        if chosen:
            people.member(chosen, "cannot be called")
        if len(why) > LONGEST:
            raise DecisionRefused(f"Say why in at most {LONGEST} characters; that is {len(why)}.")
        if chosen:
            await ledger.keep_name(tx, deps, chosen)
        await call(tx, deps, incident, called, f"{person.name} calls you to {incident.label}.", why.strip())
        if not (chosen or incident.test or incident.private):  # its title would leave for the paging service
            await paging.trigger(tx, deps, incident, deps.catalog.team(team))
        turn = {"team": team, "turn": "primary"} if team and not chosen else {"turn": "asked"}
        await ledger.write_by(tx, deps, incident.id, LogKind.PAGED, person, {"person": called, **turn})
    of = f" ({team})" if team and not chosen else ""
    return Outcome(text=f"<@{called}>{of} is called to {incident.label}.", incident=incident)


async def bring_in(
    deps: Deps, incident_id: str, person: Person, who: Sequence[str], team: str | None, why: str
) -> Outcome:
    """Invite people, call a team, or both; raises as these do."""
    if team is None:
        return await invite(deps, incident_id, person, who)
    if who:
        await invite(deps, incident_id, person, who)
    return await page(deps, incident_id, person, team=team, why=why)


async def call(tx: Tx, deps: Deps, incident: Incident, who: str, text: str, why: str = "") -> None:
    """Call one person to a locked incident by a mention, with Acknowledge where nobody has it."""
    if show.has_channel(incident):
        await show.send(tx, deps, incident, Invite(people=(who,)), stream=f"people:{incident.id}")
    waits = incident.status is Status.OPEN
    about = f" {incident.title}: {incident.severity} {incident.severity.word}, {incident.status}."
    await show.notice(
        tx,
        deps,
        incident,
        f"called:{who}",
        text + about,
        detail=why,
        mentions=[who],
        buttons=[show.acknowledging(incident)] if waits else [],
        anew=True,
    )


def team_named(catalog: Catalog, word: str) -> Team | None:
    """Return the team that a word names, by its own name or by that of a service it owns; None where it names none."""
    lower = word.lower()
    own = next((team for team in catalog.teams if team.name.lower() == lower), None)
    owner = next((service.team for service in catalog.services if service.name.lower() == lower), None)
    return own or catalog.team(owner)


async def _on_call(tx: Tx, deps: Deps, team: str | None) -> str:
    catalog = deps.catalog
    found = catalog.team(team)
    if found is None:
        known = ", ".join(one.name for one in catalog.teams[:20])
        raise DecisionRefused(f"Name a person or a team{f': {known}' if known else ''}.")
    primary = (await on_call.of_team(tx, deps, found)).primary
    if primary is None:
        raise DecisionRefused(f"Nobody is on call for {found.name} in catalog.yaml. Name a person.")
    return primary


async def _brought_in(tx: Tx, deps: Deps, incident: Incident, who: tuple[str, ...], text: str) -> None:
    if show.has_channel(incident):
        await show.send(tx, deps, incident, Invite(people=who), stream=f"people:{incident.id}")
    else:
        await show.notice(tx, deps, incident, f"invited:{'-'.join(who)}"[:100], text, mentions=who, anew=True)
