"""Writes docs/slack.md: what people can do in Slack, and who may; from what the bot listens for: `make slack-page`."""

import ast
import importlib
import inspect
import re
import sys

from incident_copilot.pipeline import (
    act,
    anew,
    decide,
    declare,
    draft_comms,
    escalate,
    investigate_by_model,
    mute,
    outcomes,
    pausing,
    regroup,
    resolve,
    review,
    run,
    silencing,
    undo,
)
from incident_copilot.slack import app
from incident_copilot.slack.listeners import commands
from incident_copilot.slack.listeners.wording import VERBS
from incident_copilot.slack.manifest import EVENTS, manifest

from .documents import ROOT

PAGE = ROOT / "docs" / "slack.md"
HEAD = """# What people can do in Slack

Every command, shortcut, button and form, and who may use it. `make slack-page` writes this page from what the bot
listens for, and the last column from the check that the code makes; a test compares them. What it looks like:
`make gallery`.

- **Everybody** is whoever sees it. What everybody may use shows something, or opens a form that asks for it.
- **Responders** are all full members, until `catalog.yaml` lists people: then those who are not listed are responders,
  and who is listed has the roles that are written there.
- **Who may decide** a proposal depends on what it is, and the proposal says it: responders for steps and colleagues'
  updates, the comms lead and commanders for customers' updates, approvers and commanders for actions.
- Guests and people from outside the workspace look on. A refusal is told to that person alone, and is in the log.

**Deciding.** A proposal shows what will happen, its risk, the evidence, who may decide and when it expires. Its buttons
work in the channel, in App Home (Look and decide), and in the answer to `/incident approve 3`, which shows the third
proposal of the incident to you alone. There the buttons hold the hash of what is shown: what was edited since is not
decided. Rejecting by command is done at once, for it carries nothing out. What expired or failed offers Draft anew: an
action is looked at again, an update drafted from what is known now, and the new one says what changed meanwhile.

In an incident's channel or thread a command needs no number; elsewhere add one, as in `/incident INC-42 status`.
"""
COMMANDS = {
    "acknowledge": ("takes the incident", run.acknowledge),
    "action": ("lists what actions.yaml allows here; by name, with values, proposes it", act.request),
    "approve": ("shows a proposal exactly as it would be carried out, with its buttons", None),
    "assign": ("names the commander: a person, or `me`; without one a form asks", run.assign),
    "dead": ("lists webhooks that could not be understood", None),
    "declare": ("opens the form that opens an incident", None),
    "escalate": ("calls a person, or the secondary; `later 30m` holds escalation back", escalate.by_hand),
    "help": ("lists the commands", None),
    "list": ("lists what is running, most urgent first", None),
    "merge": ("makes this incident part of another one", regroup.merge),
    "mute": ("keeps alerts out of incidents for a while", mute.mute),
    "mutes": ("lists what is muted", None),
    "noise": ("lists alerts that opened no incident, and why", None),
    "oncall": ("says who is on call", None),
    "pause": ("holds back actions, pages, e-mails and customer updates", pausing.pause),
    "postmortem": ("asks for the postmortem", review.request),
    "proposals": ("lists what waits for a decision, here or everywhere", None),
    "quiet": ("holds reminders back; `off` lets them go on", run.quiet),
    "reject": ("rejects a proposal, with the reason that follows its number", decide.vote),
    "reopen": ("opens an ended incident again", run.reopen),
    "resolve": ("opens the form that ends the incident", None),
    "resume": ("lets go out what was held back", pausing.resume),
    "runbook": ("shows the steps that fit, and why", None),
    "severity": ("sets the severity; without one a form asks", run.set_severity),
    "silence": ("proposes to silence alerts where they come from", silencing.propose),
    "similar": ("shows past incidents like this one", None),
    "split": ("makes an incident of some of its alerts; without them a form asks", regroup.split),
    "status": ("shows the card; `mitigated` or `acknowledged` sets it", run.set_status),
    "summary": ("tells the incident in a few lines", None),
    "unmute": ("ends a mute", mute.unmute),
    "unsilence": ("proposes to end a silence where it was made", silencing.propose_end),
    "update": ("drafts a status update for colleagues or `customers`", draft_comms.draft),
}
SHORTCUTS = {"declare_incident": ("opens the form that opens an incident", None)}
BUTTONS = {
    "acknowledge": ("Acknowledge", "takes the incident", run.acknowledge),
    "alternatives": ("Alternatives, All causes", "shows every cause that was looked at", None),
    "anew": ("Draft anew", "drafts again what expired or failed, and says what changed", anew.propose_anew),
    "approve": ("Approve", "approves a proposal; where two people are needed, counts", decide.vote),
    "break_glass": ("Break glass", "opens the form for one commander to decide what needs more", None),
    "declare": ("Declare an incident", "opens the form", None),
    "did_not": ("It did not", "says that an action whose answer was lost did not happen", outcomes.answer),
    "done": ("Did it", "says that a step was done", decide.vote),
    "edit": ("Edit", "opens the form with the text of an update", None),
    "evidence": ("Evidence", "shows a piece of evidence", None),
    "not_this": ("Not this", "rules a step out", decide.vote),
    "open_proposal": ("Look and decide", "shows a proposal exactly as it would be carried out", None),
    "postmortem": ("Write postmortem", "asks for the postmortem", review.request),
    "promote": ("Promote", "makes an incident of a small alert", run.promote),
    "reason": ("Add reason", "opens the form that takes why a proposal was rejected", None),
    "reasoning": ("Why", "shows what the model looked at", None),
    "reject": ("Reject", "rejects a proposal", decide.vote),
    "reopen": ("Reopen", "opens an ended incident again", run.reopen),
    "resolve": ("Resolve…", "opens the form that ends the incident", None),
    "score": ("Why P1?", "shows the score sheet", None),
    "stop_model": ("Stop", "ends the model's investigation before its next step", investigate_by_model.stop),
    "undo": ("Undo", "proposes to take back what was carried out", undo.undo),
    "worked": ("It worked", "says that an action whose answer was lost happened", outcomes.answer),
}
FORMS = {
    "assign": ("names the commander", run.assign),
    "break_glass": ("carries out by one commander's word what needs more people", decide.break_glass),
    "declare": ("opens an incident", declare.declare),
    "edit_update": ("changes the text of an update; approves it where that is ticked", decide.edit),
    "reason": ("adds why a proposal was rejected: a quick choice, own words, or both", decide.give_reason),
    "resolve": ("ends the incident, after a look whether it works again", resolve.resolve),
    "severity": ("sets the severity", run.set_severity),
    "split": ("makes an incident of some of its alerts", regroup.split),
}
HEARD = {
    "app_home_opened": "App Home is shown anew",
    "message.channels": "messages of an incident's channel or thread go onto its timeline, edits and deletions too; "
    "other bots' alerts are read in watched channels",
    "message.groups": "the same in private channels",
    "message.im": "a message to the bot is answered with what can be done",
    "pin_added": "a pin in an incident's channel marks the line of the timeline",
    "pin_removed": "and taking it away does not",
}


class Listening:
    """Stands in for the app and notes what is listened for."""

    def __init__(self):
        self.found = {"command": set(), "shortcut": set(), "action": set(), "view": set(), "event": set()}

    def __getattr__(self, kind):
        def listen(what=None, *_):
            if kind in self.found:
                # A button's id is a pattern: its name, with a number where a row has several.
                self.found[kind].add(what.pattern.partition("(")[0] if isinstance(what, re.Pattern) else what)
            return lambda listener: listener

        return listen


def listened_for():
    """What the bot listens for: kind to names."""
    listening = Listening()
    app.register(listening, None, None)
    verbs = {*commands.ANYWHERE, *commands.ABOUT}
    return listening.found | {"verb": verbs, "heard": set(EVENTS)}


def described():
    """What this page tells of, in the same shape."""
    return {
        "command": {commands.COMMAND},
        "verb": {*COMMANDS},
        "shortcut": {*SHORTCUTS},
        "action": {*BUTTONS},
        "view": {*FORMS},
        "event": {"app_home_opened"},
        "heard": {*HEARD},
    }


def page():
    """The whole page."""
    names = {one["callback_id"]: one for one in manifest()["features"]["shortcuts"]}
    tables = [
        ("Commands", ["command", "also", "what it does", "who"], [_command(*one) for one in sorted(COMMANDS.items())]),
        (
            "Shortcuts",
            ["shortcut", "where", "what it does", "who"],
            [[names[name]["name"], names[name]["type"], does, who(by)] for name, (does, by) in SHORTCUTS.items()],
        ),
        (
            "Buttons",
            ["button", "id", "what it does", "who"],
            [[label, f"`{name}`", does, who(by)] for name, (label, does, by) in sorted(BUTTONS.items())],
        ),
        (
            "Forms",
            ["form", "what it does when it is sent", "who"],
            [[f"`{name}`", does, who(by)] for name, (does, by) in sorted(FORMS.items())],
        ),
        ("What the bot hears", ["event", "what comes of it"], [[f"`{name}`", does] for name, does in HEARD.items()]),
    ]
    return "\n".join([HEAD, *(_table(*one) for one in tables)]).rstrip() + "\n"


def who(function):
    """Who may do it, as the check in the function or in what it calls says."""
    if function is None:
        return "everybody"
    tree = ast.parse(inspect.getsource(importlib.import_module(function.__module__)))
    written = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    found = _checks(written, function.__name__, set())
    assert found, f"{function.__module__}.{function.__name__} checks nobody's right"
    return " and ".join(sorted(found))


def _checks(written, name, seen):
    seen.add(name)
    found = set()
    for node in ast.walk(written[name]):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "people.require":
            found.add(f"{ast.unparse(node.args[1]).rpartition('.')[2].lower()}s")
        elif called == "people.require_right_to_decide":
            found.add("who may decide it")
        elif called in written and called not in seen:
            found |= _checks(written, called, seen)
    return found


def _command(verb, entry):
    does, by = entry
    first, *others = VERBS[verb]
    return [f"`/incident {first}`", ", ".join(f"`{one}`" for one in others), does, who(by)]


def _table(title, head, rows):
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} is written\n")
