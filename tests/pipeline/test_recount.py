"""Numbers on a card are brought up to date at once after a calm, and ever less often in a storm."""

import itertools
import json
from datetime import timedelta

import pytest

from incident_copilot.domain.content import Card
from incident_copilot.domain.effect import Show
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.pipeline import correlate, placing, recount, resolve, run
from incident_copilot.pipeline.ingest import Intake
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.plugins.alert_sources import alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.store import incidents

from .life import Life, again, big, over, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def pod(number):
    return big(f"Pod{number}", labels={"pod_name": str(number)})


def cards(life):
    """How many alerts fire by each version of the card that was sent."""
    shown = [deed.content for deed in life.chat.deeds if isinstance(deed, Show)]
    return [content.firing for content in shown if isinstance(content, Card)]


async def test_first_alert_after_a_calm_is_on_the_card_at_once(life, clock):
    await life.opened(big())
    clock.forward(600)

    await life.take(pod(1))

    assert cards(life)[-1] == 2
    assert await life.due(Work.RECOUNT) is None


async def test_in_a_storm_the_card_is_edited_ever_less_often(life, clock):
    incident = await life.opened(big())
    began, at = clock(), {}
    for second in [*range(1, 20), *range(20, 240, 5)]:
        life.clock.time = began + timedelta(seconds=second)
        await life.take(pod(second))
        at.setdefault(cards(life)[-1], second)

    edits = [second for second in at.values() if second > 1]
    assert edits[:5] == [5, 10, 20, 40, 80]
    assert [later - earlier for earlier, later in itertools.pairwise(edits[4:])] == [60, 60]
    assert (await life.by_number(1)).id == incident.id


async def test_after_the_last_alert_the_last_numbers_are_shown_once(life, clock):
    await life.opened(big())
    clock.forward(1)
    await life.take(pod(1), pod(2))
    before = len(cards(life))

    await life.go_on(seconds=60)
    await life.go_on(seconds=600)

    assert cards(life)[before:] == [3]


async def test_numbers_that_are_shown_already_are_not_shown_again(life, clock):
    incident = await life.opened(big())
    clock.forward(1)
    await life.take(pod(1))
    await run.acknowledge(life.deps, incident.id, await life.person("ben"))
    await life.go_on(seconds=3)
    before = cards(life)

    await life.go_on(seconds=60)

    assert before[-1] == 2
    assert cards(life) == before


async def test_severity_that_rises_in_a_storm_is_shown_at_once(life, clock):
    await life.opened(small())
    clock.forward(1)

    await life.take(big("SearchDown", service="search"))

    shown = [content for (_, slot), content in life.chat.shown.items() if slot == "card"]
    assert [(card.incident.severity, card.firing) for card in shown] == [(Severity.P1, 2)]


async def test_number_in_a_thread_is_paced_too(life, clock):
    await life.opened(small())
    clock.forward(1)

    await life.take(small("Slower"))

    assert await life.due(Work.RECOUNT) == clock() + timedelta(seconds=4)


async def test_incident_that_was_never_shown_is_shown_when_it_is_counted(life, open_incident):
    incident = await open_incident(life.deps.db, severity=Severity.P2)
    async with life.deps.db.transaction() as tx:
        await recount.recount(tx, life.deps, incident)
    await life.work()

    assert [deed.slot for deed in life.chat.deeds] == ["announcement"]


async def test_only_the_first_thousand_alerts_are_told_one_by_one_and_all_are_counted(life):
    storm = [pod(number) for number in range(placing.TOLD + correlate.BATCH)]

    incident = await life.opened(*storm)

    async with life.deps.db.read() as db:
        members = await incidents.count_members(db, incident.id)
    assert members == placing.TOLD
    assert len([entry for entry in await life.timeline(incident) if entry.kind == "alert"]) == placing.TOLD
    assert cards(life)[-1] == len(storm)


async def test_storm_that_fires_again_is_noted_alert_by_alert(life, clock):
    storm = [pod(number) for number in range(3)]
    incident = await life.opened(*storm)
    await life.take(*(over(alert, clock) for alert in storm))
    clock.forward(60)

    await life.take(*(again(alert, clock) for alert in storm))

    noted = [entry.text for entry in await life.timeline(incident) if "fires again" in entry.text]
    assert len(noted) == 3
    assert cards(life)[-1] == 3
    assert await life.due(Work.QUIET) is None


async def test_storm_that_fires_again_long_after_its_end_is_one_new_incident(life, clock):
    storm = [pod(number) for number in range(3)]
    incident = await life.opened(*storm)
    await life.take(*(over(alert, clock) for alert in storm))
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)
    clock.forward(3600)

    await life.take(*(again(alert, clock) for alert in storm))

    assert await life.running() == [2]
    assert [(await life.alert(alert)).incident_id for alert in storm] == [(await life.newest()).id] * 3


async def test_storm_that_is_over_says_so_at_once(life, clock):
    storm = [pod(number) for number in range(20)]
    await life.opened(*storm)
    clock.forward(1)

    await life.take(*(over(alert, clock) for alert in storm))

    assert await life.due(Work.QUIET) is not None
    await life.go_on(seconds=10)
    assert cards(life)[-1] == 0


async def test_storm_of_webhooks_is_one_incident_and_few_messages(life, clock):
    """2,000 alerts in 60 s, as Alertmanager sends them, until a minute after the last."""
    env = PluginEnv(http=None, now=clock, secret="s", instance="am")
    source, intake = alertmanager.create(env, alertmanager.Options()), Intake(life.deps)
    since = clock().isoformat()

    for second in range(60):
        body = json.dumps({"alerts": [_sent(number, since) for number in range(second * 34, second * 34 + 34)]})
        await intake.receive("am", source.parse({}, body.encode()), body.encode())
        await life.work()
        clock.forward(1)
    for _ in range(60):
        await life.go_on(seconds=1)

    assert await life.running() == [1]
    assert len(life.chat.deeds) <= 18
    assert cards(life)[-1] == 2040


def _sent(number, since):
    labels = {"alertname": f"Checkout{number % 50}", "service": "checkout", "severity": "critical", "pod": str(number)}
    return {"labels": labels, "startsAt": since, "fingerprint": f"{number:016x}"}
