"""Effect: something done outside, as a row of the outbox; how to be sure it happened once."""

from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.content import Content
from incident_copilot.domain.document import Document
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.ticket import TicketAct, TicketText
from incident_copilot.domain.update import Act, Update


class Place(StrEnum):
    """Where something is shown; resolved to a channel when it is sent. The last two are named by the deed itself."""

    ANNOUNCE = "announce"
    INCIDENT = "incident"
    INTERNAL_UPDATES = "internal_updates"
    CUSTOMER_UPDATES = "customer_updates"
    OPERATOR = "operator"
    CHANNEL = "channel"
    PERSON = "person"


class EffectClass(StrEnum):
    """What may be done when the outcome is unknown (promise P5)."""

    IDEMPOTENT = "idempotent"
    READ_BACK = "read_back"
    KEYED = "keyed"
    ASK = "ask"


THROUGH_CHAT = frozenset({EffectClass.IDEMPOTENT, EffectClass.READ_BACK})
"""The classes of what goes through the chat workspace, and nothing else does."""


class EffectState(StrEnum):
    """Where an effect is."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"


class OpenChannel(Frozen):
    """Create the incident's channel; the result is its id, recorded on the incident."""

    do: Literal["open_channel"] = "open_channel"
    name: str
    topic: str
    purpose: str
    private: bool = False


class Invite(Frozen):
    """Invite people to the incident's channel."""

    do: Literal["invite"] = "invite"
    people: tuple[str, ...]


class Show(Frozen):
    """Post `content`, or edit the message that shows the same `slot` in the same channel.

    `under` names the slot whose thread it goes into. `anew` posts a new message even where the slot has one.
    """

    do: Literal["show"] = "show"
    place: Place
    slot: str
    content: Content
    under: str | None = None
    anew: bool = False


class ShowTo(Show):
    """Show something to the channel or the person that it names itself, as a place is that of all.

    A deed of its own, so that a replica of an older release leaves it to newer ones and shows it nowhere else.
    """

    do: Literal["show_to"] = "show_to"  # type: ignore[assignment]  # what tells the two apart
    to: str


class Rewrite(ShowTo):
    """Edit one message of ours that stands at `ts`, whatever slot it shows; where it is gone it stays so."""

    do: Literal["rewrite"] = "rewrite"  # type: ignore[assignment]  # what tells the three apart
    ts: str


class Pin(Frozen):
    """Pin the message of a slot."""

    do: Literal["pin"] = "pin"
    slot: str


class Bookmark(Frozen):
    """Add a link to the channel's header."""

    do: Literal["bookmark"] = "bookmark"
    title: str
    link: str


class SetTopic(Frozen):
    """Set the channel's topic."""

    do: Literal["topic"] = "topic"
    text: str


class ArchiveChannel(Frozen):
    """Archive the incident's channel."""

    do: Literal["archive_channel"] = "archive_channel"


class Upload(Frozen):
    """Share a file in a thread; `content` is base64. The result's file id is kept under `slot`."""

    do: Literal["upload"] = "upload"
    place: Place
    slot: str
    name: str
    title: str
    alt: str
    content: str
    under: str | None = None


class UploadTo(Upload):
    """Share a file in the channel that it names itself; a deed of its own for the reason of `ShowTo`."""

    do: Literal["upload_to"] = "upload_to"  # type: ignore[assignment]  # what tells the two apart
    to: str


class RunAction(Frozen):
    """Carry out the approved action of a proposal; `key` is its idempotency key, `wanted` the state it leads to."""

    do: Literal["run_action"] = "run_action"
    proposal_id: str
    version: int
    action: str
    params: dict[str, str]
    key: str
    approved_by: tuple[str, ...]
    wanted: dict[str, str] = Field(default_factory=dict)


class Publish(Frozen):
    """Publish, correct or retract the update of a proposal at a channel of copilot.yaml.

    `approved_by` is who decided it; rows of older releases do not say.
    """

    do: Literal["publish"] = "publish"
    proposal_id: str
    channel: str
    act: Act = Act.PUBLISH
    update: Update
    approved_by: str | None = None


class Mail(Frozen):
    """Send an e-mail, to people or operators whom the chat cannot reach; `slot` says what for, so that it is one."""

    do: Literal["mail"] = "mail"
    slot: str
    to: tuple[str, ...]
    subject: str
    text: str


class Page(Frozen):
    """Tell a paging service that somebody is needed, is on it, or is needed no more; `key` makes one page of these."""

    do: Literal["page"] = "page"
    pager: str
    key: str
    event: Literal["trigger", "acknowledge", "resolve"]
    summary: str
    severity: Severity
    service: str | None = None
    link: str | None = None


class PutDocument(Frozen):
    """Put a document where it is kept, or bring it up to date there; `target` is named in copilot.yaml.

    `what` is what people call the document.
    """

    do: Literal["put_document"] = "put_document"
    target: str
    document: Document
    what: str
    asked_by: str


class FileTicket(Frozen):
    """Open, close or reopen the ticket of an action item at a tracker of copilot.yaml."""

    do: Literal["file_ticket"] = "file_ticket"
    tracker: str
    item: int
    act: TicketAct
    wanted: TicketText
    asked_by: str


class Canvas(Frozen):
    """Write the canvas of the incident's channel; `known` is the one that the copilot made, which is written anew."""

    do: Literal["canvas"] = "canvas"
    markdown: str
    known: str | None = None


InChannel = OpenChannel | Invite | Pin | Bookmark | SetTopic | ArchiveChannel | Canvas
Words = Show | ShowTo | Rewrite | Upload | UploadTo
Doable = InChannel | Words | RunAction | Mail | Publish | Page | PutDocument | FileTicket
Deed = Annotated[Doable, Field(discriminator="do")]

DEEDS = tuple(kind.model_fields["do"].default for kind in get_args(Doable))
"""What this release can do, as in `do`."""

SETTLED_BY_PEOPLE = (RunAction, Publish)
"""Deeds whose outcome people are asked for where nobody else can tell."""


class Target(Frozen):
    """Where an effect goes, resolved when it is sent: channel, thread and, for an edit, the message."""

    channel: str | None = None
    thread_ts: str | None = None
    message_ts: str | None = None


class Effect(Frozen):
    """One row of the outbox. Order holds within `stream`; `needs` are effects whose results must be there first."""

    id: str
    workspace_id: str
    incident_id: str | None
    stream: str
    seq: int
    deed: Deed
    effect_class: EffectClass
    needs: tuple[str, ...] = ()
    priority: int = 5
    state: EffectState = EffectState.PENDING
    attempts: int = 0
    run_at: Utc
    created_at: Utc
    result: dict[str, Any] = Field(default_factory=dict)
    error: str | None = None


def class_of(deed: Deed) -> EffectClass:
    """Return how a deed behaves when its outcome is unknown; plugins know that of actions and channels."""
    match deed:
        case Show() | OpenChannel() | Upload():
            return EffectClass.READ_BACK
        case RunAction() | Publish():
            return EffectClass.ASK
        case Mail() | Page() | PutDocument() | FileTicket():
            # A second copy is dropped or folded: a mail's Message-ID is the effect's id, the others have their own key.
            return EffectClass.KEYED
        case _:
            return EffectClass.IDEMPOTENT
