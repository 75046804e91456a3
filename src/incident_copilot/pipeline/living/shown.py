"""The postmortem as its message in Slack shows it: in short, how far its review is, and what is still to be done."""

from collections.abc import Mapping, Sequence

from incident_copilot.domain.content import ReviewView
from incident_copilot.domain.effect import Place
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.postmortem import ActionItem, ReviewState
from incident_copilot.pipeline import show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import missing
from incident_copilot.store import action_items, postmortems, reviews
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx

SUMMARY_LINES, SHOWN_ITEMS = 4, 5


async def put(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Bring the message up to date; nothing where there is no postmortem."""
    view = await view_of(tx, deps, incident)
    if view:
        await show.put(tx, deps, incident, Place.INCIDENT, "review", view)


async def view_of(tx: Tx, deps: Deps, incident: Incident) -> ReviewView | None:
    """Return what is shown of a postmortem, or None before it is written."""
    kept = await postmortems.get(tx, incident.id)
    if kept is None:
        return None
    review = await reviews.get(tx, incident.id)
    items = [item for item in await action_items.of_incident(tx, incident.id) if item.is_open]
    known = await names.names(tx, deps.workspace_id)
    base = deps.policy.public_url
    summary = [line.text for line in kept.postmortem.section("summary").lines]
    return ReviewView(
        incident=incident,
        summary=_some(summary, SUMMARY_LINES),
        action_items=_some([in_words(item, known) for item in items], SHOWN_ITEMS),
        link=f"{base.rstrip('/')}/incidents/{incident.number}/postmortem" if base else None,
        state=review.state if review else ReviewState.DRAFT,
        owner=review.owner if review else None,
        approved_by=tuple(one.by for one in review.approvals) if review else (),
        missing=tuple(missing.in_words(kept.postmortem, review, items)),
    )


def in_words(item: ActionItem, known: Mapping[str, str]) -> str:
    """Return an action item as one line; `known` are names by chat id."""
    due = f"; due {item.due:%-d %b}" if item.due else ""
    owner = known.get(item.assignee, item.assignee) if item.assignee else item.owner or "nobody yet"
    return f"{item.number}. {item.text} ({item.kind}; owner: {owner}{due})"


def _some(texts: Sequence[str], most: int) -> tuple[str, ...]:
    more = len(texts) - most
    return (*texts[:most], *([f"and {more} more in the postmortem"] if more > 0 else []))
