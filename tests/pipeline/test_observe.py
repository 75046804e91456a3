"""What people say and pin in the chat becomes the incident's timeline, once, and follows edits and deletions."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import TimelineKind
from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline import heard, note, observe, people, run
from incident_copilot.store import messages
from incident_copilot.store import people as names
from incident_copilot.store.tables import deliveries

from .life import Life, big, small

TS = "1795262400.000100"
AT = datetime.fromtimestamp(float(TS), UTC)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


@pytest.fixture
async def incident(life):
    return await life.opened(big())


async def hear(life, happened, event_id=None):
    """Take in one event as Slack sends it; True when it is new."""
    life.count = getattr(life, "count", 0) + 1
    body = {"type": "event_callback", "event_id": event_id or f"Ev{life.count}", "event": happened}
    new = await observe.event(life.deps, body["event_id"], body)
    await life.work()
    return new


def message(channel, text="It is the pool", ts=TS, **fields):
    return {"type": "message", "channel": channel, "user": "U0DEV", "text": text, "ts": ts} | fields


def changed(channel, text, ts=TS, **fields):
    inner = {"type": "message", "user": "U0DEV", "text": text, "ts": ts} | fields
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": channel,
        "message": inner,
        "previous_message": inner,
    }


def deleted(channel, ts=TS, **fields):
    inner = {"type": "message", "user": "U0DEV", "text": "secret", "ts": ts} | fields
    return {
        "type": "message",
        "subtype": "message_deleted",
        "channel": channel,
        "deleted_ts": ts,
        "previous_message": inner,
    }


def pin(kind, channel, ts=TS, **fields):
    inner = {"type": "message", "user": "U0DEV", "text": "Look at this", "ts": ts} | fields
    item = {"type": "message", "channel": channel, "created_by": "U0ANA", "message": inner}
    return {"type": kind, "user": "U0ANA", "channel_id": channel, "item": item, "event_ts": ts}


async def said(life, incident, *kinds):
    entries = await life.timeline(incident, *(kinds or (TimelineKind.MESSAGE,)))
    return [(entry.author, entry.text) for entry in entries]


# --- messages ---


async def test_message_goes_to_the_timeline_and_its_author_is_remembered(life, incident):
    assert await hear(life, message(incident.channel_id)) is True

    [entry] = await life.timeline(incident, TimelineKind.MESSAGE)
    async with life.deps.db.read() as db:
        known = await names.names(db, "w")
    assert (entry.author, entry.text, entry.at) == ("U0DEV", "It is the pool", AT)
    assert (entry.ref, entry.edited, entry.deleted) == (f"{incident.channel_id}:{TS}", False, False)
    assert known["U0DEV"] == "Dev"


async def test_event_told_twice_is_one_entry(life, incident):
    first = await hear(life, message(incident.channel_id), "Ev")
    second = await hear(life, message(incident.channel_id), "Ev")

    assert (first, second) == (True, False)
    assert len(await said(life, incident)) == 1


async def test_raw_event_is_forgotten_once_it_is_on_the_timeline(life, incident):
    await hear(life, message(incident.channel_id, "secret"))
    await hear(life, message("C0ELSEWHERE", "secret"))

    async with life.deps.db.read() as db:
        query = sa.select(deliveries.c.body).where(deliveries.c.source == observe.SOURCE)
        assert list((await db.execute(query)).scalars()) == ["", ""]


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
async def test_what_people_say_in_other_ways_counts_too(life, incident, subtype):
    await hear(life, message(incident.channel_id, subtype=subtype))

    assert len(await said(life, incident)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B1"},
        {"user": None},
        {"user": "U0BOT"},
        {"subtype": "channel_join"},
        {"channel": "C0ELSEWHERE"},
        {"type": "reaction_added"},
    ],
    ids=["bot", "nobody", "bot user", "joined", "elsewhere", "no message"],
)
async def test_what_is_no_word_of_a_person_about_the_incident_is_no_observation(life, incident, fields):
    await hear(life, message(incident.channel_id) | fields)

    assert await said(life, incident) == []


async def test_author_who_cannot_be_looked_up_now_is_kept_by_id(life, incident):
    life.chat.is_away = True

    await hear(life, message(incident.channel_id, user="U0NEW"))

    assert await said(life, incident) == [("U0NEW", "It is the pool")]


async def test_text_that_looks_like_an_escape_or_holds_what_no_database_stores_is_kept(life, incident):
    await hear(life, message(incident.channel_id, "a \\u0000 b"))
    await hear(life, message(incident.channel_id, "c\x00d", ts="1795262401.000000"))

    assert [text for _, text in await said(life, incident)] == ["a \\u0000 b", "cd"]


async def test_message_without_text_is_an_empty_entry(life, incident):
    happened = message(incident.channel_id, subtype="file_share")
    del happened["text"]

    await hear(life, happened)

    assert await said(life, incident) == [("U0DEV", "")]


# --- edits and deletions ---


async def test_edit_is_followed(life, incident):
    await hear(life, message(incident.channel_id))

    await hear(life, changed(incident.channel_id, "It is the disk"))

    [entry] = await life.timeline(incident, TimelineKind.MESSAGE)
    assert (entry.text, entry.edited) == ("It is the disk", True)


async def test_unfolded_link_is_no_edit(life, incident):
    await hear(life, message(incident.channel_id))

    await hear(life, changed(incident.channel_id, "It is the pool"))

    [entry] = await life.timeline(incident, TimelineKind.MESSAGE)
    assert entry.edited is False


async def test_edit_that_comes_before_its_message_wins(life, incident):
    await hear(life, changed(incident.channel_id, "new"))
    await hear(life, message(incident.channel_id, "old"))

    [entry] = await life.timeline(incident, TimelineKind.MESSAGE)
    assert (entry.text, entry.edited) == ("new", True)


async def test_edit_by_a_bot_is_no_observation(life, incident):
    await hear(life, changed(incident.channel_id, "x", bot_id="B1"))

    assert await said(life, incident) == []


async def test_deleted_message_leaves_only_that_it_was_there(life, incident):
    await hear(life, message(incident.channel_id, "secret"))

    await hear(life, deleted(incident.channel_id))
    await hear(life, changed(incident.channel_id, "secret"))

    [entry] = await life.timeline(incident, TimelineKind.MESSAGE)
    assert (entry.text, entry.deleted) == ("", True)


async def test_deletion_that_comes_before_its_message_wins(life, incident):
    await hear(life, deleted(incident.channel_id))
    await hear(life, message(incident.channel_id, "secret"))

    [entry] = await life.timeline(incident, TimelineKind.MESSAGE)
    assert (entry.author, entry.text, entry.deleted) == ("U0DEV", "", True)


async def test_deletion_of_what_was_never_seen_and_is_not_described_leaves_nothing(life, incident):
    happened = deleted(incident.channel_id)
    del happened["previous_message"]

    await hear(life, happened)

    assert await said(life, incident) == []


async def test_deleted_first_message_of_a_thread_is_deleted_too(life, incident):
    await hear(life, message(incident.channel_id, "secret"))

    await hear(life, changed(incident.channel_id, "This message was deleted.", subtype="tombstone"))

    [entry] = await life.timeline(incident, TimelineKind.MESSAGE)
    assert (entry.text, entry.deleted) == ("", True)


# --- pins ---


async def test_pinned_message_is_noted_and_taken_away_when_it_is_unpinned(life, incident):
    await hear(life, pin("pin_added", incident.channel_id))
    pinned = await said(life, incident, TimelineKind.PINNED)

    await hear(life, pin("pin_removed", incident.channel_id))

    assert pinned == [("U0DEV", "Look at this")]
    assert await said(life, incident, TimelineKind.PINNED) == []


async def test_unpinning_leaves_the_message(life, incident):
    await hear(life, message(incident.channel_id))
    await hear(life, pin("pin_added", incident.channel_id))

    await hear(life, pin("pin_removed", incident.channel_id))

    assert await said(life, incident, TimelineKind.MESSAGE, TimelineKind.PINNED) == [("U0DEV", "It is the pool")]


async def test_pin_of_a_message_of_another_bot_counts(life, incident):
    await hear(life, pin("pin_added", incident.channel_id, user=None, bot_id="B0GRAFANA"))

    assert await said(life, incident, TimelineKind.PINNED) == [(None, "Look at this")]


async def test_pin_of_the_card_by_the_copilot_itself_is_no_observation(life, incident):
    card_ts = next(f"{number}.000000" for number, post in enumerate(life.chat.posts, 1) if post[2].type == "card")

    await hear(life, pin("pin_added", incident.channel_id, card_ts, bot_id="B0COPILOT"))

    assert await said(life, incident, TimelineKind.PINNED) == []


@pytest.mark.parametrize("kind", ["pin_added", "pin_removed"])
async def test_pinned_file_is_left_out(life, incident, kind):
    happened = pin(kind, incident.channel_id) | {"item": {"type": "file", "file": {"id": "F1"}}}

    await hear(life, happened)

    assert await said(life, incident, TimelineKind.PINNED) == []


# --- reactions ---


def reaction(kind, channel, ts=TS, user="U0ANA"):
    item = {"type": "message", "channel": channel, "ts": ts}
    return {"type": kind, "user": user, "reaction": "pushpin", "item": item, "item_user": "U0DEV", "event_ts": "9.0"}


async def test_reaction_keeps_a_message_at_its_time_until_the_last_mark_is_taken_back(life, incident):
    channel = incident.channel_id
    image = {"id": "F1", "name": "pool.png", "permalink": "https://x/F1"}
    await hear(life, message(channel, files=[image]))
    for happened in (reaction("reaction_added", channel), pin("pin_added", channel)):
        await hear(life, happened)
    await hear(life, changed(channel, "It is the disk", files=[image]))
    [kept] = await life.timeline(incident, TimelineKind.PINNED)

    await hear(life, reaction("reaction_removed", channel))
    still = await said(life, incident, TimelineKind.PINNED)
    await hear(life, pin("pin_removed", channel))

    assert (kept.at, kept.text, kept.edited, kept.files[0].link) == (AT, "It is the disk", True, "https://x/F1")
    assert kept.marks == ("reaction:U0ANA", "pin")
    assert still == [("U0DEV", "It is the disk")]
    assert await said(life, incident, TimelineKind.PINNED) == []


async def test_corrected_words_stay_when_the_message_is_edited_and_go_when_it_is_deleted(life, incident):
    channel = incident.channel_id
    await hear(life, message(channel))
    await hear(life, reaction("reaction_added", channel))
    [kept] = await note.put_there(life.deps, incident.id)
    await note.correct(life.deps, kept.id, await life.person("ana"), "It is the pool of payments", AT)

    await hear(life, changed(channel, "nonsense"))
    after_edit = await said(life, incident, TimelineKind.PINNED)
    await hear(life, deleted(channel))

    assert after_edit == [("U0DEV", "It is the pool of payments")]
    assert await said(life, incident, TimelineKind.PINNED) == [("U0DEV", "")]


@pytest.mark.parametrize("gone", [deleted("C0ELSEWHERE"), changed("C0ELSEWHERE", "gone", subtype="tombstone")])
async def test_message_of_another_channel_that_was_kept_is_followed_there(life, incident, gone):
    elsewhere = heard.said("C0ELSEWHERE", {"ts": TS, "text": "Is it the pool?", "user": "U0DEV"})
    await note.keep(life.deps, incident.id, await life.person("ana"), elsewhere)

    await hear(life, changed("C0ELSEWHERE", "It is the pool"))
    edited = await said(life, incident, TimelineKind.PINNED)
    await hear(life, gone)

    assert edited == [("U0DEV", "It is the pool")]
    assert await said(life, incident, TimelineKind.PINNED) == [("U0DEV", "")]


async def test_message_that_was_never_heard_is_asked_for(life, incident):
    channel = incident.channel_id
    heard_late = heard.said(channel, {"ts": TS, "text": "[FIRING] DiskFull", "bot_id": "B0GRAFANA"})
    life.chat.messages = {f"{channel}:{TS}": heard_late}

    await hear(life, reaction("reaction_added", channel))
    await hear(life, reaction("reaction_added", channel, "1795262401.0"))

    assert await said(life, incident, TimelineKind.PINNED) == [(None, "[FIRING] DiskFull")]


@pytest.mark.parametrize("fields", [{"user": "U0GUS"}, {"item": {"channel": "C0ELSEWHERE", "ts": TS}}, {"away": True}])
async def test_reaction_of_a_guest_or_elsewhere_or_while_slack_is_away_keeps_nothing(life, incident, fields):
    await people.known(life.deps, "U0ANA")
    elsewhere = heard.said("C0ELSEWHERE", {"ts": TS, "text": "x"})
    life.chat.messages = {elsewhere.ref: elsewhere}
    life.chat.is_away = fields.pop("away", False)

    await hear(life, reaction("reaction_added", incident.channel_id) | fields)

    assert await said(life, incident, TimelineKind.PINNED) == []


async def test_reaction_of_another_team_keeps_nothing(life, incident):
    other = reaction("reaction_added", incident.channel_id) | {"reaction": "memo"}

    await hear(life, other)

    assert await life.timeline(incident, TimelineKind.PINNED) == []


async def test_reaction_to_the_card_is_no_observation(life, incident):
    card_ts = next(f"{number}.000000" for number, post in enumerate(life.chat.posts, 1) if post[2].type == "card")
    own = heard.said(incident.channel_id, {"ts": card_ts, "text": "INC-1"})
    life.chat.messages = {own.ref: own}

    await hear(life, reaction("reaction_added", incident.channel_id, card_ts))

    assert await said(life, incident, TimelineKind.PINNED) == []


# --- threads ---


async def test_small_incident_is_followed_in_its_thread_and_nowhere_else(life):
    incident = await life.opened(small())
    channel, thread = incident.channel_id, incident.thread_ts

    await hear(life, message(channel, "in the thread", ts="1795262401.0", thread_ts=thread))
    await hear(life, message(channel, "beside it", ts="1795262402.0"))
    await hear(life, message(channel, "elsewhere", ts="1795262403.0", thread_ts="99.0"))
    await hear(life, changed(channel, "in it, edited", ts="1795262401.0", thread_ts=thread))
    await hear(life, pin("pin_added", channel, "1795262401.0", thread_ts=thread))
    await hear(life, pin("pin_added", channel, "1795262402.0"))

    assert await said(life, incident) == [("U0DEV", "in it, edited")]
    assert await said(life, incident, TimelineKind.PINNED) == [("U0DEV", "Look at this")]


async def test_thread_of_an_announcement_stays_the_incidents_after_it_got_a_channel(life):
    incident = await life.opened(small())
    channel, thread = incident.channel_id, incident.thread_ts
    await run.set_severity(life.deps, incident.id, await life.person("ana"), Severity.P1)
    await life.work()

    await hear(life, message(channel, "still here", thread_ts=thread))

    assert await said(life, incident) == [("U0DEV", "still here")]


async def test_thread_of_another_message_of_the_copilot_belongs_to_no_incident(life, incident, clock):
    async with life.deps.db.transaction() as tx:
        await messages.record(
            tx, workspace_id="w", scope="workspace", slot="digest:x", channel="CANNOUNCE", ts="7.0", now=clock()
        )

    await hear(life, message("CANNOUNCE", thread_ts="7.0"))

    assert await said(life, incident) == []


# --- the inbox ---


async def test_event_that_cannot_be_stored_is_not_taken(life):
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE deliveries"))

    with pytest.raises(StoreUnavailable):
        await observe.event(life.deps, "Ev1", {"event": message("C1")})
