"""A handover: what somebody takes over, and where everything stands; and the form that asks to whom."""

from incident_copilot.domain.content import HandedOver, Handover
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words
from incident_copilot.slack.views.modals.parts import View, line, member, modal

MOST_LINES = 5


def handed_over(shown: Handover) -> b.Rendered:
    """Return the summary: what passed on first, with duties, open tasks and what waits for a decision."""
    mine = sum(1 for one in shown.incidents if one.duties)
    what = f"{mine} of {len(shown.incidents) + shown.more} running incidents {'is' if mine == 1 else 'are'} yours now"
    said = what if shown.incidents else "Nothing is running"
    return b.message(
        f"A shift was handed over to you. {said}.",
        [
            b.header("Your shift begins"),
            b.lines([[b.person(shown.by), b.space(" handed over to you. "), b.space(f"{said}.")]]),
            b.quote(shown.note, 1_000) if shown.note else None,
            *(block for one in shown.incidents for block in _incident(one)),
            b.footer(f"and {shown.more} more: /incident list") if shown.more else None,
        ],
    )


def form() -> View:
    """Return the form that asks to whom a shift is handed over."""
    note = line("note", "What should they know?", many_lines=True, optional=True, most=1_000)
    tells = b.footer("Your roles and open tasks pass to them, and they get a summary of all that runs.")
    return modal("handover", "Hand over your shift", [member("who", "To whom?"), note, tells], submit="Hand over")


def _incident(one: HandedOver) -> list[b.Block]:
    incident = one.incident
    place = [b.space(" in "), b.channel(incident.channel_id)] if incident.channel_id else []
    state = f"{words.severity(incident.severity)} · {words.status(incident)} · since "
    rows = [
        [b.words(words.title(incident), "bold", limit=300), *place],
        [b.space(state), b.date(incident.started_at)],
        *([[b.label("You are now: "), b.space(", ".join(one.duties))]] if one.duties else []),
    ]
    tasks = [
        [b.label(f"Task {task.number}: "), b.words(task.text, limit=200), *_with(task.assignee)] for task in one.tasks
    ]
    waiting = [[b.label("Waits for a decision: "), b.words(title, limit=200)] for title in one.waiting]
    listed = [*tasks[:MOST_LINES], *waiting[:MOST_LINES]]
    more = len(tasks) + len(waiting) - len(listed)
    left_out = b.footer(f"and {more} more") if more else None
    return [block for block in (b.lines(rows), b.bullets(listed), left_out) if block]


def _with(assignee: str | None) -> list[b.Element]:
    return [b.space(" · with "), b.person(assignee)] if assignee else []
