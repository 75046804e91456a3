"""Forms: edit an update, a reason, resolve, severity, split; each with as few required fields as can be."""

from collections.abc import Mapping

from incident_copilot.domain.incident import Ending, Incident, Severity
from incident_copilot.domain.pairing import mark_of
from incident_copilot.domain.proposal import Proposal
from incident_copilot.pipeline.ending import RestorationCheck
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words
from incident_copilot.slack.views.modals.parts import View, choice, line, modal, several, tick
from incident_copilot.slack.views.proposal import reference

SEVERITIES = {
    Severity.P0.value: "P0 critical: complete outage or data loss",
    Severity.P1.value: "P1 high: many users are affected",
    Severity.P2.value: "P2 medium: some users, or a way around",
    Severity.P3.value: "P3 low: nobody notices yet",
}
REASONS = {
    "wrong_cause": "Wrong cause",
    "too_risky": "Too risky right now",
    "tried": "Already tried, did not help",
    "not_needed": "Not needed any more",
    "elsewhere": "Somebody is doing it another way",
}
ENDINGS = {Ending.RESOLVED.value: "Resolved", Ending.FALSE_ALARM.value: "False alarm"}
CHECKED = {True: "OK", False: "Not restored", None: "Could not look"}


def break_glass(proposal: Proposal) -> View:
    """Return the form that asks a commander why one person decides what needs more."""
    return modal(
        "break_glass",
        "Break the glass",
        [
            b.lines([[b.words(proposal.title, "bold", limit=300)]]),
            line("reason", "Why can it not wait for a second person?", many_lines=True, most=500),
            b.footer("It is carried out at once, by your word alone. Everybody is told, and it is logged."),
        ],
        submit="Carry it out",
        kept=reference(proposal),
    )


def edit_update(proposal: Proposal) -> View:
    """Return the form that changes the text of an update."""
    return modal(
        "edit_update",
        "Edit the update",
        [
            line("text", words.kind(proposal), many_lines=True, initial=proposal.shown.get("text", "")),
            tick("approve", "After saving", "approve", "Approve and publish my text now"),
            b.footer("The difference to the draft goes into the log. Earlier approvals no longer count."),
        ],
        submit="Save",
        kept=reference(proposal),
    )


def correct_update(proposal: Proposal) -> View:
    """Return the form that proposes other words for an update that is out."""
    return modal(
        "correct_update",
        "Correct the update",
        [
            line("text", words.kind(proposal), many_lines=True, initial=proposal.shown.get("text", "")),
            b.footer("Once approved, these words replace the published ones wherever they are."),
        ],
        submit="Propose",
        kept=reference(proposal),
    )


def reason(proposal_id: str, title: str) -> View:
    """Return the form that takes the reason of a rejection."""
    return modal(
        "reason",
        "Why not?",
        [
            b.lines([[b.words(title, "bold", limit=300)]]),
            choice("choice", "Reason", REASONS, kind="radio_buttons", optional=True),
            line("text", "In your words", many_lines=True, optional=True, most=400),
        ],
        submit="Add reason",
        kept=proposal_id,
    )


def resolve(incident: Incident, check: RestorationCheck, refusal: str = "") -> View:
    """Return the form that ends an incident: the restoration check first; over red it asks once more."""
    rows = [[b.label(f"{CHECKED[found.ok]}: "), b.words(found.text, limit=300)] for found in check.lines]
    anyway = tick(
        "anyway",
        "It does not look restored",
        "anyway",
        "Resolve anyway",
        "Needed to resolve over a red check; not for a false alarm.",
    )
    return modal(
        "resolve",
        f"Resolve {incident.label}",
        [
            b.lines([[b.words(refusal, "bold", limit=500)]]) if refusal else None,
            b.lines([[b.label("Restoration check")]]),
            b.bullets(rows),
            anyway if check.is_red else None,
            choice("ending", "How did it end?", ENDINGS, kind="radio_buttons", initial=Ending.RESOLVED.value),
            line("note", "Note", many_lines=True, optional=True, most=1000),
        ],
        submit="Resolve",
        kept=incident.id,
    )


def split(incident: Incident, kinds: Mapping[str, int]) -> View:
    """Return the form that splits alerts off into an incident of their own."""
    words = {mark_of(kind): f"{count} x {kind}" if count > 1 else kind for kind, count in kinds.items()}
    hint = "They become an incident of their own. Later alerts of these kinds are kept apart for 90 days."
    return modal(
        "split",
        f"Split {incident.label}",
        [several("alerts", "Which alerts do not belong here?", words, hint)],
        submit="Split",
        kept=incident.id,
    )


def severity(incident: Incident) -> View:
    """Return the form that sets the severity."""
    return modal(
        "severity",
        f"Severity of {incident.label}",
        [
            choice("severity", "Severity", SEVERITIES, initial=incident.severity.value),
            line("reason", "Why?", optional=True, most=200),
        ],
        submit="Set",
        kept=incident.id,
    )
