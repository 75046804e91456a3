"""What people do with the grouping: merge an incident into another one, or split alerts off into one of their own."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import OPENED_IT, Incident, Membership
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.pairing import kind_of, mark_of
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, merging, opening, people, show, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.matching import footprint_of
from incident_copilot.pipeline.triage import correlation_key, raised, triage
from incident_copilot.store import alerts, incidents
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import CLICKS, Tx

MOST = 2000
"""Among how many alerts of an incident those to split off are looked for."""
SHORTEST_PRINT = 6
"""How much of a fingerprint must be typed."""


async def merge(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Merge an incident into the one that people call INC-number.

    Raises:
        DecisionRefused: not allowed, no such incident, or one of the two has ended; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "merge incidents", "into": number}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.RESPONDER, "merge incidents")
        found = await incidents.by_number(tx, deps.workspace_id, number)
        if found is None or found.private:
            raise DecisionRefused(f"There is no INC-{number}.")
        incident, into = await _both(tx, incident_id, found.id)
        if incident.id == into.id:
            raise DecisionRefused(f"{into.label} is this incident. Name the one that it belongs to.")
        if incident.private or incident.test is not into.test:
            raise DecisionRefused("A private incident, or a drill, is not merged into another one.")
        await merging.merge(tx, deps, incident, into, "by hand", person)
    return Outcome(text=f"{incident.label} is part of {into.label} now.", incident=into)


async def split(deps: Deps, incident_id: str, person: Person, wanted: Sequence[str]) -> Outcome:
    """Open an incident for some alerts of another one: `wanted` are names, kinds or marks of these, or fingerprints.

    Raises:
        DecisionRefused: not allowed, ended, none of the alerts is meant or all of them are; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "split incidents"}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, "split incidents")
        if not incident.is_running:
            raise DecisionRefused(f"{incident.label} has ended. Reopen it first.")
        members = await alerts.of_incident(tx, incident.id, MOST)
        apart = [one for one in members if any(_is_meant(one.alert, word) for word in wanted)]
        rest = [one for one in members if one not in apart]
        _require_two_parts(incident, apart, rest)
        opened = await _open(tx, deps, incident, apart, person)
        await merging.say(tx, deps, _told(apart), _told(rest), together=False)
        await _move(tx, deps, incident, opened, apart, rest, person)
        await _show(tx, deps, incident, opened, apart, rest, person)
    return Outcome(text=f"{opened.label} is open for {_names(apart)}.", incident=opened)


async def kinds(deps: Deps, incident_id: str) -> dict[str, int]:
    """Return how many alerts of each kind belong to an incident, most first."""
    async with deps.db.read() as db:
        members = await alerts.of_incident(db, incident_id, MOST)
    found: dict[str, int] = {}
    for one in members:
        found[kind_of(one.alert)] = found.get(kind_of(one.alert), 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


async def _both(tx: Tx, one: str, other: str) -> tuple[Incident, Incident]:
    """Lock two incidents in one order, so that nobody who merges them the other way waits in a circle."""
    locked = {incident_id: await incidents.lock(tx, incident_id) for incident_id in sorted({one, other})}
    return locked[one], locked[other]


def _is_meant(alert: Alert, word: str) -> bool:
    is_print = len(word) >= SHORTEST_PRINT and alert.fingerprint.lower().startswith(word.lower())
    kind = kind_of(alert)
    return is_print or word in (kind, mark_of(kind)) or fnmatchcase(alert.name.lower(), word.lower())


def _require_two_parts(incident: Incident, apart: Sequence[StoredAlert], rest: Sequence[StoredAlert]) -> None:
    if not apart:
        raise DecisionRefused(f"{incident.label} has no such alert. It has: {_names(rest)}.")
    if not rest:
        raise DecisionRefused(f"These are all alerts of {incident.label}; nothing would be left of it.")


async def _open(tx: Tx, deps: Deps, incident: Incident, apart: Sequence[StoredAlert], person: Person) -> Incident:
    """Open an incident for the worst of the alerts; it is at least a P2, since somebody wants to look at it."""
    sheets = [(triage(one.alert, deps.catalog), one.alert) for one in apart]
    sheet, worst = min(sheets, key=lambda pair: pair[0].severity.rank)
    key = f"{correlation_key(worst)[:250]}|split={new_id(deps.now())}"
    sheet = raised(sheet, f"split from {incident.label} by a person: at least P2")
    opened = await opening.open_from_alert(tx, deps, worst, sheet, actor=person.id, key=key)
    there = {"from": incident.id, "label": incident.label}
    await ledger.write_by(tx, deps, opened.id, LogKind.SPLIT, person, there)
    here = {"split": opened.id, "label": opened.label, "alerts": [one.alert.fingerprint for one in apart[:50]]}
    await ledger.write_by(tx, deps, incident.id, LogKind.SPLIT, person, here)
    return opened


async def _move(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    opened: Incident,
    apart: Sequence[StoredAlert],
    rest: Sequence[StoredAlert],
    person: Person,
) -> None:
    fingerprints = [one.alert.fingerprint for one in apart]
    await alerts.move(tx, incident.id, opened.id, fingerprints)
    await incidents.leave(tx, incident.id, fingerprints)
    why = f"split from {incident.label} by {person.name}"
    reasons = [OPENED_IT, *[why] * (len(apart) - 1)]
    joined = [
        Membership(incident_id=opened.id, fingerprint=fingerprint, reason=reason, joined_at=deps.now())
        for fingerprint, reason in zip(fingerprints, reasons, strict=True)
    ]
    await incidents.join_all(tx, joined)
    await incidents.save_footprint(tx, incident.id, footprint_of(deps, _told(rest)))
    await incidents.save_footprint(tx, opened.id, footprint_of(deps, _told(apart)))


async def _show(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    opened: Incident,
    apart: Sequence[StoredAlert],
    rest: Sequence[StoredAlert],
    person: Person,
) -> None:
    text = f"{_names(apart)} was split from this incident by {person.name} and goes on as {opened.label}."
    await show.notice(tx, deps, incident, f"split:{opened.id}", text)
    await show.notice(tx, deps, opened, "split", f"{opened.label} was split from {incident.label} by {person.name}.")
    for one, left in ((incident, rest), (opened, apart)):
        await show.card(tx, deps, one.id)
        await wakeups.gather(tx, deps, one.id, at=deps.now())
        if all(stored.alert.status is AlertStatus.RESOLVED for stored in left):
            await opening.alerts_quiet(tx, deps, one)


def _told(some: Sequence[StoredAlert]) -> list[Alert]:
    return [one.alert for one in some]


def _names(some: Sequence[StoredAlert]) -> str:
    names = list(dict.fromkeys(kind_of(one.alert) for one in some))
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
