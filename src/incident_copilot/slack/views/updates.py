"""What is particular about the proposal of an update: what contradicts it, and what can be done once it is out."""

from incident_copilot.domain.content import ProposalView
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.slack.views import blocks as b

MOST_MARKED = 5
OUT = (ProposalState.CARRIED_OUT, ProposalState.FAILED)


def doubts(shown: ProposalView) -> list[b.Block]:
    """Return why a draft cannot be approved as it stands, if it cannot; and what no evidence supports."""
    put = shown.proposal
    if put.kind is not ProposalKind.UPDATE or put.state is not ProposalState.OPEN:
        return []
    rows: list[list[b.Element]] = []
    if shown.changed:
        rows.append([b.label("Changed since it was drafted: "), b.words("; ".join(shown.changed), limit=400)])
    for one in put.shown.get("marked", [])[:MOST_MARKED]:
        said = f"\u201c{one['text']}\u201d ({one['reason']})"
        rows.append([b.label("Not supported by evidence: "), b.words(said, limit=400)])
    if put.shown.get("worded_by"):
        rows.append([b.space(f"Worded by a model ({put.shown['worded_by']}) from the facts; edit it as you like.")])
    if left_out := put.shown.get("left_out"):
        said = "1 sentence of it is" if left_out == 1 else f"{left_out} sentences of it are"
        rows.append([b.space(f"{said} left out: a link, an order or a promise.")])
    listed = b.lines(rows)
    return [listed] if listed else []


def instead(shown: ProposalView, value: str) -> list[b.Element]:
    """Return what is offered in the place of Approve."""
    title = shown.proposal.title
    redraft = b.button("Redraft", "redraft", value, "primary", said_as=f"Redraft: {title}")
    return [
        *([redraft] if shown.changed else []),
        b.button("Edit", "edit", value),
        b.button("Reject", "reject", value, "danger", said_as=f"Reject: {title}"),
    ]


def afterwards(put: Proposal, value: str) -> list[b.Element]:
    """Return what can be done with an update that is out."""
    if put.kind is not ProposalKind.UPDATE or put.state not in OUT or put.retracted_at or put.shown.get("corrects"):
        return []
    question = "It is replaced by a line that says that it was withdrawn, wherever it was published."
    return [
        b.button("Correct", "correct_update", value, said_as=f"Correct: {put.title}"),
        b.button(
            "Retract",
            "retract",
            value,
            "danger",
            confirm=b.confirm("Retract this update?", question, "Retract"),
            said_as=f"Retract: {put.title}",
        ),
    ]
