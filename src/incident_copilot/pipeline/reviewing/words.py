"""Log rows and messages as sentences: neutral, in the past tense, with names and policies in words."""

import re
from collections.abc import Mapping
from html import unescape

from incident_copilot.domain import advice
from incident_copilot.domain.incident import Duty, Ending
from incident_copilot.domain.log import LogEntry, LogKind, TimelineEntry
from incident_copilot.domain.proposal import Audience, Choice, Proposal, ProposalKind
from incident_copilot.domain.update import CHAT
from incident_copilot.pipeline.reviewing import level_words, outside_words, work_words
from incident_copilot.pipeline.reviewing.outside_words import Say
from incident_copilot.pipeline.reviewing.record import Record

POLICIES = {
    "policy:on-call": "the on-call policy",
    "policy:score-sheet": "the score sheet",
    "policy:triage": "the triage policy",
    "policy:verified": "the verification",
    "policy:verify": "the verification",
    "policy:quiet": "the policy for quiet incidents",
    "policy:expiry": "the expiry policy",
    "policy:escalation": "the escalation policy",
    "policy:reopen-window": "the reopening policy",
    "copilot": "the copilot",
}
KINDS = {
    ProposalKind.CHECK: "a step",
    ProposalKind.ACTION: "an action",
    ProposalKind.UPDATE: "a status update",
    ProposalKind.RESOLVE: "the end of the incident",
    ProposalKind.MERGE: "a merge",
}
CHOICES = {
    Choice.APPROVE: "approve",
    Choice.REJECT: "reject",
    Choice.DONE: "mark as done",
    Choice.NOT_THIS: "rule out",
}
_PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<((?:https?|mailto):[^|>]+)(?:\|([^>]*))?>")
_OTHER = re.compile(r"<[#!](?:[A-Za-z0-9^]+\|)?([^>]+)>")


def who(record: Record, actor: str) -> str:
    """Return an actor in words: a person's name, a policy, an action, the copilot."""
    if actor.startswith("action:"):
        return f"the action {actor.removeprefix('action:')}"
    if actor.startswith("tracker:"):
        return f"people at {actor.removeprefix('tracker:')}"
    if actor.startswith("policy:"):
        return POLICIES.get(actor, f"the policy {actor.removeprefix('policy:')}")
    return POLICIES.get(actor) or record.name(actor)


def sentence(record: Record, row: LogEntry) -> str:
    """Return what a log row says, as one sentence."""
    subject = who(record, row.actor)
    return begun(SAYINGS.get(row.kind, _plainly)(record, row, subject))


def begun(text: str) -> str:
    """Return words as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def quoted(record: Record, row: LogEntry) -> str:
    """Return the words kept beside a log row, such as a reason or a difference; empty where there are none.

    What was taken off the timeline is not repeated by way of the log.
    """
    if row.kind is LogKind.NOTE_REMOVED:
        return ""
    kept = [value for value in row.payload.values() if isinstance(value, dict) and "text" in value]
    if not kept:
        return ""
    found = record.texts.get(kept[0]["text"])
    return "(erased)" if found is None else readable(record, found)


def readable(record: Record, text: str) -> str:
    """Return a chat message as people read it: names for ids, links spelled out, entities undone."""
    text = named(record, text)
    text = _LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], text)
    text = _OTHER.sub(lambda found: found[1] if found[0][1] == "!" else f"#{found[1]}", text)
    return unescape(text)


def attached(entry: TimelineEntry) -> str:
    """Return the names of a message's files, to stand behind its words."""
    return f" [{', '.join(one.name for one in entry.files)}]" if entry.files else ""


def named(record: Record, text: str) -> str:
    """Return a text with names in the place of chat ids."""
    return _PERSON.sub(lambda found: record.name(found[1]), text)


def title_of(record: Record, row: LogEntry) -> str:
    """Return the title of the proposal that a log row speaks of."""
    proposal = next((one for one in record.proposals if one.id == row.payload.get("proposal")), None)
    return quoted_title(proposal) if proposal else "a proposal"


def quoted_title(proposal: Proposal) -> str:
    """Return the title of a proposal as it stands in a sentence."""
    return f'"{proposal.title.rstrip(".")}"'


def _opened(record: Record, row: LogEntry, subject: str) -> str:
    verb = "declared" if row.kind is LogKind.DECLARED else "opened"
    kind = str(row.payload.get("type", "")).replace("_", " ")
    return f"{subject} {verb} {record.incident.label} as {row.payload.get('severity')} ({kind})."


def _assigned(record: Record, row: LogEntry, subject: str) -> str:
    before = f", after {record.called(str(row.payload['from']))}" if "from" in row.payload else ""
    duty = record.incident.called(Duty(row.payload["role"]))
    return f"{subject} made {record.called(str(row.payload['person']))} the {duty}{before}."


def _unassigned(record: Record, row: LogEntry, subject: str) -> str:
    duty = record.incident.called(Duty(row.payload["role"]))
    whose = "" if row.payload["from"] == row.actor else f", which {record.called(str(row.payload['from']))} had"
    return f"{subject} made the role {duty} free{whose}."


def _severity(record: Record, row: LogEntry, subject: str) -> str:
    because = named(record, str(row.payload["because"]))
    return f"{subject} changed the severity from {row.payload['from']} to {row.payload['to']}: {because}."


def _status(_: Record, row: LogEntry, subject: str) -> str:
    if "quiet" in row.payload:
        return f"{subject} {'held back' if row.payload['quiet'] else 'let go on'} the copilot's reminders."
    return f"{subject} set the status from {row.payload['from']} to {row.payload['to']}."


def _ended(record: Record, row: LogEntry, subject: str) -> str:
    label = record.incident.label
    how = {
        Ending.FALSE_ALARM: f"{subject} ended {label} as a false alarm",
        Ending.SELF_RECOVERED: f"{label} recovered by itself",
        Ending.MERGED: f"{subject} merged {label} into another incident",
    }.get(Ending(row.payload["ending"]), f"{subject} resolved {label}")
    check = "; ".join(str(line["text"]) for line in row.payload.get("check", ()))
    found = f" Restoration check: {check}." if check else ""
    over = " It was ended although the check was not clear." if row.payload.get("red") else ""
    return f"{how}.{found}{over}"


def _reopened(_: Record, row: LogEntry, subject: str) -> str:
    because = f": {row.payload['because']}" if row.payload.get("because") else ""
    return f"{subject} reopened the incident{because}."


def _proposed(record: Record, row: LogEntry, _: str) -> str:
    return f"the copilot proposed {KINDS[ProposalKind(row.payload['kind'])]}: {title_of(record, row)}."


def _decided(verb: str) -> Say:
    def say(record: Record, row: LogEntry, subject: str) -> str:
        alone = ", alone, as the solo policy allows" if row.payload.get("solo") else ""
        return f"{subject} {verb} {title_of(record, row)}{alone}."

    return say


def _refused(record: Record, row: LogEntry, subject: str) -> str:
    choice = CHOICES[Choice(row.payload["choice"])]
    because = named(record, str(row.payload["because"]))
    return f"{subject} asked to {choice} {title_of(record, row)}; it did not count: {because}"


def _expired(record: Record, row: LogEntry, _: str) -> str:
    return f"{title_of(record, row)} was taken back: {named(record, str(row.payload['because']))}."


def _settled(record: Record, row: LogEntry, _: str) -> str:
    words = {LogKind.CARRIED_OUT: "was carried out", LogKind.FAILED: "could not be carried out"}
    verb = words.get(row.kind, "ended with an unknown outcome")
    outcome = named(record, str(row.payload.get("outcome", "")))
    return f"{title_of(record, row)} {verb}" + (f": {outcome}" if outcome else ".")


def _verified(record: Record, row: LogEntry, _: str) -> str:
    verb = "worked" if row.payload["healthy"] else "did not help so far"
    return f"{title_of(record, row)} {verb}: {row.payload['found']}."


def _told(verb: str) -> Say:
    def say(_: Record, row: LogEntry, subject: str) -> str:
        readers = Audience(row.payload["audience"]).readers
        outlet = str(row.payload.get("outlet", CHAT))
        where = "" if outlet == CHAT else f" at {outlet}"
        if row.kind is LogKind.RETRACTED:
            return f"{subject} retracted an update for {readers}."
        return f"an update for {readers} was {verb}{where}."

    return say


def _read_back(record: Record, row: LogEntry, _: str) -> str:
    found = ", ".join(f"{name} {value}" for name, value in row.payload["read"].items())
    verb = "was read back" if row.payload["reached"] else "was not found done"
    return f"{title_of(record, row)} {verb}: {found}."


def _paged(record: Record, row: LogEntry, subject: str) -> str:
    if str(row.payload["person"]).startswith("pager:"):
        return f"{subject} paged at {str(row.payload['person']).removeprefix('pager:')}."
    turn, team = row.payload["turn"], row.payload.get("team")
    how = f" ({turn} on call{f' of {team}' if team else ''})" if turn != "asked" else ""
    return f"{subject} called {record.called(str(row.payload['person']))}{how}."


def _invited(record: Record, row: LogEntry, subject: str) -> str:
    return f"{subject} invited {', '.join(record.called(str(one)) for one in row.payload['people'])}."


def _linked(_: Record, row: LogEntry, subject: str) -> str:
    return f"{subject} linked {row.payload['label']}." if "label" in row.payload else f"{subject} added a link:"


def _snoozed(_: Record, row: LogEntry, subject: str) -> str:
    return f"{subject} put off reminders until {str(row.payload['until'])[11:16]} UTC."


def _page_heard(record: Record, row: LogEntry, _: str) -> str:
    who = record.name(str(row.payload["person"])) if row.payload["person"] else "somebody"
    verb = "acknowledged" if row.payload["event"] == "acknowledge" else "resolved"
    return f"{who} {verb} it at {row.payload['pager']}."


def _escalated(record: Record, row: LogEntry, subject: str) -> str:
    because = f": {row.payload['why']}" if row.payload["why"] else ""
    return f"{subject} escalated to {record.called(str(row.payload['person']))}{because}."


def _merged(_: Record, row: LogEntry, subject: str) -> str:
    label = row.payload["label"]
    what = f"this incident into {label}" if "into" in row.payload else f"{label} into this incident"
    return f"{subject} merged {what}."


def _split(_: Record, row: LogEntry, subject: str) -> str:
    label = row.payload["label"]
    what = f"this incident from {label}" if "from" in row.payload else f"{label} from this incident"
    return f"{subject} split {what}."


def _looked(_: Record, row: LogEntry, __: str) -> str:
    told = str(row.payload["told"])
    return f"{told} ({row.payload['steps']} steps, {row.payload['struck']} of {row.payload['claims']} claims struck)"


def _corrected(_: Record, row: LogEntry, subject: str) -> str:
    times = row.payload["times"]
    moved = f", moved from {times['from'][11:19]} to {times['to'][11:19]} UTC" if times["from"] != times["to"] else ""
    return f"{subject} corrected an entry of the timeline{moved}. It said before:"


def _standing(what: str) -> Say:
    def say(_: Record, row: LogEntry, __: str) -> str:
        return f"What {advice.in_words(str(row.payload['adviser']))} suggests {what}: {row.payload['record']}."

    return say


def _plainly(_: Record, row: LogEntry, subject: str) -> str:
    return f"{subject}: {row.kind.replace(':', ' ').replace('_', ' ')}."


SAYINGS: Mapping[LogKind, Say] = {
    **outside_words.SAYINGS,
    **level_words.SAYINGS,
    **work_words.SAYINGS,
    LogKind.DECLARED: _opened,
    LogKind.OPENED: _opened,
    LogKind.ACKNOWLEDGED: lambda record, _, subject: f"{subject} acknowledged {record.incident.label}.",
    LogKind.ASSIGNED: _assigned,
    LogKind.UNASSIGNED: _unassigned,
    LogKind.SEVERITY_SET: _severity,
    LogKind.STATUS_SET: _status,
    LogKind.RESOLVED: _ended,
    LogKind.ENDED: _ended,
    LogKind.REOPENED: _reopened,
    LogKind.KEPT_OPEN: lambda _, __, subject: f"{subject} said that somebody is still on it.",
    LogKind.MERGED: _merged,
    LogKind.SPLIT: _split,
    LogKind.PROMOTED: lambda _, __, subject: f"{subject} made an incident of a small alert.",
    LogKind.PROPOSED: _proposed,
    LogKind.SHADOWED: lambda _, row, __: f"Kept silently, shown to nobody: {row.payload['title']}.",
    LogKind.SHADOW_SCORED: lambda _, row, __: (
        f"Of {len(row.payload['of'])} silent suggestions people did {len(row.payload['same'])} without them."
    ),
    LogKind.EDITED: _decided("edited"),
    LogKind.VOTED: _decided("approved, as one of several people needed,"),
    LogKind.APPROVED: _decided("approved"),
    LogKind.REJECTED: _decided("rejected"),
    LogKind.DONE: _decided("did"),
    LogKind.REASONED: _decided("gave a reason for rejecting"),
    LogKind.EXPIRED: _expired,
    LogKind.REFUSED: _refused,
    LogKind.CARRIED_OUT: _settled,
    LogKind.FAILED: _settled,
    LogKind.UNKNOWN: _settled,
    LogKind.VERIFIED: _verified,
    LogKind.READ_BACK: _read_back,
    LogKind.BROKE_GLASS: _decided("broke the glass, so that one person was enough, for"),
    LogKind.PUBLISHED: _told("published"),
    LogKind.CORRECTED: _told("corrected"),
    LogKind.RETRACTED: _told("retracted"),
    LogKind.WITHDRAWN: _told("withdrawn"),
    LogKind.PAGED: _paged,
    LogKind.ESCALATED: _escalated,
    LogKind.PAGE_HEARD: _page_heard,
    LogKind.INVITED: _invited,
    LogKind.LINKED: _linked,
    LogKind.SNOOZED: _snoozed,
    LogKind.NOTE_CORRECTED: _corrected,
    LogKind.NOTE_REMOVED: lambda _, __, subject: f"{subject} removed an entry from the timeline.",
    LogKind.MODEL_LOOKED: _looked,
    LogKind.BRIDGE_SET: lambda _, row, subject: f"{subject} named the bridge: {row.payload['link']}.",
    LogKind.CHANNEL_ARCHIVED: lambda _, __, ___: "The channel was archived.",
    LogKind.CHANNEL_KEPT: lambda _, __, subject: f"{subject} kept the channel.",
    LogKind.DRILL_SCORED: lambda _, row, __: f"The drill {row.payload['scenario']}: {row.payload['result']}.",
    LogKind.AFFECTED_LISTED: lambda _, row, subject: f"{subject} listed {row.payload['requests']} affected requests.",
    LogKind.REQUESTS_JUDGED: lambda _, row, subject: (
        f"{subject} looked at {row.payload['requests']} requests: {row.payload['bad']} are bad."
    ),
    LogKind.POSTMORTEM_EDITED: lambda _, row, subject: f"{subject} edited the section {row.payload['section']}.",
    LogKind.POSTMORTEM_OWNED: lambda record, row, _: f"{record.called(row.payload['person'])} owns the postmortem.",
    LogKind.POSTMORTEM_IN_REVIEW: lambda _, __, subject: f"{subject} put the postmortem into review.",
    LogKind.POSTMORTEM_APPROVED: lambda _, __, subject: f"{subject} approved the postmortem.",
    LogKind.POSTMORTEM_PUBLISHED: lambda _, __, subject: f"{subject} published the postmortem.",
    LogKind.MODEL_STOPPED: lambda _, __, subject: f"{subject} stopped the model.",
    LogKind.DEMOTED: _standing("comes last from now on"),
    LogKind.TRUSTED_AGAIN: _standing("counts as any other again"),
    LogKind.RATED: lambda _, row, subject: f"{subject} rated the copilot {row.payload['stars']} of 5.",
    LogKind.REVIEWED: lambda record, _, subject: f"{subject} wrote the postmortem of {record.incident.label}.",
}
