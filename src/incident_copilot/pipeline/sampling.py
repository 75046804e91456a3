"""People look at a sample of the requests to an AI system and say which were answered badly (seed 002).

The sample is drawn by strata: requests that something was found wrong with, and all others, so that a few looks tell
how good the finding is and how much it misses. Which requests come is fixed by their ids, not by chance at the click.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from incident_copilot.analysis.monitoring.shares import Share
from incident_copilot.analysis.stratified import Estimate, Stratum, estimate
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.observation import Interaction
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, run, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.impact import requests_since
from incident_copilot.pipeline.investigating.observed import is_bad
from incident_copilot.store import incidents, judgements
from incident_copilot.store.db import Tx
from incident_copilot.store.judgements import Judgement

AT_ONCE = 4
FOUND, OTHER = "found wrong", "other"


class Sampled(NamedTuple):
    """Requests that nobody has looked at yet, how many were looked at, and what that says of all; None: nothing yet."""

    incident: Incident
    requests: tuple[Interaction, ...]
    looked: int
    all: Estimate | None


async def sample(deps: Deps, incident_id: str, person: Person) -> Sampled:
    """Return the next requests for people to look at, of both strata.

    Raises:
        DecisionRefused: not allowed.
        UnknownThing: there is no such incident.
    """
    people.require(person, Role.RESPONDER, "look at requests")
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        _, requests = await requests_since(db, deps, incident)
        known = await judgements.of(db, deps.workspace_id, incident.id)
    seen = {one.request for one in known}
    waiting = sorted((one for one in requests if one.id not in seen), key=lambda one: _order(incident, one))
    found, other = ([one for one in waiting if is_bad(one) is wanted] for wanted in (True, False))
    half = max(AT_ONCE // 2, AT_ONCE - len(other))
    drawn = [*found[:half], *other[: AT_ONCE - len(found[:half])]]
    return Sampled(incident, tuple(drawn), len(known), estimated(requests, known))


def estimated(requests: Sequence[Interaction], known: Sequence[Judgement]) -> Estimate | None:
    """Return what the looks of people say of all requests; None where nobody has looked."""
    sizes = {FOUND: sum(map(is_bad, requests))}
    sizes[OTHER] = len(requests) - sizes[FOUND]
    looked = {name: [one.bad for one in known if one.stratum == name] for name in sizes}
    return estimate([Stratum(size, Share(sum(looked[name]), len(looked[name]))) for name, size in sizes.items()])


async def judge(deps: Deps, incident_id: str, person: Person, said: Mapping[str, bool]) -> Outcome:
    """Record which requests a person finds bad (True) or fine, and say in the incident what the looks tell so far.

    Raises:
        DecisionRefused: not allowed, ended, or nothing was said; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with run.changing(deps, incident_id, person, "judge requests") as (tx, incident):
        _, requests = await requests_since(tx, deps, incident)
        by_id = {one.id: one for one in requests}
        told = [
            Judgement(request=name, stratum=FOUND if is_bad(by_id[name]) else OTHER, bad=bad, by=person.id)
            for name, bad in said.items()
            if name in by_id
        ]
        if not told:
            raise DecisionRefused("Say of one request at least whether it was answered badly.")
        await judgements.keep(tx, deps.workspace_id, incident.id, told, deps.now())
        bad = sum(one.bad for one in told)
        payload = {"requests": len(told), "bad": bad}
        await ledger.write_by(tx, deps, incident.id, LogKind.REQUESTS_JUDGED, person, payload)
        await _tell(tx, deps, incident, requests)
    return Outcome(text=f"Noted: {bad} of {len(told)} are bad.", incident=incident)


async def _tell(tx: Tx, deps: Deps, incident: Incident, requests: Sequence[Interaction]) -> None:
    known = await judgements.of(tx, deps.workspace_id, incident.id)
    found = estimated(requests, known)
    if found:
        said = f"{sum(one.bad for one in known)} of {len(known)} requests that people looked at were answered badly."
        await show.notice(tx, deps, incident, "sample", f"{said} {words(found)}")


def words(found: Estimate) -> str:
    """Return what an estimate says of all requests."""
    return f"Of all that are known that is about {found.share:.0%}, {found.low:.0%} to {found.high:.0%} at 95 %."


def _order(incident: Incident, one: Interaction) -> str:
    return hashlib.sha256(f"{incident.id}|{one.id}".encode()).hexdigest()
