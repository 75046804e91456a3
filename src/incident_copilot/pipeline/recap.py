"""Recap an incident for one person: where it stands, and what has happened since they last looked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.llm.budgeting import Piece, pick
from incident_copilot.llm.digest import ROOM, Parts, digest, parts_of
from incident_copilot.pipeline import model_use, on_call, people, read, recorded, seeing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.on_call import Called
from incident_copilot.pipeline.reviewing import words
from incident_copilot.pipeline.reviewing.record import Record
from incident_copilot.store import action_log, answers, evidence, incidents, looks, proposals, tasks, timeline
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS

MOST_DONE = 8
MOST_CHARACTERS = 1_200
"""How much of the channel's messages is quoted; the rest is counted."""
SHORT = 240
JUST_OPENED = timedelta(minutes=1)
NOBODY = Person(id="", name="")
"""Nobody in particular: what is told to all."""
UNTOLD = frozenset(
    {
        LogKind.REFUSED,
        LogKind.DENIED,
        LogKind.UNDELIVERED,
        LogKind.ANSWERED,
        LogKind.PARKED,
        LogKind.MODEL_LOOKED,
        LogKind.REASONED,
        LogKind.VOTED,
    }
)
"""What the log keeps and nobody needs in order to catch up."""


@dataclass(frozen=True)
class Moment:
    """Something that happened; `ref` is the chat message that says it, as channel:ts."""

    at: datetime
    text: str
    ref: str | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Recap:
    """What one person is told; `since` is None when they never looked before. `done` and `said` begin with the newest.

    `messages` is all that was written since, of which `said` is shown, what is pinned first.
    """

    incident: Incident
    since: datetime | None
    state: tuple[str, ...]
    cause: str | None
    for_you: tuple[str, ...]
    done: tuple[Moment, ...]
    left_out: int
    said: tuple[Moment, ...]
    messages: tuple[Moment, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened since."""
        return not self.done and not self.messages

    @property
    def note(self) -> str:
        """How many of the messages are shown, for people; "" where it is all."""
        used, total = len(self.said), len(self.messages)
        return "" if used == total else f"{used} of {total} messages used"


@dataclass(frozen=True)
class InShort:
    """What a model made of many messages: sentences with the messages that say them, and how much was used."""

    incident: Incident
    sentences: tuple[tuple[str, tuple[str | None, ...]], ...]
    note: str


async def recap(deps: Deps, incident_id: str, viewer: Person) -> Recap:
    """Return what changed since this person last looked, and note that they look now.

    Raises:
        StoreUnavailable: nothing was noted.
    """
    now = deps.now()
    async with deps.db.transaction(CLICKS) as tx:
        since = await looks.last(tx, deps.workspace_id, incident_id, viewer.id)
        await looks.note(tx, deps.workspace_id, incident_id, viewer.id, now)
    return await told_since(deps, incident_id, viewer, since)


async def in_short(deps: Deps, shown: Recap) -> InShort | None:
    """Return a model's account of messages too many to show; None where all are shown, or no model may see them."""
    if not shown.note:
        return None
    model = await recorded.model_for(deps, shown.incident)
    if isinstance(model, str):
        return None
    known = model_use.known_names(deps.catalog)
    made = await digest(model, asked_of(deps, shown), deadline=deps.policy.model_deadline, known=known)
    refs = {key: one.ref for key, one in _by_id(shown).items()}
    sentences = tuple((one.text, tuple(refs[key] for key in one.evidence)) for one in made.sentences)
    struck = f"{len(made.struck)} sentences struck" if made.struck else ""
    return InShort(shown.incident, sentences, "; ".join(part for part in (made.note, struck) if part))


def asked_of(deps: Deps, shown: Recap) -> Parts:
    """Return what a model is asked about the messages, part by part."""
    pieces = [Piece(id=key, at=one.at, text=one.text, pinned=one.pinned) for key, one in _by_id(shown).items()]
    # The ids of the messages want some of the room, too.
    room = min(ROOM, (model_use.room(deps) or 2 * ROOM) * 4 // 5)
    return parts_of(pieces, about=shown.incident.title, room=room)


def _by_id(shown: Recap) -> dict[str, Moment]:
    return {f"M{number}": one for number, one in enumerate(shown.messages, 1)}


async def for_newcomer(deps: Deps, channel: str, viewer: Person, *, invited_by_us: bool) -> Recap | None:
    """Return the recap for somebody who joined a channel; None where it is no incident's, or they may not see it.

    Whom the copilot itself calls while it opens an incident finds the card, and needs no second account of it.
    """
    incident = await read.in_channel(deps, channel)
    if incident is None or incident.thread_ts or not seeing.may_see(viewer, incident, here=channel):
        return None
    if invited_by_us and deps.now() - incident.opened_at < JUST_OPENED:
        return None
    return await recap(deps, incident.id, viewer)


async def told_since(deps: Deps, incident_id: str, viewer: Person, since: datetime | None) -> Recap:
    """Return what happened after a time, or all of it. Raises UnknownThing."""
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        todo = await tasks.of_incident(db, incident_id)
        questions = await answers.asked_at(db, deps.workspace_id, incident_id)
        brief = await evidence.latest_brief(db, incident_id)
        called = await on_call.of(db, deps, incident)
        record = Record(
            incident=incident,
            written_at=deps.now(),
            log=tuple(await action_log.entries(db, incident_id)),
            timeline=tuple(await timeline.of_incident(db, incident_id)),
            proposals=tuple(await proposals.of_incident(db, incident_id)),
            names=await names.names(db, deps.workspace_id),
            for_chat=True,
        )
    done = _done(record, since)
    messages = _messages(record, since, questions)
    return Recap(
        incident=incident,
        since=since,
        state=(await read.summary(deps, incident_id))[:2],
        cause=brief.cause if brief else None,
        for_you=(
            *_for_you(record, viewer, called),
            *(f"To do: {one.text} (task {one.number})" for one in todo if one.is_open and one.assignee == viewer.id),
        ),
        done=tuple(done[:MOST_DONE]),
        left_out=max(0, len(done) - MOST_DONE),
        said=tuple(selected(messages)),
        messages=tuple(messages),
    )


def selected(messages: Sequence[Moment]) -> list[Moment]:
    """Return the messages worth their room: those that are pinned, then the newest."""
    pieces = [Piece(id=str(number), at=one.at, text=one.text, pinned=one.pinned) for number, one in enumerate(messages)]
    picked = [messages[int(piece.id)] for piece in pick(pieces, budget=MOST_CHARACTERS).pieces]
    return sorted(picked, key=lambda one: (one.pinned, one.at), reverse=True)


def _done(record: Record, since: datetime | None) -> list[Moment]:
    """Return what was decided and carried out, the newest first."""
    rows = [row for row in record.log if row.kind not in UNTOLD and (since is None or row.at > since)]
    return [Moment(at=row.at, text=words.sentence(record, row)) for row in reversed(rows)]


def _messages(record: Record, since: datetime | None, questions: frozenset[str]) -> list[Moment]:
    """Return what people wrote or pinned since, oldest first, each once; what they asked the copilot is no news."""
    noted = [
        one for one in record.timeline if not one.deleted and one.text and (since is None or noted_at(one) > since)
    ]
    pinned = {one.ref for one in noted if one.kind is TimelineKind.PINNED}
    by_ref = {one.ref: one for one in noted if one.kind in (TimelineKind.MESSAGE, TimelineKind.PINNED)}
    told = {ref: one for ref, one in by_ref.items() if not (ref in questions and one.text.startswith("<@"))}
    return [Moment(at=one.at, text=_quoted(record, one), ref=ref, pinned=ref in pinned) for ref, one in told.items()]


def noted_at(entry: TimelineEntry) -> datetime:
    """Return when an entry came to the timeline, which its id tells: a pin carries the time of its message."""
    return datetime.fromtimestamp(int(entry.id[:12], 16) / 1000, UTC)


def _quoted(record: Record, entry: TimelineEntry) -> str:
    text = " ".join(words.readable(record, entry.text).split())
    shown = text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}…"
    return f"{record.name(entry.author)}: {shown}" if entry.author else shown


def _for_you(record: Record, viewer: Person, called: Called) -> Iterable[str]:
    """Return what this person has to do with it: their part, their turn on call, what waits for their decision."""
    incident = record.incident
    if viewer.id == incident.commander:
        yield "You lead it."
    for duty, who in incident.duties.items():
        if viewer.id == who:
            yield f"You are its {duty.word}."
    if viewer.id in (called.primary, called.secondary):
        yield f"You are on call for {incident.service or incident.team}."
    for proposal in record.proposals:
        if proposal.state is ProposalState.OPEN and may_decide(viewer, proposal):
            yield f"Waits for your decision: {proposal.title}"


def may_decide(viewer: Person, proposal: Proposal) -> bool:
    """Whether a proposal is this person's to decide."""
    try:
        people.require_right_to_decide(viewer, proposal)
    except DecisionRefused:
        return False
    return True
