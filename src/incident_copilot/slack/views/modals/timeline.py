"""The timeline in modals: what people put there, the form that corrects it, and the choice of an incident."""

from collections.abc import Sequence

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import TimelineEntry
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words
from incident_copilot.slack.views.modals.parts import View, choice, line, modal, moment

MOST_OFFERED = 100
MOST_LISTED = 15


def put_there(incident: Incident, entries: Sequence[TimelineEntry], note: str = "") -> View:
    """Return what people put on the timeline, newest first, each with Edit and Remove; `note` on the last click."""
    nothing = b.lines([[b.space("Nobody has put anything on it yet. Pin a message, or type /incident note.")]])
    said = b.ours(inert.to_one_person(note)) if note else None
    listed: list[b.Block | None] = [block for entry in entries[:MOST_LISTED] for block in _entry(entry)]
    more = b.footer(f"The newest {MOST_LISTED}; the postmortem has them all.") if len(entries) > MOST_LISTED else None
    return modal("timeline", f"Timeline of {incident.label}", [said, *(listed or [nothing]), more])


def correct(entry: TimelineEntry) -> View:
    """Return the form that corrects an entry."""
    return modal(
        "correct_entry",
        "Correct the timeline",
        [
            line("text", "What happened", many_lines=True, initial=entry.text),
            moment("at", "When", entry.at, hint="In your own time zone, as Slack shows it to you."),
            b.footer("What it said before stays in the log."),
        ],
        submit="Save",
        kept=entry.id,
    )


def which(running: Sequence[Incident], kept: str) -> View:
    """Return the form that asks whose timeline a message belongs to."""
    offered = {one.id: words.title(one) for one in running[:MOST_OFFERED]}
    return modal(
        "keep_message",
        "Add to timeline",
        [choice("incident", "Of which incident?", offered)],
        submit="Add",
        kept=kept,
    )


def _entry(entry: TimelineEntry) -> list[b.Block]:
    if entry.removed_by:
        gone = [b.date(entry.at), b.space("  Removed by "), b.person(entry.removed_by)]
        return [b.rich({"type": "rich_text_section", "elements": gone})]
    who = [b.person(entry.author), b.space(": ")] if entry.author else []
    files = [b.space(f" ({len(entry.files)} files)")] if entry.files else []
    told = b.lines([[b.date(entry.at), b.space("  "), *who, b.words(entry.text, limit=300), *files]])
    sure = b.confirm("Take it off the timeline?", "The log keeps what it said, and who removed it.", "Remove")
    row = b.actions(
        [
            b.button("Edit", "correct_entry", entry.id, said_as="Edit this entry"),
            b.button("Remove", "remove_entry", entry.id, confirm=sure, said_as="Remove this entry"),
        ]
    )
    return [block for block in (told, row) if block]
