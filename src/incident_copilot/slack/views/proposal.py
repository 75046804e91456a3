"""A proposal: exactly what will happen, and the buttons; or its outcome in the place of the buttons."""

import json
from typing import Any

from incident_copilot.domain.content import ProposalView
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState, RejectedBefore, Risk
from incident_copilot.pipeline.people import who_may_decide
from incident_copilot.slack.text import cut
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import updates, words

OUTCOMES = {
    ProposalState.WAITING: "Waiting its turn",
    ProposalState.APPROVED: "Approved",
    ProposalState.CARRIED_OUT: "Carried out",
    ProposalState.FAILED: "Failed",
    ProposalState.UNKNOWN: "Outcome unknown",
    ProposalState.REJECTED: "Rejected",
    ProposalState.DONE: "Done",
    ProposalState.EXPIRED: "Expired",
    ProposalState.SUPERSEDED: "Withdrawn",
    ProposalState.SILENT: "Kept silently",
}
HAPPENED = (ProposalState.APPROVED, ProposalState.CARRIED_OUT, ProposalState.FAILED, ProposalState.UNKNOWN)
"""States in which what was approved is still of interest; where nothing was carried out, the title is enough."""
DRY_RUN = (
    ("target", "Target"),
    ("current", "Now"),
    ("effect", "Expected effect"),
    ("verified_by", "Verified on"),
    ("undo", "How to undo"),
)
MOST_EVIDENCE = 5


def proposal(shown: ProposalView) -> b.Rendered:
    """Return the proposal as it stands."""
    return b.message(_notification(shown), _blocks(shown, reference(shown.proposal)))


def for_one(shown: ProposalView, said: str = "") -> b.Rendered:
    """Return the proposal for one person's eyes, below what is `said`; its buttons hold the hash of what is shown."""
    put = shown.proposal
    told = (
        b.lines([b.told(said, words.people_of(shown.incident) | {put.decided_by or ""}, limit=600)]) if said else None
    )
    value = f"{reference(put)}:{put.seen}"
    return b.message(f"{said} {_notification(shown)}".strip(), [told, *_blocks(shown, value)])


def _blocks(shown: ProposalView, value: str) -> list[b.Block | None]:
    put = shown.proposal
    is_open = put.state is ProposalState.OPEN
    people = words.people_of(shown.incident) | frozenset(shown.votes)
    first = "Primary proposal · " if put.primary and is_open else ""
    kind = words.kind(put)
    # The title of an update often says what it is by itself.
    lead = first if put.title.lower().startswith(kind.lower()) else f"{first}{kind}: "
    rows = [
        [*([b.space(lead)] if lead else []), b.words(put.title, "bold", limit=300)],
        *([[b.words(put.body, limit=600)]] if put.body and is_open else []),
        *(
            [[b.label("Before: "), b.words(_said(put, "record"), limit=300)]]
            if is_open and _said(put, "record")
            else []
        ),
        *([_rejected(put.rejected_before)] if put.rejected_before and is_open else []),
    ]
    return [
        b.lines(rows),
        *(_exactly(put, people) if is_open or put.state in HAPPENED else []),
        *updates.doubts(shown),
        b.lines(_rule(shown) if is_open else _outcome(put, people)),
        b.actions(_buttons(shown, value) if is_open else _afterwards(shown), block_id="proposal"),
    ]


def _rejected(before: RejectedBefore) -> list[b.Element]:
    because = f": {before.reason}" if before.reason else ", without a reason"
    return [b.label(f"Rejected in {before.label} "), b.date(before.at), b.words(because, limit=300)]


def reference(put: Proposal) -> str:
    """Return the opaque value of a decision's button: which proposal in which version."""
    return f"{put.id}:{put.version}"


def _notification(shown: ProposalView) -> str:
    put = shown.proposal
    said = f"{shown.incident.label}: {put.title}"
    if put.state is ProposalState.OPEN:
        return f"{said}. {words.RISKS[put.risk].capitalize()}. {_asked(put)}"
    return f"{said}. {OUTCOMES[put.state]}. {put.outcome or ''}"


def _asked(put: Proposal) -> str:
    return "Done it, or not this?" if put.kind is ProposalKind.CHECK else "Waiting for a decision."


def _exactly(put: Proposal, people: frozenset[str]) -> list[b.Block]:
    match put.kind:
        case ProposalKind.ACTION:
            rows = [
                [b.label(f"{name}: "), b.words(_said(put, key), limit=400)] for key, name in DRY_RUN if _said(put, key)
            ]
            described = b.lines(rows)
            request = _said(put, "request")
            return [*([described] if described else []), *([b.code(request, 1_200)] if request else [])]
        case ProposalKind.UPDATE:
            return [b.quote(_said(put, "text"), people=people)]
        case ProposalKind.RESOLVE | ProposalKind.MERGE:
            return []
        case _:
            commands = "\n".join(_many(put.shown.get("commands")))
            return [
                *([b.code(commands, 900)] if commands else []),
                *([b.footer(f"From the runbook {_said(put, 'runbook')}")] if _said(put, "runbook") else []),
            ]


def _rule(shown: ProposalView) -> list[list[b.Element]]:
    put = shown.proposal
    rows = [
        [
            b.label(words.RISKS[put.risk].capitalize()),
            b.space(f" · for {who_may_decide(put)} to decide"),
            *([b.space(f" · needs {put.needed} people")] if put.needed > 1 else []),
            b.space(" · expires "),
            b.date(put.expires_at),
            *([b.space(" · asked for by "), b.person(put.requested_by)] if put.requested_by else []),
        ]
    ]
    if shown.votes:
        voters = [element for who in shown.votes for element in (b.space(", "), b.person(who))][1:]
        rows.append([b.space(f"{len(shown.votes)} of {put.needed} approvals so far: "), *voters])
    return rows


def _outcome(put: Proposal, people: frozenset[str]) -> list[list[b.Element]]:
    row = [b.label(OUTCOMES[put.state])]
    if put.decided_by:
        by = " · approved by " if put.state in HAPPENED[1:] else " by "
        row += [b.space(by), b.person(put.decided_by)]
    if put.decided_at:
        row += [b.space(", "), b.date(put.decided_at)]
    if put.state is ProposalState.APPROVED:
        row.append(b.space(" · being carried out"))
    rows = [row]
    if put.outcome:
        rows.append(b.told(put.outcome, people, limit=600))
    if put.reason:
        rows.append([b.label("Reason: "), b.words(put.reason, limit=500)])
    return rows


def _buttons(shown: ProposalView, value: str) -> list[b.Element]:
    put = shown.proposal
    if shown.changed or put.is_marked:
        return [*updates.instead(shown, value), *_evidence(put)]
    if put.kind is ProposalKind.CHECK:
        decide = [
            b.button("Did it", "done", value, "primary" if put.primary else None, said_as=f"Did it: {put.title}"),
            b.button("Not this", "not_this", value, said_as=f"Not this: {put.title}"),
        ]
    else:
        decide = [
            b.button("Approve", "approve", value, "primary", confirm=_once_more(put), said_as=f"Approve: {put.title}"),
            *([b.button("Edit", "edit", value)] if put.kind is ProposalKind.UPDATE else []),
            b.button("Reject", "reject", value, "danger", said_as=f"Reject: {put.title}"),
        ]
    glass = (
        [b.button("Break glass", "break_glass", value, said_as=f"Break glass: {put.title}")] if put.needed > 1 else []
    )
    return [*decide, *glass, *_evidence(put)]


def _afterwards(shown: ProposalView) -> list[b.Element]:
    put = shown.proposal
    if put.state is ProposalState.REJECTED and not put.reason:
        return [b.button("Add reason", "reason", reference(put))]
    if put.can_be_put_anew and shown.incident.is_running:
        return [b.button("Draft anew", "anew", reference(put), said_as=f"Draft anew: {put.title}")]
    if put.state in (ProposalState.CARRIED_OUT, ProposalState.UNKNOWN) and put.shown.get("take_back"):
        return [b.button("Undo", "undo", reference(put), said_as=f"Undo: {put.title}")]
    return updates.afterwards(put, reference(put))


def _evidence(put: Proposal) -> list[b.Element]:
    refs = put.evidence_ids[:MOST_EVIDENCE]  # no proposal cites more
    return [
        b.button(f"Evidence {n}" if len(refs) > 1 else "Evidence", "evidence", ref)
        for n, ref in enumerate(refs, start=1)
    ]


def _once_more(put: Proposal) -> b.Element | None:
    if put.risk is Risk.LOW:
        return None
    target = _said(put, "target") or put.title
    people = f" It takes {put.needed} people." if put.needed > 1 else ""
    risk = words.RISKS[put.risk]
    return b.confirm(f"{put.title}?", f"{risk.capitalize()}. {cut(target, 180)}.{people}", "Approve")


def _said(put: Proposal, key: str) -> str:
    value: Any = put.shown.get(key)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _many(value: Any) -> list[str]:
    if not value:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
