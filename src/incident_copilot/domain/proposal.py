"""Proposal: anything put to a person; bound by a hash to exactly what was shown."""

import hashlib
import json
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class ProposalKind(StrEnum):
    """A check is done by people; an action or update is carried out by the copilot.

    Resolve ends the incident, merge makes it part of another one.
    """

    CHECK = "check"
    ACTION = "action"
    UPDATE = "update"
    RESOLVE = "resolve"
    MERGE = "merge"


class ProposalState(StrEnum):
    """Where a proposal is in its life; at most three of an incident are open, the others wait their turn."""

    WAITING = "waiting"
    OPEN = "open"
    APPROVED = "approved"
    CARRIED_OUT = "carried_out"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    DONE = "done"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    SILENT = "silent"


class Risk(StrEnum):
    """How much can go wrong; high needs two people."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Audience(StrEnum):
    """Who reads a status update; INTERNAL are those who respond, EXTERNAL are regulators, vendors and partners."""

    INTERNAL = "internal"
    MANAGEMENT = "management"
    CUSTOMERS = "customers"
    EXTERNAL = "external"

    @property
    def readers(self) -> str:
        """The word people read."""
        return {"internal": "colleagues", "external": "outside parties"}.get(self.value, self.value)

    @property
    def is_outside(self) -> bool:
        """Whether readers are outside of the company: nothing internal may reach them, and comms decides."""
        return self in (Audience.CUSTOMERS, Audience.EXTERNAL)


Containment = Literal["disable", "roll_back", "review", "fall_back", "cache", "watch"]
"""In which way an AI incident is contained."""


class RejectedBefore(Frozen):
    """That people rejected the same in an earlier incident that was alike, and why; None where they did not say."""

    proposal_id: str
    label: str
    at: Utc
    reason: str | None = None


class Proposal(Frozen):
    """One proposal and its current version.

    `shown` holds what is bound by the hash: for an ACTION {"action", "params", "target", "request", "effect", "undo"},
    with "verify" false where it mends nothing, so that the metric is not looked at,
    for an UPDATE {"audience", "text", "as_of"}, where `as_of` is what it was true of (`pipeline.comms.as_of`), "marked"
    the sentences that no evidence supports with the reason, "left_out" how many of a model's are not in it at all, and
    "corrects" the update that it is to replace,
    for a CHECK {"step", "why", "commands", "runbook"}, for a RESOLVE {}, for a MERGE {"into", "why"}; for each,
    "record" is how such suggestions turned out before. Of the proposals that wait, the lowest `rank` is shown first,
    then the highest `trust`. `requested_by` is the person who asked for it, None where the copilot did by itself.
    `rejected_before` is not bound by the hash: its reason can be erased.
    """

    id: str
    incident_id: str
    workspace_id: str
    kind: ProposalKind
    key: str
    version: int = 1
    state: ProposalState = ProposalState.OPEN
    title: str
    body: str = ""
    risk: Risk = Risk.LOW
    primary: bool = False
    rank: int = 5
    trust: float = 1.0
    advisers: tuple[str, ...] = ()
    shown: dict[str, Any] = Field(default_factory=dict)
    evidence_ids: tuple[str, ...] = ()
    needed: int = 1
    requested_by: str | None = None
    created_at: Utc
    expires_at: Utc
    decided_by: str | None = None
    decided_at: Utc | None = None
    reason: str | None = None
    outcome: str | None = None
    retracted_at: Utc | None = None
    did_the_same: bool | None = None
    """Of a SILENT one: whether people did what it would have said; None until the incident has ended."""
    rejected_before: RejectedBefore | None = None
    contains: Containment | None = None
    """How it contains an AI incident at its severity; None where it is proposed for another reason."""

    @property
    def hash(self) -> str:
        """SHA-256 of what people were shown: title, body, risk and `shown`, as canonical JSON."""
        shown = {
            "title": self.title,
            "body": self.body,
            "risk": self.risk,
            "shown": self.shown,
            "version": self.version,
        }
        return hashlib.sha256(
            json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        ).hexdigest()

    @property
    def seen(self) -> str:
        """What a button for one person's eyes holds of the hash; nobody guesses it who has not seen the proposal."""
        return self.hash[:16]

    @property
    def can_be_put_anew(self) -> bool:
        """Whether it came to nothing without anybody's No: nobody decided in time, or it could not be carried out."""
        return self.state in (ProposalState.EXPIRED, ProposalState.FAILED)

    @property
    def service(self) -> str | None:
        """Which service an ACTION changes."""
        return self.shown.get("params", {}).get("service") if self.kind is ProposalKind.ACTION else None

    @property
    def audience(self) -> Audience | None:
        """Who an UPDATE is for."""
        return Audience(self.shown["audience"]) if self.kind is ProposalKind.UPDATE else None

    @property
    def is_marked(self) -> bool:
        """Whether an UPDATE for people outside says what no evidence supports."""
        return bool(self.audience and self.audience.is_outside and self.shown.get("marked"))


class Choice(StrEnum):
    """What a person can say to a proposal."""

    APPROVE = "approve"
    REJECT = "reject"
    DONE = "done"
    NOT_THIS = "not_this"


class Vote(Frozen):
    """One person's word on one version of a proposal."""

    proposal_id: str
    version: int
    person: str
    choice: Choice
    at: Utc
