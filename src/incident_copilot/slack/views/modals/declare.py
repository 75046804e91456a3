"""The form that declares an incident, and what it shows where something like it runs already."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from incident_copilot.pipeline.alike import Alike
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words
from incident_copilot.slack.views.modals.forms import SEVERITIES
from incident_copilot.slack.views.modals.parts import View, choice, line, modal, moment, ticks, time_in

FLAGS = {
    "private": "Private: a private channel, no model, seen by its members alone",
    "test": "Test: marked as one everywhere, in no statistics",
}


def declare(
    services: Sequence[str],
    title: str = "",
    *,
    started_at: datetime | None = None,
    kept: str = "",
    said: str = "",
) -> View:
    """Return the form: only the title is required. `said` is the message that it begins with."""
    return _form(services, {"title": title}, started_at, kept, _quoted(said))


def looks_like(services: Sequence[str], given: Mapping[str, str], found: Sequence[Alike], kept: str) -> View:
    """Return the form as it was filled in, with what runs already and looks like it on top."""
    offered = [block for one in found for block in _offered(one)]
    return _form(services, given, time_in(given.get("started", "")), kept, offered, submit="Declare anyway")


def _form(
    services: Sequence[str],
    given: Mapping[str, str],
    started_at: datetime | None,
    kept: str,
    above: Sequence[b.Block],
    submit: str = "Declare",
) -> View:
    zone = "In your own time zone, as Slack shows it to you. Left empty: now."
    return modal(
        "declare",
        "Declare an incident",
        [
            *above,
            line("title", "What is broken?", most=200, initial=given.get("title"), hint="A few words are enough."),
            _severity(given.get("severity", "")),
            _service(services, given.get("service", "")),
            moment("started", "When did it start?", started_at, optional=True, hint=zone),
            line("summary", "What do you know?", many_lines=True, optional=True, initial=given.get("summary")),
            ticks("flags", "Only if it is so", FLAGS, given.get("flags", "").split()),
        ],
        submit=submit,
        kept=kept,
    )


def _severity(level: str) -> b.Block:
    hint = "Left empty, the score sheet decides."
    return choice("severity", "Severity", SEVERITIES, optional=True, hint=hint, initial=level)


def _service(services: Sequence[str], name: str) -> b.Block:
    if 0 < len(services) <= 100:
        known = {one: one for one in services}
        return choice("service", "Service", known, optional=True, initial=name if name in known else "")
    return line("service", "Service", optional=True, most=100, initial=name)


def _offered(one: Alike) -> list[b.Block]:
    why = b.lines(
        [
            [b.words(words.title(one.incident), "bold", limit=300)],
            [b.space("looks like this: "), b.words(one.reason, limit=300)],
        ]
    )
    label = f"Join {one.incident.label}"
    row = b.actions([b.button(label, "join_incident", one.incident.id, "primary", said_as=f"{label} instead")])
    return [block for block in (why, row) if block]


def _quoted(said: str) -> list[b.Block]:
    begins = b.lines([[b.label("It begins with this message")]])
    return [begins, b.quote(said, 600)] if said and begins else []
