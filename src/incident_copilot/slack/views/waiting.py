"""What waits for a decision, each with a button that shows exactly what would happen."""

from collections.abc import Sequence

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.proposal import Proposal
from incident_copilot.pipeline.people import who_may_decide
from incident_copilot.pipeline.read import Waiting
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words

MOST_LISTED = 20


def waiting(found: Sequence[Waiting]) -> b.Rendered:
    """Return the list, oldest first; the number is what `/incident approve` takes."""
    count = len(found)
    heading = f"{count} {'proposal waits' if count == 1 else 'proposals wait'} for a decision"
    if not found:
        return b.message("Nothing waits for a decision.", [])
    left_out = count - MOST_LISTED
    return b.message(
        heading,
        [
            b.header(heading),
            *(row(one.incident, one.proposal, one.number) for one in found[:MOST_LISTED]),
            b.lines(b.more(left_out)),
            b.footer("/incident approve 3 and /incident reject 3 why do the same, in the incident's channel."),
        ],
    )


def row(incident: Incident, put: Proposal, number: int | None = None) -> b.Block:
    """Return one line with its button."""
    name = f"{incident.label} #{number}" if number else incident.label
    rule = f"{words.RISKS[put.risk]}, for {who_may_decide(put)}, expires {inert.utc(put.expires_at)}"
    kind = words.kind(put)
    # The title of an update often says what it is by itself.
    title = put.title if put.title.lower().startswith(kind.lower()) else f"{kind}: {put.title}"
    return {
        "type": "section",
        "text": b.plain(f"{name} {title} ({rule})", 500),
        "accessory": b.button("Look and decide", "open_proposal", put.id, said_as=f"Look and decide: {put.title}"),
    }
