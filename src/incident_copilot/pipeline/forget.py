"""Show what was learned of rules, runbooks and specialists, say why suggestions stand as they do, and forget it."""

from incident_copilot.analysis.trust import UNKNOWN, Trust
from incident_copilot.domain import advice
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import learn, ledger, people, proposing
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import evidence, proposals, trials
from incident_copilot.store.db import CLICKS

NOTHING = "Nothing is learned yet: no suggestion was decided."
CAUSES = 3


class Learned(Frozen):
    """What is known of one adviser, in words; `name` is what resets it."""

    name: str
    said: str
    record: str
    effect: str
    is_demoted: bool = False


async def learned(deps: Deps) -> list[Learned]:
    """Return what is known of every adviser, those that come last first, then by how many suggestions it rests on."""
    async with deps.db.read() as db:
        known = await learn.known(db, deps)
    ordered = sorted(known.items(), key=lambda item: (not item[1].is_demoted, -item[1].number, item[0]))
    return [_learned(name, found) for name, found in ordered]


async def why(deps: Deps, incident: Incident) -> list[str]:
    """Return in lines why an incident's causes and proposals stand in this order."""
    async with deps.db.read() as db:
        known = await learn.known(db, deps)
        brief = await evidence.latest_brief(db, incident.id)
        kept = await proposals.of_incident(db, incident.id)
    causes = [
        f"{place}. {one.cause}: {one.verdict} ({one.confidence:.2f}), by rule {one.rule}; "
        + (one.record or _too_little(known.get(advice.rule(one.rule), UNKNOWN)))
        for place, one in enumerate(brief.hypotheses[:CAUSES] if brief else (), start=1)
    ]
    undecided = (ProposalState.OPEN, ProposalState.WAITING)
    put = [
        f"{place}. {one.title}: " + (str(one.shown.get("record") or "") or _behind(one.advisers, known))
        for place, one in enumerate(proposing.in_order(one for one in kept if one.state in undecided), start=1)
    ]
    told = [*(["Causes:", *causes] if causes else []), *(["Proposals:", *put] if put else [])]
    return told or [f"Nothing is proposed in {incident.label}."]


async def forget(deps: Deps, person: Person, adviser: str) -> Outcome:
    """Forget what was learned of an adviser, so that it counts as an unknown one again.

    Raises:
        DecisionRefused: not allowed, or nothing is known of it; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "forget what was learned", "adviser": adviser}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.COMMANDER, "forget what was learned")
        known = (await learn.known(tx, deps)).get(adviser)
        if known is None:
            raise DecisionRefused(f"Nothing is learned of {adviser}; /incident learned lists the names.")
        await trials.forget(tx, deps.workspace_id, adviser)
        payload = {"adviser": adviser, "record": known.record, "suggestions": known.number}
        await ledger.write_by(tx, deps, None, LogKind.FORGOTTEN, person, payload)
    return Outcome(text=f"Forgotten: {adviser} ({known.record}). It counts as a new one from now on.")


def _learned(name: str, found: Trust) -> Learned:
    effect = found.why.removeprefix(f"{found.record}: ") or _too_little(found)
    said = f"{found.estimate}; {effect}"
    return Learned(name=name, said=advice.in_words(name), record=found.record, effect=said, is_demoted=found.is_demoted)


def _behind(advisers: tuple[str, ...], known: dict[str, Trust]) -> str:
    said = [f"{advice.in_words(name)}, {_too_little(known.get(name, UNKNOWN))}" for name in advisers]
    return "; ".join(said) or "no rule is behind it"


def _too_little(found: Trust) -> str:
    return f"{found.record}, too little to count" if found.record else "nothing is known of it yet"
