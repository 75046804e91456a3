"""Messages and pins are stored before they are acknowledged, once, and only what people did."""

import pytest
import sqlalchemy as sa

from incident_copilot.pipeline.answer import HELP
from incident_copilot.sandbox import Fault


@pytest.fixture
async def invited(sandbox):
    """The bot is in #general."""
    await sandbox.person("ana").invite("#general", sandbox.bot_user_id)
    return sandbox.person("ana")


async def test_what_people_write_edit_delete_and_pin_is_stored(sandbox, copilot, invited, events):
    ts = await invited.say("#general", "pool is exhausted")
    await events(1)
    await invited.edit("#general", ts, "the pool is exhausted")
    await events(2)
    await invited.pin("#general", ts)
    await events(3)
    await invited.unpin("#general", ts)
    await events(4)
    await invited.delete("#general", ts)

    assert [(event["type"], event.get("subtype")) for event in await events(5)] == [
        ("message", None),
        ("message", "message_changed"),
        ("pin_added", None),
        ("pin_removed", None),
        ("message", "message_deleted"),
    ]


async def test_same_event_again_is_stored_once(sandbox, copilot, invited, events):
    sandbox.events.duplicate = 3

    await invited.say("#general", "once")
    sandbox.events.duplicate = 0
    await invited.say("#general", "twice")

    assert [event["text"] for event in await events(2)] == ["once", "twice"]


async def test_what_bots_say_is_not_stored(sandbox, copilot, invited, events):
    await copilot.show_card(await copilot.open())
    await invited.say("#general", "hello")

    assert [event["text"] for event in await events(1)] == ["hello"]


async def test_event_that_could_not_be_stored_is_delivered_again(sandbox, copilot, invited, events, caplog):
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("ALTER TABLE deliveries RENAME TO away"))
    await invited.say("#general", "kept")
    await sandbox.until(lambda: "an event was not stored" in caplog.text)
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("ALTER TABLE away RENAME TO deliveries"))

    assert [event["text"] for event in await events(1)] == ["kept"]


async def test_direct_message_is_told_what_works(sandbox, copilot):
    ana = sandbox.person("ana")
    dm = await ana.open_dm()

    await ana.say(dm.id, "what is going on?")

    [top] = [one for one in sandbox.messages(dm.id) if one.user == "U0ANA"]
    [reply] = await sandbox.until(lambda: sandbox.messages(dm.id, top.ts))
    await sandbox.until(lambda: HELP in str(reply.blocks))
    assert reply.text == "**No incident is running.**\n"


async def test_home_lists_what_runs_and_what_waits(sandbox, copilot):
    ana = sandbox.person("ana")
    await ana.open_home()
    empty = str((await sandbox.until(lambda: ana.home)).blocks)
    await copilot.open(acknowledged_by="U0BEN")
    await copilot.propose()
    sandbox.faults.add("views.publish", Fault("error"))

    await ana.open_home()
    await ana.open_home()

    await sandbox.until(lambda: "INC-1" in str(ana.home.blocks))
    assert "INC-1 Action: Roll back payments" in str(ana.home.blocks)
    assert "Nothing is on fire" in empty


async def test_incident_is_declared_from_home(sandbox, copilot):
    ana = sandbox.person("ana")
    await ana.open_home()
    await sandbox.until(lambda: ana.home)

    await ana.click(ana.home, "declare")

    await sandbox.until(lambda: ana.views)
    assert ana.views[-1].callback_id == "declare"


async def test_opening_the_messages_tab_shows_no_home(sandbox, copilot):
    ana = sandbox.person("ana")

    await ana.open_dm()
    await ana.open_home()

    await sandbox.until(lambda: ana.home)
    assert len([one for one in sandbox.ledger if one.method == "views.publish"]) == 1
