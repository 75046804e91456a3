"""What can be typed after /incident, by what a person wants: all of it, one group, or what is wanted most here."""

from collections.abc import Sequence
from typing import NamedTuple

from incident_copilot.slack.views import blocks as b

COMMAND = "/incident"
WHERE = "In an incident's channel no number is needed; elsewhere add one, as in `/incident INC-42 status`."


class Group(NamedTuple):
    """Commands for one wish; `word` reads it alone. Each line is what is typed and what comes of it."""

    word: str
    title: str
    lines: Sequence[tuple[str, str]]


GROUPS = (
    Group(
        "declare",
        "Declare and find",
        (
            ("declare [title]", "opens an incident"),
            ("list", "lists what is running"),
            ("status", "shows the card; `status mitigated` sets it"),
            ("oncall", "says who is on call"),
            ("subscribe P1 [email]", "tells you of each P0 and P1; `subscribe off` ends it"),
        ),
    ),
    Group(
        "run",
        "Run it",
        (
            ("ack", "takes the incident"),
            ("severity [P0..P3] [why]", "sets the severity"),
            ("assign [@person | me] [role]", "gives a role; `take scribe`, `role none scribe`, `roles`"),
            ("invite @ben @cara", "brings people in; `page shop [why]` or `page @ben` calls a team or a person"),
            ("escalate [why]", "calls the secondary"),
            ("bridge [link | huddle]", "says where the incident's call is"),
            ("automation [SERVICE]", "shows how far I go for services and how that went, and raises or lowers it"),
            ("hold [off]", "puts it under legal hold: nothing of it is erased"),
            ("snapshot", "keeps the evidence as it is now, so that it can be shown later"),
            (
                "vendor [NAME CASE]",
                "shows which vendor helps, and notes a case; `regulator [NAME told]` whom the law names",
            ),
            ("task what to do [@person]", "adds a task; `task done 2`, `task 2 me`, `tasks`"),
            ("note what happened", "goes on the timeline, as do pins and the shortcut Add to timeline"),
            ("timeline", "shows what people put there, to correct and remove"),
            ("link INC-41", "has two incidents name each other; `link` and an address with a title adds a link"),
            ("merge INC-41", "makes this incident part of another one; `split [alert]` makes one of some alerts"),
            ("handover @ben [note]", "passes your roles and tasks on, with a summary"),
            ("snooze 30m", "puts reminders off; `quiet [off]` stops them"),
            ("resolve", "checks whether it works again, then ends it; `reopen`"),
        ),
    ),
    Group(
        "catchup",
        "Catch up",
        (
            ("catchup", "tells what is new since you looked"),
            ("summary", "tells it in a few lines; `summary managers` what it means, without jargon"),
            ("before", "says what changed before it started"),
            ("similar", "shows what happened before; `runbook` the steps that fit, and why"),
        ),
    ),
    Group(
        "decide",
        "Decide and tell",
        (
            ("proposals", "lists what waits for a decision; `approve 3` and `reject 3 why` decide"),
            ("action", "lists what I may do here; `action flag-off flag=new-cart` proposes it"),
            ("update [internal | management | customers | external]", "drafts a status update"),
            (
                "silence [alert] [1h] [why]",
                "proposes to silence alerts at their source; `unsilence 3` to end that",
            ),
        ),
    ),
    Group(
        "learn",
        "Review and learn",
        (
            (
                "postmortem",
                "shows how far it is; `edit [section]`, `review`, `approve`, `publish`, `take`, `write` anew",
            ),
            ("item what follows [@person] [2026-12-05]", "adds follow-up work; `item 2 done`, `item 2 me`, `items`"),
            ("publish [place]", "puts it where you keep them; `tickets [tracker]` opens its action items there"),
            ("learn", "shows what this incident would change in its runbook; `runbooks` lists those that are stale"),
            ("why", "says why causes and proposals stand in this order"),
            ("learned", "shows how rules, runbooks and specialists have done; `learned reset NAME` forgets it"),
            ("stats [30d] [service NAME | severity P1 | type NAME]", "shows how incidents and the copilot do"),
            ("digest", "tells how the week went, what comes back again, and what stands out"),
            ("noise", "lists alerts that opened no incident, why, and what would make alerts quieter"),
        ),
    ),
    Group(
        "set",
        "Set",
        (
            ("settings [team]", "shows what is set, where it comes from, and changes it"),
            ("mute checkout 1h why", "keeps alerts out of incidents; `mutes` lists them, `unmute 3` ends one"),
        ),
    ),
    Group(
        "operate",
        "Operate and rehearse",
        (
            ("doctor", "looks at everything I depend on, for those who run me"),
            ("pause [why]", "holds back actions, pages, e-mails and customer updates; `resume` lets them go"),
            ("dead", "lists webhooks that could not be understood"),
            ("ai [performance | security] [system]", "says how AI systems do; `ai rollback` proposes one"),
            ("drill [NAME]", "rehearses an incident that is not real; `drill stop`, `drill history`"),
        ),
    ),
)
_LISTED = {group.word: group for group in GROUPS}
OUTSIDE = ("declare [title]", "list", "oncall", "subscribe P1 [email]")
INSIDE = ("ack", "status", "catchup", "note what happened", "task what to do [@person]", "proposals", "resolve")


def whole() -> b.Rendered:
    """Return all commands; the text names the groups, each of which can be read out alone."""
    named = [f"{group.title} ({COMMAND} help {group.word})" for group in GROUPS]
    text = f"What you can type after {COMMAND}, in {len(GROUPS)} groups: {', '.join(named)}."
    return b.message(text, [*(b.ours(_listed(group)) for group in GROUPS), b.ours(WHERE)])


def about(word: str) -> b.Rendered | None:
    """Return the group of this name, or the lines that tell of a command; None where nothing does."""
    word = word.lower()
    lines = [line for group in GROUPS for line in group.lines if word in _commands_in(line)]
    group = _LISTED.get(word) or (Group(word, word.capitalize(), lines) if lines else None)
    return b.Rendered(_listed(group), [b.ours(_listed(group)), b.ours(WHERE)]) if group else None


def here(label: str | None) -> b.Rendered:
    """Return what is wanted most in the channel of an incident, or, without one, anywhere else."""
    wanted = INSIDE if label else OUTSIDE
    every = [line for group in GROUPS for line in group.lines]
    lines = [next(line for line in every if line[0] == typed) for typed in wanted]
    heading = f"This is the channel of {label}" if label else "No incident is in this channel"
    more = f"`{COMMAND} help` lists everything, in groups."
    text = f"{_listed(Group('', heading, lines))}\n{more}"
    return b.Rendered(text, [b.ours(text)])


def _listed(group: Group) -> str:
    return "\n".join([f"*{group.title}*", *(f"• `{COMMAND} {typed}` {does}" for typed, does in group.lines)])


def _commands_in(line: tuple[str, str]) -> set[str]:
    """Return the first words of what a line says can be typed."""
    typed, does = line
    return {quoted.split()[0] for quoted in [typed, *does.split("`")[1::2]]}
