"""What log rows read like that are about work: tasks, action items, and the documents and tickets they are kept in."""

from collections.abc import Mapping

from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.pipeline.reviewing.outside_words import Say
from incident_copilot.pipeline.reviewing.record import Record


def _task(verb: str) -> Say:
    def say(record: Record, row: LogEntry, subject: str) -> str:
        number, who = row.payload["task"], row.payload.get("person")
        to = f" for {record.called(str(who))}" if who else ""
        return f"{subject} {verb.format(number=number)}{to}."

    return say


def _item(verb: str) -> Say:
    def say(record: Record, row: LogEntry, subject: str) -> str:
        said = verb.format(number=row.payload["item"], due=row.payload.get("due", ""))
        to = f" to {record.called(str(row.payload['person']))}" if row.payload.get("person") else ""
        return f"{subject} {said}{to}."

    return say


def _document(verb: str) -> Say:
    def say(_: Record, row: LogEntry, subject: str) -> str:
        return f"{subject} {verb}: {row.payload['what']}, at {row.payload['target']}."

    return say


def _tickets(_: Record, row: LogEntry, subject: str) -> str:
    numbers = ", ".join(str(number) for number in row.payload["items"])
    return f"{subject} asked for tickets at {row.payload['tracker']}, for action items {numbers}."


def _ticket(verb: str) -> Say:
    def say(_: Record, row: LogEntry, subject: str) -> str:
        return (
            f"{subject} {verb} {row.payload['key']} of action item {row.payload['item']} at {row.payload['tracker']}."
        )

    return say


SAYINGS: Mapping[LogKind, Say] = {
    LogKind.TASK_ADDED: _task("added task {number}"),
    LogKind.TASK_ASSIGNED: _task("assigned task {number}"),
    LogKind.TASK_DONE: _task("finished task {number}"),
    LogKind.TASK_REOPENED: _task("opened task {number} again"),
    LogKind.ITEM_ADDED: _item("added action item {number}"),
    LogKind.ITEM_ASSIGNED: _item("assigned action item {number}"),
    LogKind.ITEM_DUE_SET: _item("set when action item {number} is due: {due}"),
    LogKind.ITEM_DONE: _item("finished action item {number}"),
    LogKind.ITEM_REOPENED: _item("opened action item {number} again"),
    LogKind.ITEM_DROPPED: _item("dropped action item {number}"),
    LogKind.DOCUMENT_ASKED: _document("had a document put where it is kept"),
    LogKind.DOCUMENT_KEPT: _document("put a document where it is kept"),
    LogKind.TICKET_ASKED: _tickets,
    LogKind.TICKET_OPENED: _ticket("opened the ticket"),
    LogKind.TICKET_CLOSED: _ticket("closed the ticket"),
    LogKind.TICKET_REOPENED: _ticket("opened again the ticket"),
}
