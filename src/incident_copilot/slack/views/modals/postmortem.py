"""Forms of a postmortem: which section to edit, a section as text, and a new action item."""

from collections.abc import Mapping, Sequence

from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.action_items import KINDS
from incident_copilot.pipeline.living.edit import Opened
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.modals.parts import MOST_INPUT, View, choice, day, line, member, modal

HINT = "One line a point. What stands in brackets is its source; a line without one is yours."


def pick(incident_id: str, label: str, headings: Mapping[str, str]) -> View:
    """Return the form that asks which section is to be edited."""
    return modal(
        "pm_pick", f"Edit {label}", [choice("section", "Which section?", headings)], submit="Open", kept=incident_id
    )


def section(opened: Opened, text: str, *, warned: Sequence[str] = (), theirs: str = "") -> View:
    """Return a section as a form; `warned` are sentences that blame, `theirs` what somebody else saved meanwhile."""
    told: list[b.Block | None] = []
    if theirs:
        told = [
            b.lines([[b.label("Somebody changed this section while you wrote. It says now:")]]),
            b.quote(theirs, 2_500),
            b.lines([[b.label("Your words are below, and not saved yet. Put both together and save again.")]]),
        ]
    if warned:
        told += [
            b.lines([[b.label("This may read as blame. Save again to keep it as it is.")]]),
            b.bullets([[b.words(one, limit=500)] for one in warned]),
        ]
    kept = f"{opened.incident.id} {opened.section} {opened.version}{' warned' if warned else ''}"
    return modal(
        "pm_section",
        f"Edit {opened.incident.label}",
        [*told, line("text", opened.heading, many_lines=True, initial=text, most=MOST_INPUT, hint=HINT)],
        submit="Save",
        kept=kept,
    )


def item(incident: Incident) -> View:
    """Return the form that adds an action item."""
    return modal(
        "item",
        f"Follow-up of {incident.label}",
        [
            line("text", "What is to be done?", most=500, hint="So that one can say whether it is done."),
            choice("kind", "What for?", {kind: kind.capitalize() for kind in KINDS}, initial=KINDS[0]),
            member("who", "By whom?", optional=True),
            day("due", "By when?"),
        ],
        submit="Add",
        kept=incident.id,
    )
