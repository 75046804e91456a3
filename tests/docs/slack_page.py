"""Writes docs/slack.md: what people can do in Slack, and who may; from what the bot listens for: `make slack-page`."""

import ast
import importlib
import inspect
import re
import sys

from incident_copilot.pipeline import (
    act,
    action_items,
    anew,
    archiving,
    bridge,
    call_in,
    chosen,
    deadlines,
    decide,
    declare,
    draft_comms,
    drill,
    escalate,
    forget,
    handover,
    impact,
    investigate_by_model,
    learn_runbook,
    legal_hold,
    linking,
    lower_level,
    mute,
    note,
    outcomes,
    pausing,
    publish_postmortem,
    raise_level,
    rate,
    regroup,
    resolve,
    review,
    roles,
    run,
    sampling,
    silencing,
    subscribing,
    tasks,
    tickets,
    undo,
    vendor_cases,
    verify_by_people,
)
from incident_copilot.pipeline.comms import amending, stale
from incident_copilot.pipeline.living import edit, states
from incident_copilot.pipeline.snapshots import keep
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

- **Everybody** is whoever sees it; a command asks for the role viewer, which all full members have. What everybody may
  use shows something, or opens a form that asks for the right when it is sent.
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
    "ai": (
        "says how AI systems do, by a word such as `status`, `monitor` or `offline`; `rollback` proposes one",
        act.request,
    ),
    "action": ("lists what actions.yaml allows here; by name, with values, proposes it", act.request),
    "automation": ("shows how far the copilot goes for each service, by whose word and on what record", None),
    "approve": ("shows a proposal exactly as it would be carried out, with its buttons", None),
    "assign": ("gives a role to a person, or to `me`; `none` makes it free; alone, a form asks", roles.assign),
    "before": ("says what changed before it started", None),
    "bridge": ("names the call: a link, or `huddle`; without one says where it is", bridge.name),
    "catchup": ("tells what is new since you looked", None),
    "dead": ("lists webhooks that could not be understood", None),
    "declare": ("opens the form that opens an incident", None),
    "digest": ("tells how the week went, what comes back again, and what stands out", None),
    "doctor": ("looks at everything the copilot depends on; for admins", None),
    "drill": ("rehearses an incident that is not real; `stop` ends it, `history` shows past ones", drill.start),
    "escalate": ("calls the secondary", escalate.by_hand),
    "handover": ("passes one's roles and open tasks to somebody; without one a form asks", handover.hand_over),
    "hold": ("puts it under legal hold; `off` ends that", legal_hold.hold),
    "snapshot": ("keeps the evidence as it is now, as files that cannot be changed", keep.ask),
    "help": ("lists the commands in groups; `help decide` reads one; `/incident` alone says the nearest", None),
    "invite": ("invites people; without them a form asks", call_in.invite),
    "item": ("adds follow-up work, gives one to somebody, dates it, or says that it is done", action_items.add),
    "items": ("lists the follow-up work", None),
    "learned": ("shows how rules, runbooks and specialists have done; `reset` forgets it", forget.forget),
    "link": ("has two incidents name each other, or puts a link on the card", linking.relate),
    "list": ("lists what is running, most urgent first", None),
    "merge": ("makes this incident part of another one", regroup.merge),
    "mute": ("keeps alerts out of incidents for a while", mute.mute),
    "mutes": ("lists what is muted", None),
    "noise": ("lists alerts that opened no incident, and why", None),
    "note": ("puts what happened on the timeline", note.note),
    "oncall": ("says who is on call", None),
    "page": ("calls a person, or whoever a team has on call; without one a form asks", call_in.page),
    "pause": ("holds back actions, pages, e-mails and customer updates", pausing.pause),
    "postmortem": (
        "shows how far it is and what is missing; `edit`, `review`, `approve`, `publish`, `take`, `write`",
        states.ask,
    ),
    "regulator": ("lists who has to be told by law and by when; with `NAME told [reference]` notes it", deadlines.told),
    "publish": ("puts the postmortem where the house keeps them, or at the named place", publish_postmortem.publish),
    "tickets": ("opens a ticket for each open action item that has none", tickets.file),
    "proposals": ("lists what waits for a decision, here or everywhere", None),
    "quiet": ("holds reminders back; `off` lets them go on", run.quiet),
    "reject": ("rejects a proposal, with the reason that follows its number", decide.vote),
    "reopen": ("opens an ended incident again", run.reopen),
    "resolve": ("opens the form that ends the incident", None),
    "resume": ("lets go out what was held back", pausing.resume),
    "roles": ("says who has which role, each with Take or Make free", None),
    "runbook": ("shows the steps that fit, and why", None),
    "learn": ("shows what the incident would change in its runbook, or a first draft of one", None),
    "runbooks": ("lists the runbooks that are stale, and why", None),
    "settings": ("opens the form with what is set for the workspace, or for the named team", None),
    "severity": ("sets the severity; without one a form asks", run.set_severity),
    "silence": ("proposes to silence alerts where they come from", silencing.propose),
    "similar": ("shows past incidents like this one", None),
    "snooze": ("puts reminders off for half an hour, or as long as is typed", run.snooze),
    "split": ("makes an incident of some of its alerts; without them a form asks", regroup.split),
    "stats": ("shows how incidents and the copilot do, over 30 days or as long as is typed", None),
    "status": ("shows the card; `mitigated` or `acknowledged` sets it", run.set_status),
    "subscribe": ("tells you of incidents: `P1`, `P1 email`; `off` ends it", subscribing.subscribe),
    "summary": ("tells the incident in a few lines", None),
    "task": ("adds a task, gives one to somebody, or says that it is done", tasks.add),
    "tasks": ("lists the tasks", None),
    "timeline": ("shows what people put on the timeline, each with Edit and Remove", None),
    "unmute": ("ends a mute", mute.unmute),
    "unsilence": ("proposes to end a silence where it was made", silencing.propose_end),
    "vendor": (
        "lists vendors with contact, SLA and case; with a name and a number notes the case",
        vendor_cases.note_case,
    ),
    "why": ("says why causes and proposals stand in this order", None),
    "update": ("drafts an update for colleagues, `management`, `customers` or `external`", draft_comms.draft),
}
SHORTCUTS = {
    "add_to_timeline": ("puts the message on the timeline of its channel's incident; elsewhere a form asks", note.keep),
    "declare_from_message": ("opens the form, with the message's words and time in it", None),
    "declare_incident": ("opens the form that opens an incident", None),
}
BUTTONS = {
    "acknowledge": ("Acknowledge", "takes the incident", run.acknowledge),
    "affected": ("Who is affected", "shows who is affected by trouble with an AI system", None),
    "agree_level": ("Agree", "raises how far the copilot goes, as somebody else asked", raise_level.agree),
    "alternatives": ("Alternatives, All causes", "shows every cause that was looked at", None),
    "anew": ("Draft anew", "drafts again what expired or failed, and says what changed", anew.propose_anew),
    "automation": ("Automation", "shows how far the copilot goes for each service", None),
    "approve": ("Approve", "approves a proposal; where two people are needed, counts", decide.vote),
    "break_glass": ("Break glass", "opens the form for one commander to decide what needs more", None),
    "correct_entry": ("Edit", "opens the form that corrects an entry of the timeline", None),
    "correct_update": ("Correct", "opens the form with the words of an update that is out", None),
    "declare": ("Declare an incident", "opens the form", None),
    "did_not": ("It did not", "says that an action whose answer was lost did not happen", outcomes.answer),
    "draft": ("Draft it", "drafts the update that a reminder says is due", draft_comms.draft),
    "done": ("Did it", "says that a step was done", decide.vote),
    "edit": ("Edit", "opens the form with the text of an update", None),
    "evidence": ("Evidence", "shows a piece of evidence", None),
    "feedback": ("Helpful, Not helpful", "says whether an answer helped", None),
    "helped": ("It helped", "says that an action helped whose effect could not be read", verify_by_people.answer),
    "item_done": ("Done", "says that an action item is done", action_items.done),
    "item_new": ("New action item", "opens the form that adds one", None),
    "item_take": ("Take", "takes an action item", action_items.assign),
    "join_incident": ("Join INC-1", "joins what runs already instead of declaring another", declare.join),
    "lower_level": ("Lower to…, Lower it", "opens the form that lowers how far the copilot goes", None),
    "more": ("the menu of the card", "opens a form each, or puts reminders off", run.snooze),
    "keep_channel": ("Keep it", "keeps an old incident's channel from being archived", archiving.keep),
    "no_help": (
        "It did not help",
        "says that an action did not help whose effect could not be read",
        verify_by_people.answer,
    ),
    "not_this": ("Not this", "rules a step out", decide.vote),
    "open_proposal": ("Look and decide", "shows a proposal exactly as it would be carried out", None),
    "pm_approve": ("Approve", "approves the postmortem as it is written now", states.approve),
    "pm_ask": ("Ask for review", "puts the postmortem into review", states.ask),
    "pm_edit": ("Edit", "opens the form that asks which section is to be edited", None),
    "pm_items": ("Action items", "lists the follow-up work", None),
    "pm_own": ("Take it", "takes the review of the postmortem", states.own),
    "pm_publish": ("Publish", "publishes the postmortem once somebody has approved it", states.publish),
    "postmortem": ("Write postmortem", "asks for the postmortem", review.request),
    "promote": ("Promote", "makes an incident of a small alert", run.promote),
    "publish": ("Publish again", "puts the postmortem where the house keeps them", publish_postmortem.publish),
    "tickets": ("Open missing tickets", "opens a ticket for each open action item that has none", tickets.file),
    "put_change": ("Open a pull request", "puts a change of a runbook before others", learn_runbook.put),
    "raise_level": ("Raise to…", "opens the form that asks to raise how far the copilot goes", None),
    "rate": ("How useful was I?", "says from 1 to 5 how useful the copilot was, once an incident has ended", rate.rate),
    "reason": ("Add reason", "opens the form that takes why a proposal was rejected", None),
    "reasoning": ("Why", "shows what the model looked at", None),
    "redraft": ("Redraft", "drafts an update again that what happened since contradicts", draft_comms.redraft),
    "refuse_level": ("Refuse", "refuses a request to raise it, or takes one's own back", raise_level.refuse),
    "reject": ("Reject", "rejects a proposal", decide.vote),
    "reopen": ("Reopen", "opens an ended incident again", run.reopen),
    "resolve": ("Resolve…", "opens the form that ends the incident", None),
    "retract": ("Retract", "takes an update back that went out", amending.retract),
    "review_requests": ("Look at requests", "opens the form with some requests to an AI system", sampling.sample),
    "remove_entry": ("Remove", "takes an entry off the timeline; the log keeps what it said", note.remove),
    "role_back": ("Make free", "makes a role free", roles.give_back),
    "role_take": ("Take", "takes a role that is free", roles.assign),
    "score": ("Why P1?", "shows the score sheet", None),
    "settings": ("Settings", "opens the form with what is set for the workspace", None),
    "snapshot": ("Keep it as it is now", "keeps the evidence of an incident as it is now", keep.ask),
    "snooze": ("Snooze 30 min", "puts reminders off", run.snooze),
    "still_on_it": ("Still on it", "says that a silent incident is not over", stale.keep_open),
    "stop_model": ("Stop", "ends the model's investigation before its next step", investigate_by_model.stop),
    "task_done": ("Done", "says that a task is done", tasks.done),
    "task_new": ("New task", "opens the form that adds a task", None),
    "task_take": ("Take", "takes a task", tasks.assign),
    "undo": ("Undo", "proposes to take back what was carried out", undo.undo),
    "worked": ("It worked", "says that an action whose answer was lost happened", outcomes.answer),
}
FORMS = {
    "affected": ("puts the list of affected requests into the incident", impact.share),
    "assign": ("gives somebody a role", roles.assign),
    "break_glass": ("carries out by one commander's word what needs more people", decide.break_glass),
    "bring_in": ("invites people, or calls whoever a team has on call", call_in.bring_in),
    "correct_entry": ("changes words and time of an entry of the timeline", note.correct),
    "correct_update": ("corrects an update that went out, where it was told", amending.correct),
    "declare": ("opens an incident", declare.declare),
    "edit_update": ("changes the text of an update; approves it where that is ticked", decide.edit),
    "handover": ("passes one's roles and open tasks to somebody, with a summary", handover.hand_over),
    "item": ("adds an action item", action_items.add),
    "keep_message": ("puts a message on the timeline of the incident that is chosen", note.keep),
    "lower_level": ("lowers how far the copilot goes for a service, at once", lower_level.lower),
    "note": ("puts a note on the timeline", note.note),
    "pm_pick": ("opens a section of the postmortem", None),
    "pm_section": ("changes a section; who comes second is told, and loses nothing", edit.save),
    "raise_level": ("asks to raise how far the copilot goes for a service; a second approver agrees", raise_level.ask),
    "reason": ("adds why a proposal was rejected: a quick choice, own words, or both", decide.give_reason),
    "resolve": ("ends the incident, after a look whether it works again", resolve.resolve),
    "review_requests": ("notes which requests were answered badly", sampling.judge),
    "severity": ("sets the severity", run.set_severity),
    "settings": ("changes what is set, or takes it back", chosen.change),
    "split": ("makes an incident of some of its alerts", regroup.split),
    "task": ("adds a task", tasks.add),
}
HEARD = {
    "agent_session_stopped": "the answer that is being written ends",
    "app_home_opened": "App Home is shown anew; in the bot's own tab questions are suggested",
    "app_mention": "a question is answered in its thread, with evidence",
    "channel_archive": "its incident goes on in the thread of its announcement; a place moves to the operators",
    "channel_deleted": "the same",
    "channel_left": "the same, where the bot was removed",
    "channel_rename": "posts follow; operators are told which setting names it",
    "channel_shared": "the incident leaves a channel that another organisation reads",
    "channel_unarchive": "the incident comes back",
    "channel_unshared": "the incident comes back",
    "group_archive": "as in public channels",
    "group_deleted": "as in public channels",
    "group_left": "as in public channels",
    "group_rename": "as in public channels",
    "group_unarchive": "as in public channels",
    "entity_details_requested": "the side pane of an incident is filled",
    "link_shared": "a link to an incident's page shows the incident",
    "member_joined_channel": "who joins an incident is told its state; a bot that was removed goes on there",
    "member_left_channel": "where it is the bot, as for `channel_left`",
    "message.channels": "messages of an incident's channel or thread go onto its timeline, edits and deletions too; "
    "other bots' alerts are read in watched channels",
    "message.groups": "the same in private channels",
    "message.im": "a message to the bot is answered with what can be done",
    "pin_added": "a pinned message of an incident's channel is kept on the timeline",
    "pin_removed": "and kept no more when the last of its marks is taken back",
    "reaction_added": "the same, by the reaction that COPILOT_TIMELINE_EMOJI names",
    "reaction_removed": "the same",
}
ANSWERED = {
    "agent_session_stopped",
    "app_mention",
    "entity_details_requested",
    "link_shared",
    "member_joined_channel",
}
"""What a listener hears once the inbox has let it through."""
CHANGES = {"run.changing", "run.asked"}
"""Transactions of another module that ask for a right when they open."""


class Listening:
    """Stands in for the app and notes what is listened for."""

    def __init__(self):
        self.found = {kind: [] for kind in ("command", "shortcut", "action", "view", "event")}

    def __getattr__(self, kind):
        def listen(what=None, *_, **__):
            if kind in self.found:
                # A button's id is a pattern: its name, with a number where a row has several.
                name = what.pattern.partition("(")[0].removeprefix("^") if isinstance(what, re.Pattern) else what
                self.found[kind].append(name)
            return lambda listener: listener

        return listen


def listened_for():
    """What the bot listens for: kind to names, as often as it does."""
    listening = Listening()
    app.register(listening, None, None)
    return listening.found | {"verb": [*commands.ANYWHERE, *commands.ABOUT], "heard": [*EVENTS]}


def described():
    """What this page tells of, in the same shape."""
    return {
        "command": {commands.COMMAND},
        "verb": {*COMMANDS},
        "shortcut": {*SHORTCUTS},
        "action": {*BUTTONS},
        "view": {*FORMS},
        "event": {"app_home_opened", "message", *ANSWERED},
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
    found = _checks(importlib.import_module(function.__module__), function.__name__, set())
    assert found, f"{function.__module__}.{function.__name__} checks nobody's right"
    return " and ".join(sorted(found))


def _checks(module, name, seen):
    """The checks in a function, in those of its module that it calls, and in others' transactions that it opens."""
    tree = ast.parse(inspect.getsource(module))
    written = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    opened = {ast.unparse(item.context_expr.func) for item in _opened(written[name])}
    seen.add((module, name))
    found = set()
    for node in ast.walk(written[name]):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "people.require":
            found.add(f"{ast.unparse(node.args[1]).rpartition('.')[2].lower()}s")
        elif called == "people.require_right_to_decide":
            found.add("who may decide it")
        elif called in written and (module, called) not in seen:
            found |= _checks(module, called, seen)
        elif called in opened and inspect.ismodule(elsewhere := getattr(module, called.partition(".")[0], None)):
            found |= _checks(elsewhere, called.rpartition(".")[2], seen)
    return found


def _opened(function):
    """What a function is inside of: the items of its `async with`."""
    return [
        item
        for node in ast.walk(function)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.context_expr, ast.Call) and ast.unparse(item.context_expr.func) in CHANGES
    ]


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
