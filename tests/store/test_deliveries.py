"""The inbox knows what came before, and can forget what it said."""

from incident_copilot.store import deliveries


async def add(db, clock, source="slack", key="Ev1", body="{}"):
    async with db.transaction() as tx:
        return await deliveries.add(tx, workspace_id="w", source=source, key=key, body=body, now=clock())


async def body_of(db, key="Ev1"):
    async with db.read() as view:
        return await deliveries.body_of(view, "w", "slack", key)


async def test_delivery_is_new_once_for_each_source(any_db, clock):
    news = [
        await add(any_db, clock),
        await add(any_db, clock, body="other"),
        await add(any_db, clock, source="alertmanager"),
        await add(any_db, clock, key="Ev2"),
    ]

    assert news == [True, False, True, True]
    assert await body_of(any_db) == "{}"


async def test_what_it_said_is_forgotten_that_it_came_is_not(db, clock):
    await add(db, clock, body="secret")
    await add(db, clock, key="Ev2", body="kept")

    async with db.transaction() as tx:
        await deliveries.forget_body(tx, "w", "slack", "Ev1")

    assert (await body_of(db), await body_of(db, "Ev2")) == ("", "kept")
    assert await add(db, clock, body="secret") is False
