"""Breaking the glass: when one person may decide what needs more, and that everybody hears of it."""

from datetime import timedelta

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal, ProposalKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, on_call, operators, proposing, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import texts
from incident_copilot.store.db import Tx

AFTER = timedelta(minutes=5)
"""How long a second person is waited for."""


def require_time(deps: Deps, proposal: Proposal) -> None:
    """Let nobody through before a second person had time to come.

    Raises:
        DecisionRefused: it does not need more people, or says when it is possible.
    """
    if proposal.kind is not ProposalKind.ACTION or proposal.needed < 2:
        raise DecisionRefused("One person may approve this; there is no glass to break.")
    possible_at = proposal.created_at + AFTER
    if deps.now() < possible_at:
        left = show.in_words(possible_at - deps.now())
        raise DecisionRefused(f"A second person has {left} left to approve. After that the glass can be broken.")


async def call_second(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person) -> None:
    """Call whoever is on call and has not approved: one more is needed, and waiting for chance costs minutes."""
    if proposal.kind is not ProposalKind.ACTION or incident.test or incident.private:
        return
    called = await on_call.of(tx, deps, incident)
    on_duty = [who for who in (called.secondary, called.primary) if who]
    others = [who for who in on_duty if who not in (person.id, proposal.requested_by)]
    if not others:
        return
    text = f"{person.name} approved: {proposal.title}. It takes one more person; please look, then approve or reject."
    await show.notice(tx, deps, incident, f"page:second:{proposal.id}", text, mentions=others[:1], anew=True)
    payload = {"person": others[0], "turn": "second approver"}
    await ledger.write(tx, deps, incident.id, LogKind.PAGED, "policy:on-call", payload)


async def tell(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person, reason: str) -> None:
    """Log it with its reason, and say it in the incident, among the announcements, and to the operators."""
    kept = await texts.store_text(tx, incident_id=incident.id, author=person.id, text=reason, now=deps.now())
    payload = proposing.bound(proposal) | {"needed": proposal.needed, "reason": kept}
    await ledger.write_by(tx, deps, incident.id, LogKind.BROKE_GLASS, person, payload)
    alone = f"alone instead of {proposal.needed} people"
    text = f"{person.name} broke the glass in {incident.label}: {proposal.title}, {alone}."
    name = f"glass:{proposal.id}"
    await show.notice(tx, deps, incident, name, text, detail=reason, anew=True)
    await operators.tell(tx, deps, name, f"{person.name} broke the glass in {incident.label}.")
    if not incident.private:
        said = Notice(text=text, detail=reason)
        await show.put(tx, deps, incident, Place.ANNOUNCE, f"notice:{name}", said, priority=show.URGENT, anew=True)
