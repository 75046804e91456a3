"""Channels are renamed, archived, shared and closed under the copilot: it goes on elsewhere, and says so."""

from dataclasses import replace

import pytest

from incident_copilot.domain.effect import Place
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import channel_life, ending, operators
from incident_copilot.pipeline.channel_life import Closed
from incident_copilot.slack.app import build, listening
from incident_copilot.store import closed_channels, messages, targets

from .conftest import PLACES


@pytest.fixture
async def heard(copilot, sandbox, client):
    """The copilot, with its ears: events reach it."""
    policy = replace(copilot.deps.policy, places=PLACES)
    copilot.deps = replace(copilot.deps, policy=policy)
    async with listening(build(copilot.deps, client, copilot.deps.chat.identity), sandbox.app_token):
        await sandbox.until(lambda: sandbox.sockets)
        yield copilot


async def until_told(copilot, sandbox, channel, text, thread_ts=None, times=1):
    """Send what is due until people read it; while somebody types a command, events come in."""
    for _ in range(50):
        await sandbox.person("ben").command("/incident", "help", channel="#general")
        await copilot.go(2)
        if sum(text in said for said in copilot.texts(channel, thread_ts)) == times:
            return
    raise AssertionError(f"{text!r} was not told:\n{sandbox.transcript()}")


async def in_channel(copilot, sandbox):
    """A P1 in its own channel: the incident, the channel's name and the announcement."""
    incident = await copilot.open()
    await copilot.go(10)
    room = sandbox.workspace.channel((await copilot.now_is(incident)).channel_id)
    ana = sandbox.person("ana")
    await ana.join(f"#{room.name}")
    [announcement] = sandbox.messages("#incidents")
    return incident, room, announcement, ana


async def test_incident_leaves_its_channel_and_comes_back(heard, sandbox):
    incident, room, announcement, ana = await in_channel(heard, sandbox)
    name = f"#{room.name}"
    closing = [
        (ana.archive_channel, ana.unarchive_channel, "its channel was archived"),
        (
            ana.share_channel,
            lambda one: ana.share_channel(one, shared=False),
            "its channel is shared with another organisation",
        ),
        (lambda one: ana.remove(one, "incident-copilot"), None, "the copilot was removed from its channel"),
    ]
    for times, (close, open_again, why) in enumerate(closing, start=1):
        await close(name)
        await until_told(heard, sandbox, "#incidents", f"goes on in this thread: {why}", announcement.ts)
        assert (await heard.now_is(incident)).thread_ts == announcement.ts

        await (open_again(name) if open_again else ana.invite(name, "incident-copilot"))
        again = "INC-1 goes on in its channel again."
        await until_told(heard, sandbox, "#incidents", again, announcement.ts, times)
        await heard.go(3)
        assert ((await heard.now_is(incident)).channel_id, (await heard.now_is(incident)).thread_ts) == (room.id, None)
        assert "goes on here again" in heard.texts(name)[-1]

    await ana.rename_channel(name, "inc-1-renamed")
    await heard.notice(incident, "The rollback helped")
    await heard.go(3)
    assert heard.texts("#inc-1-renamed")[-1] == "The rollback helped"
    await ana.delete_channel("#inc-1-renamed")
    await until_told(heard, sandbox, "#incidents", "goes on in this thread: its channel was deleted", announcement.ts)
    assert (await heard.log(incident)).count(LogKind.UNDELIVERED) == 4


async def test_announcements_go_to_operators_while_their_channel_is_closed(heard, sandbox):
    small = await heard.open(Severity.P2)
    await heard.go(5)
    ana = sandbox.person("ana")
    await ana.join("#incidents")

    await ana.rename_channel("#incidents", "outages")
    await until_told(
        heard,
        sandbox,
        "#copilot-ops",
        "#incidents was renamed #outages; announcements follow it. Set COPILOT_ANNOUNCE_CHANNEL=outages.",
    )
    await ana.remove("#outages", "incident-copilot")
    await until_told(heard, sandbox, "#copilot-ops", "#incidents: the copilot was removed from the channel.")
    await until_told(heard, sandbox, "#copilot-ops", "INC-1 checkout")
    await heard.open(Severity.P2)
    await until_told(heard, sandbox, "#copilot-ops", "INC-2 checkout")
    now_is = await heard.now_is(small)
    assert now_is.channel_id == sandbox.channel("#copilot-ops").id
    assert any("goes on in this thread" in text for text in heard.texts("#copilot-ops", now_is.thread_ts))

    await ana.invite("#outages", "incident-copilot")
    await until_told(heard, sandbox, "#copilot-ops", "#incidents is open to the copilot again; announcements go there.")
    await heard.open(Severity.P2)
    await until_told(heard, sandbox, "#outages", "INC-3 checkout")


async def test_what_concerns_nobody_changes_nothing(heard, sandbox):
    ana = sandbox.person("ana")
    await ana.create_channel("lunch")
    await ana.invite("#lunch", "incident-copilot")
    await ana.invite("#lunch", "ben")
    await ana.rename_channel("#lunch", "dinner")
    await ana.archive_channel("#dinner")
    await ana.unarchive_channel("#dinner")
    ack = await ana.command("/incident", "help", channel="#general")

    assert ack.ok
    assert await heard.waiting() == 0
    assert await heard.log() == []


async def test_operators_whose_channel_is_closed_are_told_where_incidents_are_announced(heard, sandbox):
    await heard.open(Severity.P2)
    await heard.put(_tell, "Something failed.")
    await heard.go(5)
    for channel in ("#copilot-ops", "#incidents"):
        await channel_life.closed(heard.deps, sandbox.channel(channel).id, Closed.ARCHIVED)
        await heard.put(_tell, f"{channel} is closed.")
        await heard.go(5)

    # With both closed there is no better place than their own.
    assert "#copilot-ops is closed." in heard.texts("#incidents")
    assert "#incidents is closed." in heard.texts("#copilot-ops")


async def test_customers_who_share_their_channel_are_told_there(heard, sandbox):
    async with heard.deps.db.transaction() as tx:
        for name, channel in (("customer-updates", "C1"), ("incident-updates", "C2")):
            at = {"channel": channel, "ts": "1.0", "alias": name, "now": heard.clock()}
            await messages.record(tx, workspace_id="w", scope="workspace", slot=name, **at)
            await closed_channels.close(tx, "w", channel, "shared", heard.clock())
        places = [Place.CUSTOMER_UPDATES, Place.INTERNAL_UPDATES]
        assert [await targets.channel_of(tx, "w", place, PLACES) for place in places] == ["C1", "copilot-ops"]


async def _tell(tx, deps, text):
    await operators.tell(tx, deps, "x", text)


async def test_incident_that_ended_meanwhile_does_not_come_back(copilot, sandbox):
    incident, room, _, _ = await in_channel(copilot, sandbox)
    await channel_life.closed(copilot.deps, room.id, Closed.ARCHIVED)
    ended = await copilot.now_is(incident)
    await copilot.put(ending.end, ended, actor="policy:quiet", ending=Ending.SELF_RECOVERED, note="")

    await channel_life.opened_again(copilot.deps, room.id, Closed.ARCHIVED)

    assert (await copilot.now_is(incident)).thread_ts is not None
