"""Messages: which message shows a slot, and which slot a message shows."""

from incident_copilot.store import messages


async def _record(db, clock, slot="card", channel="C1", ts="1.1", **values):
    clock.forward(1)
    async with db.transaction() as tx:
        await messages.record(tx, workspace_id="w", scope="i", slot=slot, channel=channel, ts=ts, now=clock(), **values)


async def test_slot_has_one_message_per_channel(any_db, clock):
    await _record(any_db, clock, ts="1.1")
    await _record(any_db, clock, ts="1.2", channel="C2")
    await _record(any_db, clock, ts="1.3")
    async with any_db.read() as view:
        found = [await messages.ts_of(view, "w", "i", "card", channel) for channel in ("C1", "C2", "C3")]
        newest = await messages.newest(view, "w", "i", "card")
        none = await messages.newest(view, "w", "i", "brief")

    assert (found, newest, none) == (["1.3", "1.2", None], ("C1", "1.3"), None)


async def test_message_is_found_by_its_ts(db, clock):
    await _record(db, clock)
    async with db.read() as view:
        found = [await messages.find(view, "w", "C1", ts) for ts in ("1.1", "1.2")]

    assert found == [("i", "card"), None]


async def test_forgotten_message_is_gone_and_others_stay(db, clock):
    await _record(db, clock)
    await _record(db, clock, "brief", ts="1.2")
    async with db.transaction() as tx:
        await messages.forget(tx, "w", "C1", "1.1")
    async with db.read() as view:
        found = [await messages.ts_of(view, "w", "i", slot, "C1") for slot in ("card", "brief")]

    assert found == [None, "1.2"]


async def test_channel_addressed_by_name_is_known_by_id_afterwards(db, clock):
    async with db.read() as view:
        before = await messages.channel_called(view, "w", "incidents")
    await _record(db, clock, alias="incidents")
    await _record(db, clock, ts="1.2")
    async with db.read() as view:
        after = await messages.channel_called(view, "w", "incidents")

    assert (before, after) == (None, "C1")


async def test_newer_channel_of_the_same_name_wins(db, clock):
    await _record(db, clock, alias="incidents")
    await _record(db, clock, "brief", channel="C2", alias="incidents")
    async with db.read() as view:
        channel = await messages.channel_called(view, "w", "incidents")

    assert channel == "C2"
