"""Somebody changes a section: kept as its next version, with a log row; who comes second is told and loses nothing."""

from typing import NamedTuple

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.postmortem import Postmortem, ReviewState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import plain
from incident_copilot.pipeline.living.blameless import Flag, flags
from incident_copilot.pipeline.reviewing import record
from incident_copilot.store import incidents, postmortems, reviews, texts
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.reviews import Version

WORK = "edit postmortems"
LONGEST = 100_000


class Opened(NamedTuple):
    """A section as somebody begins to edit it; `version` is the newest that it takes into account."""

    incident: Incident
    section: str
    heading: str
    text: str
    version: int


class Edited(NamedTuple):
    """What came of an edit: what to tell, and what somebody else wrote meanwhile where nothing was kept."""

    told: str
    newer: Opened | None = None


async def sections(deps: Deps, incident_id: str) -> dict[str, str]:
    """Return the headings of all sections by their keys; none before the postmortem is written."""
    async with deps.db.read() as db:
        kept = await postmortems.get(db, incident_id)
    return {section.key: section.heading for section in kept.postmortem.sections} if kept else {}


async def begin(deps: Deps, incident_id: str, section: str) -> Opened:
    """Return a section as text to be edited.

    Raises:
        DecisionRefused: there is no postmortem yet, or no such section.
        UnknownThing: there is no such incident.
    """
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        return await _opened(db, incident, section)


async def save(deps: Deps, incident_id: str, person: Person, section: str, text: str, *, seen: int) -> Edited:
    """Keep what somebody made of a section, unless somebody else changed it since the version they had `seen`.

    Raises:
        DecisionRefused: not allowed, nothing changed, too long, or no such section; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": WORK}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, WORK)
        opened = await _opened(tx, incident, section)
        if await _edited_since(tx, incident, section, seen):
            return Edited(f"{opened.heading} was changed while you wrote.", newer=opened)
        words = text.replace("\x00", "").strip()
        if is_same(words, opened.text):
            raise DecisionRefused("Nothing is changed.")
        if len(words) > LONGEST:
            raise DecisionRefused(f"A section has at most {LONGEST:,} characters; that is {len(words):,}.")
        await _keep(tx, deps, incident, person, opened, words)
    return Edited(f"{opened.heading} of {incident.label} is saved.")


async def flagged(deps: Deps, incident_id: str, section: str, text: str) -> list[Flag]:
    """Return the sentences that somebody is about to write that blame somebody; names are suggested to be parts.

    Raises:
        DecisionRefused: there is no postmortem yet, or no such section.
        UnknownThing: there is no such incident.
    """
    opened = await begin(deps, incident_id, section)
    found = await record.read(deps, incident_id)
    return flags(_said(text, opened.text), {found.called(who): part for who, part in found.cast.items()})


def is_same(text: str, other: str) -> bool:
    """Whether two texts of a section say the same, whatever their empty lines."""
    return plain.blocks(text) == plain.blocks(other)


async def _opened(tx: Tx, incident: Incident, section: str) -> Opened:
    kept = await postmortems.get(tx, incident.id)
    if kept is None:
        raise DecisionRefused(f"{incident.label} has no postmortem yet; /incident postmortem writes it.")
    found = {one.key: one for one in kept.postmortem.sections}.get(section)
    if found is None:
        raise DecisionRefused(f"The postmortem of {incident.label} has no section {section}.")
    versions = await reviews.versions(tx, incident.id, section)
    newest = versions[-1].version if versions else 0
    waiting = _not_yet_in(kept.postmortem, versions)
    text = waiting.text if waiting and waiting.text is not None else plain.text_of(found)
    return Opened(incident, section, found.heading, text, newest)


def _not_yet_in(written: Postmortem, versions: list[Version]) -> Version | None:
    """The newest edit where the document was written before it: what it says is not in there yet."""
    edits = [one for one in versions if not one.is_computed]
    return edits[-1] if edits and edits[-1].at > written.written_at else None


async def _edited_since(tx: Tx, incident: Incident, section: str, seen: int) -> bool:
    versions = await reviews.versions(tx, incident.id, section)
    return any(one.version > seen and not one.is_computed for one in versions)


async def _keep(tx: Tx, deps: Deps, incident: Incident, person: Person, opened: Opened, words: str) -> None:
    kept = await texts.store_text(tx, incident_id=incident.id, author=person.id, text=words, now=deps.now())
    payload = {"section": opened.section, "version": opened.version + 1, "words": kept}
    row = await ledger.write_by(tx, deps, incident.id, LogKind.POSTMORTEM_EDITED, person, payload)
    await reviews.add_version(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=incident.id,
        section=opened.section,
        by=person.id,
        text_id=kept["text"],
        now=deps.now(),
        log_seq=row.seq,
    )
    review = await reviews.get(tx, incident.id)
    if review:
        state = ReviewState.IN_REVIEW if review.state is ReviewState.PUBLISHED else review.state
        await reviews.save(tx, review.model_copy(update={"approvals": (), "state": state}))
    await wakeups.revise(tx, deps, incident.id, at=deps.now())


def _said(words: str, before: str) -> str:
    """What somebody wrote themselves: the lines that were not there before."""
    known = set(plain.blocks(before))
    return "\n".join(block for block in plain.blocks(words) if block not in known)
