"""A postmortem in Slack: the message that says how far it is, with its buttons; and the list of its action items."""

from collections.abc import Sequence

from incident_copilot.domain.content import ReviewView
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.postmortem import ActionItem, ReviewState
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words

MOST_LINES, MOST_ITEMS, MOST_MISSING = 8, 10, 10
MOST_OPEN, MOST_OVER = 15, 10


def review(shown: ReviewView) -> b.Rendered:
    """Return the postmortem in short: summary, action items, where the whole is, and what is still to be done."""
    name = f"Postmortem of {words.title(shown.incident)}"
    listed = [[b.words(item, limit=300)] for item in shown.action_items[:MOST_ITEMS]]
    items = b.bullets([*listed, *b.more(len(shown.action_items) - MOST_ITEMS)])
    told = [[b.words(line, limit=500)] for line in shown.summary[:MOST_LINES]]
    left = [[b.words(line, limit=300)] for line in shown.missing[:MOST_MISSING]]
    is_published = shown.state is ReviewState.PUBLISHED
    return b.message(
        f"{name} is {'published' if is_published else 'ready'}. {' '.join(shown.summary[:2])}",
        [
            b.header(name),
            b.lines([*told, *b.more(len(shown.summary) - MOST_LINES, "lines in the postmortem")]),
            b.lines([[b.label("Action items")]]) if items else None,
            items,
            b.lines([[b.link(shown.link, "Read the whole postmortem")]]) if shown.link else None,
            b.lines([_state(shown)]),
            b.lines([[b.label("Still to be done")]]) if left else None,
            b.bullets([*left, *b.more(len(shown.missing) - MOST_MISSING)]) if left else None,
            b.actions(_buttons(shown), block_id="postmortem"),
        ],
    )


def items(incident: Incident, every: Sequence[ActionItem]) -> b.Rendered:
    """Return the action items: what is open with its buttons, what is over in short."""
    still = [item for item in every if item.is_open]
    over = [item for item in every if not item.is_open]
    more = len(still) - MOST_OPEN
    return b.message(
        f"{incident.label}: {len(still)} of {len(every)} action items open",
        [
            b.lines(
                [[b.label(f"Action items of {incident.label}: "), b.space(f"{len(still)} open, {len(over)} over")]]
            ),
            *(block for item in still[:MOST_OPEN] for block in _open(incident, item)),
            b.footer(f"and {more} more: they are in the postmortem") if more > 0 else None,
            b.bullets([_over(item) for item in over[-MOST_OVER:]]),
            b.actions([b.button("New action item", "item_new", incident.id)], block_id="items"),
        ],
    )


def _state(shown: ReviewView) -> list[b.Element]:
    owner = b.person(shown.owner) if shown.owner else b.label("nobody yet")
    row: list[b.Element] = [b.label(shown.state.words.capitalize()), b.space(" · reviewed by "), owner]
    if shown.approved_by:
        row.append(b.space(" · approved by "))
        row += [one for who in shown.approved_by for one in (b.person(who), b.space(" "))]
    return row


def _buttons(shown: ReviewView) -> list[b.Element]:
    value = shown.incident.id
    asks = {
        ReviewState.DRAFT: [b.button("Ask for review", "pm_ask", value)],
        ReviewState.IN_REVIEW: [b.button("Approve", "pm_approve", value, said_as="Approve the postmortem")],
        ReviewState.PUBLISHED: [],
    }[shown.state]
    if shown.approved_by and shown.state is not ReviewState.PUBLISHED:
        asks.append(b.button("Publish", "pm_publish", value, "primary", said_as="Publish the postmortem"))
    take = [] if shown.owner else [b.button("Take it", "pm_own", value, said_as="Take the review")]
    return [
        b.button("Edit", "pm_edit", value, said_as="Edit the postmortem"),
        b.button("Action items", "pm_items", value),
        *asks,
        *take,
    ]


def _open(incident: Incident, item: ActionItem) -> list[b.Block]:
    value, name = f"{incident.id}:{item.number}", f"action item {item.number}"
    with_whom = b.person(item.assignee) if item.assignee else b.words(item.owner or "nobody yet", "bold", limit=80)
    due = [b.space(f" · due {item.due:%-d %b %Y}")] if item.due else []
    row = [b.label(f"{item.number} "), b.words(item.text, limit=500), b.space(f" · {item.kind} · with "), with_whom]
    told = b.lines([[*row, *due, *_elsewhere(item)]])
    buttons = [
        b.button("Done", "item_done", value, said_as=f"{name} is done"),
        b.button("Take", "item_take", value, said_as=f"Take {name}"),
    ]
    return [block for block in (told, b.actions(buttons if item.assignee is None else buttons[:1])) if block]


def _elsewhere(item: ActionItem) -> list[b.Element]:
    if item.external is None:
        return []
    return [b.space(" · "), b.link(item.external.url, f"{item.external.key} ({item.external.state})")]


def _over(item: ActionItem) -> list[b.Element]:
    how = "dropped" if item.dropped else "done"
    by = [b.space(f" · {how} by "), b.person(item.done_by)] if item.done_by else [b.space(f" · {how}")]
    return [b.label(f"{item.number} "), b.words(item.text, "strike", limit=200), *by]
