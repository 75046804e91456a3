"""Notes, kept messages and corrections: on the timeline once, at the right time, and visible in the card's thread."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.said import Attached, Said
from incident_copilot.errors import UnknownThing
from incident_copilot.pipeline import note
from incident_copilot.pipeline.reviewing import record, story, words

from .life import Life, big

TS = "1795262400.000100"
AT = datetime.fromtimestamp(float(TS), UTC)
FILE = Attached(id="F1", name="pool.png", link="https://acme.slack.com/files/F1")


def said(**fields):
    link = "https://acme.slack.com/archives/C1/p1795262400000100"
    values = {"channel": "C1", "ts": TS, "at": AT, "text": "It is the pool", "author": "U0DEV", "link": link}
    return Said.model_validate(values | {"files": (FILE,)} | fields)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


@pytest.fixture
async def incident(life):
    return await life.opened(big())


async def put_there(life, incident):
    return [(entry.author, entry.text) for entry in await note.put_there(life.deps, incident.id)]


def threaded(life):
    """The notices that stand in a thread of a channel."""
    return [
        (content.text, content.detail)
        for _, thread, content in life.chat.posts
        if isinstance(content, Notice) and thread
    ]


async def test_note_is_on_the_timeline_and_in_the_thread_of_the_card(life, clock, incident):
    outcome = await note.note(life.deps, incident.id, await life.person("ana"), " Failed over ")
    await life.work()

    [entry] = await life.timeline(incident, TimelineKind.NOTE)
    assert outcome.text == "It is on the timeline of INC-1."
    assert (entry.author, entry.text, entry.at) == ("U0ANA", "Failed over", clock())
    assert threaded(life) == [("Ana put a note on the timeline.", "Failed over")]


async def test_message_is_kept_once_whoever_wants_it_kept(life, incident):
    people = [await life.person(name) for name in ("ana", "ben")]

    outcomes = await asyncio.gather(*(note.keep(life.deps, incident.id, person, said()) for person in people))
    again = await note.keep(life.deps, incident.id, people[0], said())
    await life.work()

    [entry] = await life.timeline(incident, TimelineKind.PINNED)
    assert sorted(one.text for one in [*outcomes, again]) == [
        "It is on the timeline of INC-1 already.",
        "It is on the timeline of INC-1 already.",
        "It is on the timeline of INC-1.",
    ]
    assert (entry.at, entry.text, entry.author, entry.files) == (AT, "It is the pool", "U0DEV", (FILE,))
    assert entry.link == said().link
    assert sorted(entry.marks) == ["shortcut:U0ANA", "shortcut:U0BEN"]
    assert len(threaded(life)) == 1


async def test_corrected_entry_keeps_what_it_was_in_the_log_and_in_the_postmortem(life, clock, incident):
    ana = await life.person("ana")
    await note.keep(life.deps, incident.id, ana, said(at=clock(), link=None))
    [entry] = await note.put_there(life.deps, incident.id)
    earlier = clock() - timedelta(minutes=7)

    outcome = await note.correct(life.deps, entry.id, ana, "It is the pool of payments", earlier)

    [row] = await life.log(incident, LogKind.NOTE_CORRECTED)
    found = await record.read(life.deps, incident.id)
    quotes = [line.text for line in story.section(found).lines if line.tag == "message"]
    assert outcome.text == "Corrected; what it was stays in the log."
    assert await put_there(life, incident) == [("U0DEV", "It is the pool of payments")]
    assert row.payload["times"] == {"from": clock().isoformat(), "to": earlier.isoformat()}
    assert words.sentence(found, row) == (
        "The primary on call corrected an entry of the timeline, "
        f"moved from {clock():%H:%M:%S} to {earlier:%H:%M:%S} UTC. It said before:"
    )
    assert words.quoted(found, row) == "It is the pool"
    assert quotes == ["Responder 1 wrote (pinned, corrected): It is the pool of payments [pool.png]"]


async def test_correction_of_the_words_alone_moves_nothing(life, clock, incident):
    ana = await life.person("ana")
    await note.note(life.deps, incident.id, ana, "Failed over")
    [entry] = await note.put_there(life.deps, incident.id)

    await note.correct(life.deps, entry.id, ana, "Failed back", entry.at)

    [row] = await life.log(incident, LogKind.NOTE_CORRECTED)
    found = await record.read(life.deps, incident.id)
    assert words.sentence(found, row) == "The primary on call corrected an entry of the timeline. It said before:"


@pytest.mark.parametrize(
    ("who", "text", "minutes", "because"),
    [
        ("ana", "Failed over", 0, "That is what it says already."),
        ("ana", "  ", -5, "Say what happened, as in /incident note failed over to the replica."),
        ("ana", "x" * 3_001, -5, "That is 3001 characters; an entry has at most 3000. Share the rest as a file."),
        ("ana", "x", 5, "That time has not come yet, or is over a month before the incident."),
        ("ana", "x", -50_000, "That time has not come yet, or is over a month before the incident."),
        ("gus", "x", -5, "Guests and people from outside this workspace cannot correct the timeline."),
    ],
)
async def test_correction_that_cannot_be_is_refused(life, incident, who, text, minutes, because):
    await note.note(life.deps, incident.id, await life.person("ana"), "Failed over")
    [entry] = await note.put_there(life.deps, incident.id)
    at = entry.at + timedelta(minutes=minutes)

    doing = note.correct(life.deps, entry.id, await life.person(who), text, at)

    assert await life.refused(incident, doing) == because


async def test_what_is_deleted_or_was_not_put_there_by_people_cannot_be_corrected(life, clock, incident):
    ana = await life.person("ana")
    await note.keep(life.deps, incident.id, ana, said())
    [entry] = await note.put_there(life.deps, incident.id)
    async with life.deps.db.transaction() as tx:
        await note.timeline.delete(tx, said().ref)
    [alert, *_] = await life.timeline(incident, TimelineKind.ALERT)

    refused = await life.refused(incident, note.correct(life.deps, entry.id, ana, "x", clock()))

    assert refused == "Its message was deleted; nothing is left of it."
    assert await put_there(life, incident) == []
    for entry_id in (alert.id, "f" * 32):
        with pytest.raises(UnknownThing):
            await note.correct(life.deps, entry_id, ana, "x", clock())


@pytest.mark.parametrize("name", ["gus", "vic"])
async def test_who_may_not_respond_writes_nothing(life, incident, name):
    person = await life.person(name)

    for doing in (note.note(life.deps, incident.id, person, "x"), note.keep(life.deps, incident.id, person, said())):
        assert "write on the timeline" in await life.refused(incident, doing)
    assert await put_there(life, incident) == []


async def test_message_belongs_to_the_incident_of_its_channel(life, incident):
    here = await note.home_of(life.deps, said(channel=incident.channel_id))

    assert here.id == incident.id
    assert await note.home_of(life.deps, said()) is None


async def test_entry_is_taken_off_once_and_says_who_did_it(life, incident):
    ana, ben, gus = [await life.person(name) for name in ("ana", "ben", "gus")]
    await note.note(life.deps, incident.id, ana, "the password is swordfish")
    [entry] = await note.put_there(life.deps, incident.id)

    said = await asyncio.gather(
        *(note.remove(life.deps, entry.id, person) for person in (ana, ben)), return_exceptions=True
    )
    guest = await life.refused(incident, note.remove(life.deps, entry.id, gus))
    corrected = await life.refused(incident, note.correct(life.deps, entry.id, ana, "x", entry.at))
    await life.work()

    [row] = await life.log(incident, LogKind.NOTE_REMOVED)
    [left] = await note.put_there(life.deps, incident.id)
    by = row.actor
    assert sorted(str(getattr(one, "text", one)) for one in said) == [
        f"<@{by}> removed it already.",
        "It is off the timeline of INC-1; the log keeps what it said.",
    ]
    assert guest.startswith("Guests and people from outside")
    assert corrected == f"<@{by}> removed it already."
    assert (left.text, left.deleted, left.removed_by) == ("", True, by)
    kept = await record.read(life.deps, incident.id)
    assert kept.moments(TimelineKind.NOTE) == []
    assert words.quoted(kept, row) == ""
    assert words.sentence(kept, row).endswith("removed an entry from the timeline.")


async def test_message_that_was_taken_off_is_kept_again_when_somebody_marks_it_anew(life, incident):
    ana, ben = await life.person("ana"), await life.person("ben")
    await note.keep(life.deps, incident.id, ana, said())
    [entry] = await note.put_there(life.deps, incident.id)
    await note.remove(life.deps, entry.id, ana)

    await note.keep(life.deps, incident.id, ben, said())

    [again] = await note.put_there(life.deps, incident.id)
    assert (again.text, again.removed_by, again.marks) == ("It is the pool", None, ("shortcut:U0BEN",))
