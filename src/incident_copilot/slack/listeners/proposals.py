"""Decide by command, or from App Home: the proposal is shown exactly as it is, and its buttons decide just that."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.content import ProposalView
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.errors import DecisionRefused, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import anew, decide, read
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, look, reference_in, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals.decide import decide as decide_form
from incident_copilot.slack.views.proposal import for_one
from incident_copilot.slack.views.waiting import waiting as listed


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the button that opens a proposal, and the one that drafts it anew."""

    @app.action(named("open_proposal"))
    async def look_at(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            shown = await read.proposal(deps, value_of(body))
        except (UnknownThing, StoreUnavailable):
            shown = None
        await look(client, body, respond, decide_form(shown) if shown else None)

    @app.action(named("anew"))
    async def draft_anew(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            proposal_id, _ = reference_in(value_of(body))
            return await anew.propose_anew(deps, proposal_id, person)

        await click(deps, body, ack, respond, act)


async def waiting(asked: Asked) -> dict[str, Any]:
    """List what waits for a decision: in the incident that is named or lives here, else in all that run."""
    shown = listed(await read.waiting(asked.deps, await _about(asked)))
    return {"text": shown.text, "blocks": shown.blocks}


async def approve(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show a proposal exactly as it would be carried out; its button approves that and nothing else."""
    shown = for_one(await _meant(asked, incident), "This is exactly what your click decides.")
    return {"text": shown.text, "blocks": shown.blocks}


async def reject(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Reject a proposal, and keep why where that was said; rejecting carries nothing out, so it is done at once."""
    put = (await _meant(asked, incident)).proposal
    choice = Choice.NOT_THIS if put.kind is ProposalKind.CHECK else Choice.REJECT
    reason = " ".join(asked.wish.words)

    async def act(person: Person) -> Outcome:
        rejected = await decide.vote(asked.deps, put.id, put.version, choice, person, seen=put.seen)
        if reason:
            rejected = await decide.give_reason(asked.deps, put.id, person, reason)
        return rejected.model_copy(update={"text": f"{put.title}: {rejected.text}"})

    return await attempted(asked, act)


async def _about(asked: Asked) -> list[Incident]:
    if asked.wish.number is not None:
        named_one = await read.by_number(asked.deps, asked.wish.number)
        if named_one is None:
            raise DecisionRefused(f"There is no INC-{asked.wish.number}.")
        return [named_one]
    here = await read.in_channel(asked.deps, asked.channel)
    return [here] if here else await read.running(asked.deps)


async def _meant(asked: Asked, incident: Incident) -> ProposalView:
    """Return the proposal that is meant: by its number, or the only one that waits."""
    try:
        if asked.wish.other is not None:
            return await read.numbered(asked.deps, incident, asked.wish.other)
        found = await read.waiting(asked.deps, [incident])
        if len(found) == 1:
            return await read.proposal(asked.deps, found[0].proposal.id)
    except UnknownThing as unknown:
        raise DecisionRefused(f"{unknown}. `/incident proposals` lists them.") from unknown
    if not found:
        raise DecisionRefused(f"Nothing waits for a decision in {incident.label}.")
    numbers = ", ".join(str(one.number) for one in found)
    raise DecisionRefused(f"Which one? {incident.label} has {numbers}; /incident proposals shows them.")
