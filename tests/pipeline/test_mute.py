"""People mute alerts for a while: nothing opens, the digest and the card say why, and the end is not forgotten."""

from datetime import timedelta

import pytest

from incident_copilot.domain.content import Announcement, Card, Digest
from incident_copilot.domain.effect import Show
from incident_copilot.domain.grouping import Grouping, Inhibition, Mute
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import mute
from incident_copilot.store import texts

from .life import CATALOG, Life, again, big, over, small

HOUR = timedelta(hours=1)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def muted(life, *what, lasts=HOUR, reason="moving racks", who="ana"):
    outcome = await mute.mute(life.deps, await life.person(who), what, lasts, reason)
    await life.work()
    return outcome.text


def card_of(life, number):
    contents = [deed.content for deed in life.chat.deeds if isinstance(deed, Show)]
    cards = [one.card if isinstance(one, Announcement) else one for one in contents]
    return [one for one in cards if isinstance(one, Card) and one.incident.number == number][-1]


async def test_what_people_mute_opens_nothing_until_the_time_is_over(life):
    said = await muted(life, "search")

    await life.take(small())
    before = await life.running()
    await life.go_on(hours=1)

    assert said == "Muted service=search until 13:00 UTC (1 h), as M-1. /incident unmute 1 ends it."
    assert (before, await life.running()) == ([], [1])
    assert (await life.alert(small())).muted_by is None
    assert await mute.lines(life.deps) == []


async def test_who_muted_what_and_why_is_in_the_log_and_the_reason_can_be_erased(life):
    await muted(life, "service=search", "alertname=Slow*")

    [row] = [row for row in await life.workspace_log() if row.kind is LogKind.MUTED]
    async with life.deps.db.read() as db:
        reason = await texts.text_of(db, row.payload["reason"]["text"])
    assert (row.actor, row.payload["what"], row.payload["number"]) == ("U0ANA", "service=search, alertname=Slow*", 1)
    assert row.payload["until"] == (life.clock() + HOUR).isoformat()
    assert reason == "moving racks"


async def test_ended_early_what_still_fires_is_looked_at_at_once(life):
    await muted(life, "SlowSearch")
    await life.take(small())
    ana = await life.person("ana")

    outcome = await mute.unmute(life.deps, ana, 1)
    await life.work()

    [row] = [row for row in await life.workspace_log() if row.kind is LogKind.UNMUTED]
    assert outcome.text == "M-1 has ended. What it muted and still fires is looked at now."
    assert (row.actor, row.payload["number"]) == ("U0ANA", 1)
    assert await life.running() == [1]
    await life.go_on(hours=1)
    assert await life.running() == [1]


async def test_what_resolves_while_it_is_muted_is_never_heard_of(life):
    await muted(life, "SlowSearch")
    await life.take(small())
    await life.take(over(small(), life.clock))

    await life.go_on(hours=1)

    assert await life.running() == []


async def test_alert_of_an_incident_that_runs_stays_there_and_its_card_names_the_mute(life):
    await life.take(small())
    await muted(life, "search")

    await life.take(over(small(), life.clock))
    await life.take(again(small(), life.clock))
    await life.go_on(minutes=1)

    assert await life.running() == [1]
    assert card_of(life, 1).silences == ("service=search is muted until 21 Nov 13:00 UTC: moving racks",)
    await life.go_on(hours=1)
    assert card_of(life, 1).silences == ()


async def test_digest_says_what_is_muted_and_why(life):
    await muted(life, "search", lasts=2 * HOUR)
    await life.take(small())
    await life.go_on(hours=1)

    await life.tick_digest()

    [digest] = [content for content in life.chat.shown.values() if isinstance(content, Digest)]
    assert digest.entries[0].summary == "Muted until 2026-11-21 14:00 UTC: moving racks. High 5xx ratio on checkout"


async def test_bare_name_is_a_service_where_one_of_that_name_is_known_else_an_alert(life):
    await life.take(big(service="queue"))

    said = [await muted(life, name) for name in ("checkout", "queue", "DiskFull")]

    assert [text.split(" until")[0] for text in said] == [
        "Muted service=checkout",
        "Muted service=queue",
        "Muted alertname=DiskFull",
    ]


@pytest.mark.parametrize(
    ("what", "change", "why"),
    [
        (("search",), {"who": "vic"}, "To mute alerts you need the role responder"),
        (("search",), {"reason": " "}, "Say why, for those who wonder later that nobody was called."),
        (("search",), {"lasts": timedelta(days=8)}, "Mute for a minute at least and 7 days at most"),
        (("search",), {"lasts": timedelta()}, "Mute for a minute at least and 7 days at most"),
        ((), {}, "Say what to mute"),
        (("search", "batch"), {}, "Say what to mute"),
        (("=x",), {}, "Say what to mute"),
        (("alertname=*",), {}, "That would mute everything"),
    ],
)
async def test_mute_that_cannot_be_is_refused_and_logged(life, what, change, why):
    with pytest.raises(DecisionRefused, match=why):
        await muted(life, *what, **change)

    [row] = [row for row in await life.workspace_log() if row.kind is LogKind.DENIED]
    assert row.payload["asked"] == "mute alerts"
    assert await mute.lines(life.deps) == []


async def test_there_is_a_most_of_mutes(life, monkeypatch):
    monkeypatch.setattr(mute, "MOST_OWN", 1)
    await muted(life, "search")

    with pytest.raises(DecisionRefused, match="1 mutes run already"):
        await muted(life, "checkout")


async def test_only_what_runs_can_be_ended(life):
    await muted(life, "search")
    ana, vic = await life.person("ana"), await life.person("vic")

    for person, number, why in ((ana, 7, "There is no M-7"), (vic, 1, "To end mutes you need the role responder")):
        with pytest.raises(DecisionRefused, match=why):
            await mute.unmute(life.deps, person, number)

    life.clock.forward(3_600)  # its job has not run yet
    with pytest.raises(DecisionRefused, match="There is no M-1"):
        await mute.unmute(life.deps, ana, 1)


async def test_all_that_mutes_is_listed_and_counted(db, clock):
    catalogued = Mute(match={"rack": "r7", "zone": "a"}, until=clock() + HOUR, reason="rack r7 moves")
    past = Mute(match={"rack": "r8"}, until=clock(), reason="gone")
    rule = Inhibition(name="x", source={"alertname": "Down"}, target={"severity": "warning"}, equal=("cluster",))
    grouping = Grouping(mutes=(catalogued, past), inhibit=(rule,))
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"correlation": grouping}))
    await muted(life, "search")
    await muted(life, "DiskFull")
    await life.take(small(labels={"cluster": "us"}), big("Down"), small("X", service="batch"))

    assert await mute.lines(life.deps) == [
        "M-2: alertname=DiskFull until 21 Nov 13:00 UTC, by <@U0ANA>: moving racks",
        "M-1: service=search until 21 Nov 13:00 UTC, by <@U0ANA>: moving racks (1 alert muted)",
        "catalog.yaml: rack=r7, zone=a until 21 Nov 13:00 UTC: rack r7 moves",
        "Other alerts mute 1 now; the cards name them.",
    ]


async def test_long_list_says_how_many_are_left_out(life, monkeypatch):
    monkeypatch.setattr(mute, "MOST_LISTED", 1)
    await muted(life, "search")
    await muted(life, "DiskFull")

    assert (await mute.lines(life.deps))[1:] == ["and 1 more"]
