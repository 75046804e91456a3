"""The part of App Home that is one person's own: their parts, decisions that wait for them, reviews; who is on call."""

from collections.abc import Sequence
from datetime import date

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.domain.proposal import Proposal
from incident_copilot.domain.task import Task
from incident_copilot.pipeline.my_work import Review, Work
from incident_copilot.pipeline.on_call import Called
from incident_copilot.slack.views import automation, words
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.waiting import row

MOST = 8
Row = list[b.Element]


def mine(work: Work) -> list[b.Block | None]:
    """Return what a person has to do, most pressing first; nothing where there is nothing."""
    decisions = [row(one, put) for one, put in work.decisions[:MOST]]
    rows = [
        *[_task(one, task) for one, task in work.todo[:MOST]],
        *[_item(label, item, work.today) for label, item in work.items[:MOST]],
        *[_part(one, told) for one, told in work.parts[:MOST]],
        *[_asked(one, put) for one, put in work.asked[:MOST]],
    ]
    left_out = sum(
        max(0, len(group) - MOST)
        for group in (work.decisions, work.levels, work.todo, work.items, work.parts, work.asked)
    )
    levels = [block for change in work.levels[:MOST] for block in automation.waits(change)]
    if not decisions and not rows and not levels:
        return []
    waits = b.lines([[b.label("Waits for your decision:")]]) if decisions or levels else None
    more = b.footer(f"and {left_out} more") if left_out else None
    return [b.header("For you"), waits, *decisions, *levels, b.bullets(rows) if rows else None, more]


def others(work: Work, page_url: str | None) -> list[b.Block | None]:
    """Return the reviews that are due, and who is on call."""
    reviews = [_review(one, page_url) for one in work.reviews[:MOST]]
    on_call = [_on_call(team, turn) for team, turn in work.on_call[: 2 * MOST]]
    left_out = len(work.on_call) - 2 * MOST
    return [
        *_listed("Reviews due", reviews, len(work.reviews) - MOST),
        *_listed("On call", on_call, left_out),
    ]


def _task(incident: Incident, task: Task) -> Row:
    return [b.label("To do: "), b.words(task.text, limit=200), b.space(f", task {task.number}"), *_where(incident)]


def _item(label: str, item: ActionItem, today: date | None) -> Row:
    due = f", {'overdue since' if today and item.due < today else 'due'} {item.due:%-d %b}" if item.due else ""
    told = f", action item {item.number} of {label}{due}"
    return [b.label("Follow-up: "), b.words(item.text, limit=200), b.space(told)]


def _part(incident: Incident, told: str) -> Row:
    about = f"{words.title(incident)}, {incident.severity_in_words}, {words.status(incident)}"
    return [b.words(about, "bold", limit=250), b.words(f": {told}", limit=150), *_in(incident)]


def _asked(incident: Incident, put: Proposal) -> Row:
    return [b.space("You asked for: "), b.words(put.title, limit=200), *_where(incident)]


def _review(one: Review, page_url: str | None) -> Row:
    state = "its postmortem is written" if one.is_written else "its postmortem is not written yet"
    state += f", {one.state.words}" if one.state else ""
    row: Row = [b.words(f"{words.title(one.incident)}: {state}", limit=300)]
    row += [b.space(", reviewed by "), b.person(one.owner)] if one.owner else []
    if one.is_written and page_url:
        row += [b.space(" "), b.link(f"{page_url}/incidents/{one.incident.number}/postmortem", "read it")]
    return row


def _on_call(team: str, turn: Called) -> Row:
    row: Row = [b.words(team, "bold", limit=80), b.space(": ")]
    row += [b.person(turn.primary)] if turn.primary else [b.space("nobody first")]
    return row + ([b.space(", then "), b.person(turn.secondary)] if turn.secondary else [])


def _where(incident: Incident) -> Row:
    return [b.space(f" ({incident.label})"), *_in(incident)]


def _in(incident: Incident) -> Row:
    return [b.space(" in "), b.channel(incident.channel_id)] if incident.channel_id else []


def _listed(heading: str, rows: Sequence[Row], left_out: int) -> list[b.Block | None]:
    if not rows:
        return []
    return [b.header(heading), b.bullets(rows), b.footer(f"and {left_out} more") if left_out > 0 else None]
