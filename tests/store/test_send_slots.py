"""Send slots: one message at a time for a channel, whoever sends."""

from datetime import timedelta

from incident_copilot.store import send_slots

SECOND = timedelta(seconds=1)


async def test_turn_is_taken_once_until_it_comes_again(any_db, clock):
    taken = []
    for step_s in (0, 0.5, 0.5, 0):
        clock.forward(step_s)
        async with any_db.transaction() as tx:
            taken.append(await send_slots.take(tx, "w", "C1", clock(), clock() + SECOND))

    assert taken == [True, False, True, False]


async def test_paused_channel_is_free_at_the_latest_time_named(any_db, clock):
    async with any_db.transaction() as tx:
        for seconds in (10, 30, 5):
            await send_slots.pause(tx, "w", "C1", clock() + seconds * SECOND)
        await send_slots.pause(tx, "v", "C2", clock())
    async with any_db.read() as view:
        free_at = await send_slots.free_at(view, "w")

    assert free_at == {"C1": clock() + 30 * SECOND}
