"""Draft, in review, published: who owns the review, who approved what is written, and when it may be read by all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from incident_copilot.domain.content import ReviewView
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.postmortem import Approval, Review, ReviewState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, show, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import shown
from incident_copilot.store import incidents, reviews
from incident_copilot.store.db import CLICKS, Tx

WORK = "review postmortems"


async def look(deps: Deps, incident: Incident) -> ReviewView | None:
    """Return how far the postmortem is and what is missing, or None before it is written."""
    async with deps.db.read() as db:
        return await shown.view_of(db, deps, incident)


async def own(deps: Deps, incident_id: str, person: Person, who: str | None = None) -> Outcome:
    """Give the review to somebody, or take it.

    Raises:
        DecisionRefused: not allowed, theirs already, or not for this person; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    chosen = await people.known(deps, who) if who else person
    async with _asked(deps, incident_id, person) as (tx, incident, review):
        people.member(chosen, "gets no reviews")
        if review.owner == chosen.id:
            raise DecisionRefused(f"The postmortem of {incident.label} is with <@{chosen.id}> already.")
        await ledger.keep_name(tx, deps, chosen)
        changed = review.model_copy(update={"owner": chosen.id})
        await _changed(tx, deps, incident, person, changed, LogKind.POSTMORTEM_OWNED, {"person": chosen.id})
    return Outcome(text=f"<@{chosen.id}> owns the postmortem of {incident.label}.", incident=incident)


async def ask(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Put the postmortem into review; whoever asks owns it where nobody does.

    Raises:
        DecisionRefused: not allowed, or in review or published already; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with _asked(deps, incident_id, person) as (tx, incident, review):
        if review.state is not ReviewState.DRAFT:
            raise DecisionRefused(f"The postmortem of {incident.label} is {review.state.words} already.")
        update = {"state": ReviewState.IN_REVIEW, "asked_at": deps.now(), "owner": review.owner or person.id}
        changed = review.model_copy(update=update)
        await _changed(tx, deps, incident, person, changed, LogKind.POSTMORTEM_IN_REVIEW, {"sha256": review.sha256})
        text = f"The postmortem of {incident.label} is in review. Read it, edit it, approve it."
        await show.notice(tx, deps, incident, "postmortem", text, anew=True, under="review")
    return Outcome(text=f"The postmortem of {incident.label} is in review.", incident=incident)


async def approve(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Approve the postmortem as it is written now; owners approve their own only where one person may decide alone.

    Raises:
        DecisionRefused: not allowed, not in review, one's own, or approved by them already; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with _asked(deps, incident_id, person) as (tx, incident, review):
        if review.state is not ReviewState.IN_REVIEW:
            raise DecisionRefused(f"The postmortem of {incident.label} is {review.state.words}, not in review.")
        if review.owner == person.id and not deps.catalog.approvals.solo:
            raise DecisionRefused("Whoever owns the review does not approve it; ask somebody else to read it.")
        if any(one.by == person.id for one in review.approvals):
            raise DecisionRefused("You have approved it already.")
        approval = Approval(by=person.id, at=deps.now(), sha256=review.sha256)
        changed = review.model_copy(update={"approvals": (*review.approvals, approval)})
        await _changed(tx, deps, incident, person, changed, LogKind.POSTMORTEM_APPROVED, {"sha256": review.sha256})
    return Outcome(text=f"You approved the postmortem of {incident.label} as it is written now.", incident=incident)


async def publish(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Publish the postmortem once somebody has approved it.

    Raises:
        DecisionRefused: not allowed, not approved, or published already; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with _asked(deps, incident_id, person) as (tx, incident, review):
        if review.state is ReviewState.PUBLISHED:
            raise DecisionRefused(f"The postmortem of {incident.label} is published already.")
        if not review.approvals:
            raise DecisionRefused("Nobody has approved it as it is written now. Ask for a review first.")
        update = {"state": ReviewState.PUBLISHED, "published_at": deps.now(), "published_by": person.id}
        changed = review.model_copy(update=update)
        payload: dict[str, object] = {"sha256": review.sha256, "approved_by": [one.by for one in review.approvals]}
        await _changed(tx, deps, incident, person, changed, LogKind.POSTMORTEM_PUBLISHED, payload)
        await wakeups.publish(tx, deps, incident.id, at=deps.now())
    return Outcome(text=f"The postmortem of {incident.label} is published.", incident=incident)


@asynccontextmanager
async def _asked(deps: Deps, incident_id: str, person: Person) -> AsyncIterator[tuple[Tx, Incident, Review]]:
    asked = {"asked": WORK}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, WORK)
        review = await reviews.get(tx, incident_id)
        if review is None:
            raise DecisionRefused(f"{incident.label} has no postmortem yet; /incident postmortem writes it.")
        yield tx, incident, review


async def _changed(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    person: Person,
    review: Review,
    kind: LogKind,
    payload: dict[str, object],
) -> None:
    """Keep and log the new state, and have message and document say it."""
    await reviews.save(tx, review)
    await ledger.write_by(tx, deps, incident.id, kind, person, payload)
    await shown.put(tx, deps, incident)
    await wakeups.revise(tx, deps, incident.id, at=deps.now())
