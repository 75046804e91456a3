"""Content: what people are shown, as values; how it looks is decided by the chat and the pages."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.postmortem import ReviewState
from incident_copilot.domain.priority import Priority
from incident_copilot.domain.proposal import Proposal
from incident_copilot.domain.task import Task


class Press(StrEnum):
    """What a button outside of proposals does; its value is the id of what it is about, a fingerprint or a service.

    That of DRAFT is the id of an incident and an audience, with a colon between.
    """

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    PROMOTE = "promote"
    POSTMORTEM = "postmortem"
    EVIDENCE = "evidence"
    SCORE = "score"
    ALTERNATIVES = "alternatives"
    WORKED = "worked"
    DID_NOT = "did_not"
    HELPED = "helped"
    NO_HELP = "no_help"
    SNOOZE = "snooze"
    STOP_MODEL = "stop_model"
    REASONING = "reasoning"
    DRAFT = "draft"
    STILL_ON_IT = "still_on_it"
    KEEP_CHANNEL = "keep_channel"
    PUBLISH = "publish"
    TICKETS = "tickets"
    AGREE_LEVEL = "agree_level"
    REFUSE_LEVEL = "refuse_level"
    LOWER_LEVEL = "lower_level"
    SNAPSHOT = "snapshot"


class Button(Frozen):
    """A button of a notice or digest."""

    press: Press
    label: str
    value: str
    style: Literal["primary", "danger"] | None = None


class Card(Frozen):
    """The one card of an incident, edited in place; `muted` counts alerts by the one that mutes them.

    `regrouped` says how people merged and split it, and from what they kept it apart; `silences` what mutes its alerts.
    `vendors` and `deadlines` are lines about who outside helps, and who has to be told by when.
    `crowded` says that the channel has had its messages for this hour, so that more go below the card.
    """

    type: Literal["card"] = "card"
    incident: Incident
    firing: int
    resolved: int
    joined: tuple[str, ...] = ()
    regrouped: tuple[str, ...] = ()
    muted: dict[str, int] = Field(default_factory=dict)
    silences: tuple[str, ...] = ()
    suspect: str | None = None
    source: str | None = None
    vendors: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    priority: Priority | None = None
    tasks_open: int = 0
    tasks_done: int = 0
    now: Utc
    shadow: bool = False
    crowded: bool = False


class Announcement(Frozen):
    """The message about an incident in the announcement channel; the thread of a P2 hangs below it."""

    type: Literal["announcement"] = "announcement"
    card: Card


class BriefView(Frozen):
    """The brief with the evidence that its lines cite."""

    type: Literal["brief"] = "brief"
    incident: Incident
    brief: Brief
    evidence: tuple[Evidence, ...] = ()


class ProposalView(Frozen):
    """A proposal with its buttons, or its outcome where it is no longer open.

    `changed` says what contradicts it since it was drafted: it is to be drafted anew, not approved.
    """

    type: Literal["proposal"] = "proposal"
    incident: Incident
    proposal: Proposal
    votes: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class Notice(Frozen):
    """A short message; `text` is plain and inert, `mentions` are chat ids that are really notified.

    `people` are those whom text or detail may name, as `<@id>`; any other such mention stays as it is written. With
    `rates`, the id of an incident, people say there how useful the copilot was.
    """

    type: Literal["notice"] = "notice"
    text: str
    detail: str = ""
    mentions: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    rates: str | None = None


class DigestEntry(Frozen):
    """One line of the digest of small alerts."""

    fingerprint: str
    name: str
    service: str | None
    summary: str
    count: int
    since: Utc


class Digest(Frozen):
    """The digest of P3 alerts from `hour` `until`, each with Promote; after a pause it covers several hours."""

    type: Literal["digest"] = "digest"
    entries: tuple[DigestEntry, ...]
    more: int = 0
    hour: Utc
    until: Utc | None = None


class PublicUpdate(Frozen):
    """An approved status update, as it stands after corrections, or what is said in its place."""

    type: Literal["update"] = "update"
    incident: Incident
    audience: str
    text: str
    approved_by: str


class ReviewView(Frozen):
    """The postmortem: summary lines, where the whole is, how far its review is and what is still to be done."""

    type: Literal["review"] = "review"
    incident: Incident
    summary: tuple[str, ...]
    action_items: tuple[str, ...] = ()
    link: str | None = None
    state: ReviewState = ReviewState.DRAFT
    owner: str | None = None
    approved_by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class KeptAt(Frozen):
    """One place where a document is, or is to be; `problem` says why it is not, and what to do."""

    name: str
    link: str | None = None
    is_there: bool = False
    problem: str | None = None


class Kept(Frozen):
    """Where a document, or the action items, are kept outside of the chat; one message, edited in place.

    `again` is what puts right what is not there; None where that is asked for elsewhere.
    """

    type: Literal["kept"] = "kept"
    what: str
    places: tuple[KeptAt, ...] = ()
    again: Button | None = None


class TaskList(Frozen):
    """The tasks of an incident, each with its buttons; one message, edited in place."""

    type: Literal["tasks"] = "tasks"
    incident: Incident
    tasks: tuple[Task, ...] = ()


class HandedOver(Frozen):
    """One running incident in the words of a handover: duties that passed on, open tasks, what waits for a decision."""

    incident: Incident
    duties: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    waiting: tuple[str, ...] = ()


class Handover(Frozen):
    """What somebody is told who takes a shift over from `by`; `more` incidents are not listed."""

    type: Literal["handover"] = "handover"
    by: str
    note: str = ""
    incidents: tuple[HandedOver, ...] = ()
    more: int = 0


Content = Annotated[
    Card
    | Announcement
    | BriefView
    | ProposalView
    | Notice
    | Digest
    | PublicUpdate
    | ReviewView
    | TaskList
    | Handover
    | Kept,
    Field(discriminator="type"),
]
