"""Which bots are heard: those in watched channels, through the front door, and nobody else."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from slack_copilot import CATALOG

from incident_copilot.domain.effect import Place
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.sandbox import Fault
from incident_copilot.slack.app import build, listening
from incident_copilot.slack.watched import Watched
from incident_copilot.store.tables import alerts as rows

FIRES, ENDS = "[FIRING:1] SlowPages shop", "[RESOLVED] SlowPages shop"


@pytest.fixture
def hearing(db, sandbox, client, workspace):
    """`async with hearing("random")` runs an app that watches these channels."""
    deps = Deps(
        db=db,
        now=lambda: datetime.now(UTC),
        workspace_id="w",
        chat=workspace,
        catalog=CATALOG,
        runbooks=RunbookIndex.build(Library()),
    )

    @asynccontextmanager
    async def running(*names):
        watched = Watched(names, workspace.channel_id)
        async with listening(build(deps, client, workspace.identity, watched), sandbox.app_token):
            await sandbox.until(lambda: sandbox.sockets)
            yield watched

    running.deps = deps
    return running


@pytest.fixture
def stores(sandbox, sqlite_url):
    """Waits until exactly these alerts are stored: (name, status)."""
    engine = sa.create_engine(sqlite_url.replace("+aiosqlite", ""))

    def stored():
        with engine.connect() as db:
            return [(row.alert["name"], row.status) for row in db.execute(sa.select(rows).order_by(rows.c.first_seen))]

    async def wait_for(*wanted):
        await sandbox.until(lambda: stored() == list(wanted))

    yield wait_for
    engine.dispose()


async def test_bot_in_a_watched_channel_is_heard(sandbox, hearing, stores):
    grafana = sandbox.other_app("Grafana")
    async with hearing("random") as watched:
        await watched.join_all()

        ts = await grafana.post("#random", FIRES)
        await stores(("SlowPages", "firing"))
        await grafana.edit("#random", ts, ENDS)
        await stores(("SlowPages", "resolved"))


async def test_incoming_webhook_of_before_apps_is_heard(sandbox, hearing, stores):
    alertmanager = sandbox.other_app("Alertmanager", is_legacy=True)
    async with hearing("random") as watched:
        await watched.join_all()

        await alertmanager.post("#random", attachments=[{"title": FIRES, "color": "danger"}])
        await stores(("SlowPages", "firing"))


async def test_same_message_again_is_stored_once(sandbox, hearing, stores, db):
    sandbox.events.duplicate = 2
    async with hearing("random") as watched:
        await watched.join_all()
        await sandbox.other_app("Grafana").post("#random", FIRES)
        await sandbox.other_app("Grafana").post("#random", "[FIRING:1] QueueBacklog mailer")
        await stores(("SlowPages", "firing"), ("QueueBacklog", "firing"))

    async with db.read() as connection:
        assert set((await connection.execute(sa.select(rows.c.times_seen))).scalars()) == {1}


async def test_nobody_else_is_heard(sandbox, hearing, stores, client, caplog):
    ana, grafana = sandbox.person("ana"), sandbox.other_app("Grafana")
    await ana.invite("#general", sandbox.bot_user_id)
    async with hearing("random") as watched:
        await watched.join_all()

        await grafana.post("#general", FIRES)
        await ana.say("#random", FIRES)
        await client.chat_postMessage(channel="random", text=FIRES)
        await grafana.post("#random", "Good morning")
        await grafana.post("#random", "[FIRING:1] LastOne shop")
        await stores(("LastOne", "firing"))

    assert caplog.messages == []


async def test_with_no_channel_watched_no_bot_is_heard(sandbox, copilot, stores):
    await sandbox.person("ana").invite("#general", sandbox.bot_user_id)

    await sandbox.other_app("Grafana").post("#general", FIRES)
    await sandbox.person("ana").command("/incident", "list")

    await stores()


async def test_first_message_finds_the_channels(sandbox, hearing, stores):
    await sandbox.person("ana").invite("#random", sandbox.bot_user_id)
    async with hearing("random"):
        await sandbox.other_app("Grafana").post("#random", FIRES)

        await stores(("SlowPages", "firing"))


async def test_while_slack_does_not_say_which_channels_there_are_the_message_is_asked_for_again(
    sandbox, hearing, stores, caplog
):
    await sandbox.person("ana").invite("#random", sandbox.bot_user_id)
    sandbox.faults.add("conversations.list", Fault("error"))
    async with hearing("random"):
        await sandbox.other_app("Grafana").post("#random", FIRES)

        await stores(("SlowPages", "firing"))

    assert "Slack does not say which channels are watched" in caplog.text


async def test_message_of_another_shape_is_left_alone(sandbox, hearing, stores, caplog):
    grafana = sandbox.other_app("Grafana")
    async with hearing("random") as watched:
        await watched.join_all()

        await grafana.post("#random", "x", attachments=[{"title": {"text": "x"}}])
        await grafana.post("#random", FIRES)
        await stores(("SlowPages", "firing"))

    assert "a bot's message was not read: slack: attachments[0].title is not a text" in caplog.text


async def test_channel_that_is_not_there_is_looked_for_until_it_is(sandbox, hearing, stores, caplog):
    caplog.set_level("INFO")
    sandbox.faults.add("conversations.list", Fault("error"))
    async with hearing("alerts", "random") as watched:
        joining = asyncio.create_task(watched.join_all(again_s=0.01))
        await sandbox.until(lambda: caplog.text.count("channel #alerts is not watched") >= 3)

        await sandbox.person("ana").create_channel("alerts")
        await joining

        await sandbox.other_app("Grafana").post("#alerts", FIRES)
        await stores(("SlowPages", "firing"))
    assert "the watched channels are looked for again" in caplog.text
    assert caplog.text.count("no alerts are read in #alerts:") == 1


async def test_small_alert_of_a_bot_is_declared_by_a_click_in_its_thread(sandbox, hearing, stores):
    ana, gus = sandbox.person("ana"), sandbox.person("gus")
    await ana.invite("#random", "gus")
    async with hearing("random") as watched:
        await watched.join_all()
        deps = hearing.deps
        outbox = Outbox(deps.db, Couriers(deps.chat), deps.now, places={Place.ANNOUNCE: "general"}, pace_s=0)
        ts = await sandbox.other_app("Grafana").post("#random", "[FIRING:1] DiskFilling batch\nseverity: info")
        await stores(("DiskFilling", "firing"))
        await Worker(deps.db, handlers(deps), deps.now).run_due()
        await outbox.run_due()

        [reply] = sandbox.messages("#random", ts)
        for person in (gus, ana):
            await person.click(reply, "promote")
        await sandbox.until(lambda: ana.ephemerals("#random"))
        while await outbox.run_due():
            pass

    assert [one.text for one in gus.ephemerals("#random")] == [
        "Guests and people from outside this workspace cannot promote alerts."
    ]
    assert ana.ephemerals("#random")[-1].text.startswith("INC-1 is open for DiskFilling.")
    [shown] = sandbox.messages("#random", ts)
    assert shown.text.startswith("ana declared it: INC-1 ")
