"""The action log: what people or policies decided and what was carried out, hash-chained; and the timeline."""

import hashlib
import json
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.said import Attached

GENESIS = "0" * 64


class LogKind(StrEnum):
    """subject:past tense."""

    DECLARED = "incident:declared"
    OPENED = "incident:opened"
    ACKNOWLEDGED = "incident:acknowledged"
    ASSIGNED = "incident:assigned"
    UNASSIGNED = "incident:unassigned"
    SEVERITY_SET = "incident:severity_set"
    STATUS_SET = "incident:status_set"
    RESOLVED = "incident:resolved"
    REOPENED = "incident:reopened"
    KEPT_OPEN = "incident:kept_open"
    ENDED = "incident:ended"
    MERGED = "incident:merged"
    SPLIT = "incident:split"
    MUTED = "alerts:muted"
    UNMUTED = "alerts:unmuted"
    PROMOTED = "alert:promoted"
    PROPOSED = "proposal:proposed"
    SHADOWED = "proposal:shadowed"
    SHADOW_SCORED = "shadow:scored"
    EDITED = "proposal:edited"
    VOTED = "proposal:voted"
    APPROVED = "proposal:approved"
    REJECTED = "proposal:rejected"
    DONE = "proposal:done"
    REASONED = "proposal:reasoned"
    EXPIRED = "proposal:expired"
    REFUSED = "proposal:refused"
    DENIED = "person:denied"
    CARRIED_OUT = "effect:carried_out"
    FAILED = "effect:failed"
    UNKNOWN = "effect:unknown"
    VERIFIED = "effect:verified"
    READ_BACK = "effect:read_back"
    BROKE_GLASS = "proposal:broke_glass"
    PUBLISHED = "update:published"
    CORRECTED = "update:corrected"
    RETRACTED = "update:retracted"
    WITHDRAWN = "update:withdrawn"
    PAGED = "people:paged"
    PAGE_HEARD = "page:heard"
    PAUSED = "effects:paused"
    RESUMED = "effects:resumed"
    ESCALATED = "people:escalated"
    REVIEWED = "postmortem:written"
    UNDELIVERED = "effect:undelivered"
    ANSWERED = "effect:answered"
    MODEL_LOOKED = "model:investigated"
    MODEL_STOPPED = "model:stopped"
    PARKED = "job:parked"
    ERASED = "person:erased"
    CONFIGURED = "settings:loaded"
    SETTING_CHANGED = "settings:changed"
    INVITED = "people:invited"
    HANDED_OVER = "shift:handed_over"
    LINKED = "incident:linked"
    SNOOZED = "reminders:snoozed"
    CHANNEL_ARCHIVED = "channel:archived"
    CHANNEL_KEPT = "channel:kept"
    SUBSCRIBED = "person:subscribed"
    UNSUBSCRIBED = "person:unsubscribed"
    INSTALLED = "app:installed"
    UNINSTALLED = "app:uninstalled"
    BRIDGE_SET = "incident:bridge_set"
    NOTE_CORRECTED = "timeline:corrected"
    NOTE_REMOVED = "timeline:removed"
    TASK_ADDED = "task:added"
    TASK_ASSIGNED = "task:assigned"
    TASK_DONE = "task:done"
    TASK_REOPENED = "task:reopened"
    DOCUMENT_ASKED = "document:asked"
    DOCUMENT_KEPT = "document:kept"
    TICKET_ASKED = "ticket:asked"
    TICKET_OPENED = "ticket:opened"
    TICKET_CLOSED = "ticket:closed"
    TICKET_REOPENED = "ticket:reopened"
    DRILL_STARTED = "drill:started"
    DRILL_SCORED = "drill:scored"
    AFFECTED_LISTED = "requests:listed"
    REQUESTS_JUDGED = "requests:judged"
    POSTMORTEM_EDITED = "postmortem:edited"
    POSTMORTEM_OWNED = "postmortem:owned"
    POSTMORTEM_IN_REVIEW = "postmortem:in_review"
    POSTMORTEM_APPROVED = "postmortem:approved"
    POSTMORTEM_PUBLISHED = "postmortem:published"
    ITEM_ADDED = "item:added"
    ITEM_ASSIGNED = "item:assigned"
    ITEM_DUE_SET = "item:due_set"
    ITEM_DONE = "item:done"
    ITEM_REOPENED = "item:reopened"
    ITEM_DROPPED = "item:dropped"
    VENDOR_CASE = "vendor:case_noted"
    AUTHORITY_DUE = "authority:due"
    AUTHORITY_TOLD = "authority:told"
    LEGAL_HOLD = "incident:legal_hold"
    SNAPSHOTTED = "evidence:snapshotted"
    CUT = "log:cut"
    DEMOTED = "adviser:demoted"
    TRUSTED_AGAIN = "adviser:trusted_again"
    FORGOTTEN = "adviser:forgotten"
    LEVEL_ADVISED = "automation:advised"
    LEVEL_ASKED = "automation:asked"
    LEVEL_RAISED = "automation:raised"
    LEVEL_LOWERED = "automation:lowered"
    LEVEL_REFUSED = "automation:refused"
    LEVEL_EXPIRED = "automation:expired"
    RATED = "incident:rated"

    @classmethod
    def _missing_(cls, value: object) -> "LogKind":
        """Read what a newer release wrote while replicas are replaced one by one: it says what it says."""
        kind = str.__new__(cls, value)
        kind._name_ = kind._value_ = str(value)
        return kind


class LogEntry(Frozen):
    """One row; `hash` covers every field but itself and the row before it.

    `payload` holds strings, whole numbers, booleans, lists and objects of these, never floats and never free text of
    people: those are in the `texts` table, referenced as {"text": id, "sha256": salted hash}.
    """

    seq: int
    chain: str
    workspace_id: str
    incident_id: str | None
    at: Utc
    actor: str
    kind: LogKind
    payload: dict[str, Any] = Field(default_factory=dict)
    prev_hash: str
    hash: str


def hash_of(*, seq: int, chain: str, at: str, actor: str, kind: str, payload: dict[str, Any], prev_hash: str) -> str:
    """Return the SHA-256 that makes tampering visible: version tag, previous hash, canonical JSON of the row."""
    row = {"seq": seq, "chain": chain, "at": at, "actor": actor, "kind": kind, "payload": payload}
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(b"v1\n" + prev_hash.encode() + b"\n" + canonical.encode()).hexdigest()


class TimelineKind(StrEnum):
    """What was observed."""

    ALERT = "alert"
    MESSAGE = "message"
    PINNED = "pinned"
    NOTE = "note"
    EVIDENCE = "evidence"
    BRIEF = "brief"


class TimelineEntry(Frozen):
    """Something observed at a time; `ref` finds it again (an alert's fingerprint, a message's channel:ts).

    `marks` say who wants a message kept, and how: "pin", "shortcut:U1", "reaction:U1". What is `corrected` by a person
    follows the message's edits no more. Of what was `removed_by` one the words are with the action log.
    """

    id: str
    incident_id: str
    at: Utc
    kind: TimelineKind
    text: str
    author: str | None = None
    ref: str | None = None
    link: str | None = None
    evidence_id: str | None = None
    deleted: bool = False
    edited: bool = False
    files: tuple[Attached, ...] = ()
    marks: tuple[str, ...] = ()
    corrected: bool = False
    removed_by: str | None = None

    @field_validator("files", "marks", "corrected", mode="before")
    @classmethod
    def _older_rows_say_nothing(cls, value: Any, info: ValidationInfo) -> Any:
        return cls.model_fields[str(info.field_name)].default if value is None else value
