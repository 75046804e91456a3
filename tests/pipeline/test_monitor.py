"""AI systems are looked at: what fires comes in as an alert, opens an incident and resolves when it is over."""

import itertools
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.monitoring import ChosenMonitor, Monitored, MonitoredSystem, Query
from incident_copilot.domain.observation import Figure, Interaction, Signal, SignalKind, Snapshot
from incident_copilot.domain.support_hours import hours_of
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.errors import VendorUnavailable
from incident_copilot.jobs.worker import Worker
from incident_copilot.monitors_file import monitors_of
from incident_copilot.pipeline import monitor, monitor_inputs, restoration, wakeups
from incident_copilot.pipeline.ai_alerts import alert_of
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import alerts, interactions, jobs, model_calls, observations, verdicts

from . import samples
from .life import Life

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOT = MonitoredSystem(name="support-bot", service="search", owner="ai-team")


class Measuring:
    """A Prometheus that answers with figures, or fails."""

    name = "Prometheus"
    finds = frozenset()

    def __init__(self, **answers):
        self.answers = answers

    async def figures(self, query):
        found = self.answers[query]
        if isinstance(found, Exception):
            raise found
        return found

    async def gather(self, question):
        return []

    async def check(self):
        pass


class Broken:
    name = "broken"

    def look(self, watched):
        raise RuntimeError("it is broken")


class Watching(Life):
    """The pipeline with AI systems to look at."""

    _ticks = itertools.count()

    def watch(self, *systems, sources=(), monitors=None):
        listed = Monitored(systems=systems)
        built = monitors if monitors is not None else monitors_of(listed)
        self.deps = replace(self.deps, monitored=listed, monitors=built, context_sources=sources)
        self.worker = Worker(self.deps.db, handlers(self.deps), self.clock)

    async def told(self, *figures, ago=timedelta(0), system="support-bot", **labels):
        at = self.clock() - ago
        snapshot = Snapshot(system=system, id=f"{at.isoformat()}", at=at, figures=figures, labels=labels)
        async with self.deps.db.transaction() as tx:
            await observations.add_all(tx, "w", [snapshot])

    async def look(self):
        """Let the tick of this minute come."""
        now = self.clock()
        async with self.deps.db.transaction() as tx:
            key = f"look:{now.isoformat()}:{next(self._ticks)}"
            await jobs.enqueue_tick(
                tx, workspace_id="w", kind=Work.MONITOR, key=key, lane=f"tick:{Work.MONITOR}", run_at=now
            )
        await self.work()

    async def hear_of(self, system="support-bot"):
        """Have one system looked at because something was told of it."""
        async with self.deps.db.transaction() as tx:
            await wakeups.look_at_system(tx, self.deps, system, self.clock())
        await self.work()

    async def verdicts(self, system="support-bot"):
        async with self.deps.db.read() as db:
            return {one.metric: one for one in await verdicts.of(db, "w", system)}

    async def firing(self):
        incident = await self.newest()
        async with self.deps.db.read() as db:
            told = [one.alert for one in await alerts.of_incident(db, incident.id)]
        return [one for one in told if one.status is AlertStatus.FIRING]


@pytest.fixture
def life(db, clock):
    life = Watching(db, clock)
    life.watch(BOT)
    return life


def accuracy(right, n):
    return Figure(metric="quality.accuracy", successes=right, n=n)


@pytest.mark.parametrize(
    ("incident_type", "told"),
    [
        (AiIncident.QUALITY, "Beside it: answers are slow."),
        (AiIncident.INJECTION, "Beside it: answers are slow. Beside it: attacks."),
    ],
)
def test_what_concerns_attacks_is_told_beside_attacks_alone(incident_type, told):
    def said(metric, kind, summary):
        about = {"system": "bot", "monitor": "m", "metric": metric, "kind": SignalKind.ANOMALY, "at": samples.NOON}
        return Verdict(**about, outcome=Outcome.WEAK, incident_type=kind, summary=summary)

    slow, attacks = (
        said("slow", AiIncident.PERFORMANCE, "answers are slow"),
        said("inj", AiIncident.INJECTION, "attacks"),
    )

    assert alert_of(BOT, said("own", incident_type, "own"), [slow, attacks]).description == told


async def test_an_accuracy_that_falls_opens_an_incident_and_its_return_ends_the_alert(life):
    for day in range(2, 12):
        await life.told(accuracy(980, 1000), ago=day * DAY)
    await life.told(accuracy(890, 1000))
    await life.look()

    [alert] = await life.firing()
    incident = await life.newest()
    assert (alert.source, alert.name, alert.severity) == ("monitors", "AiQualityDrop", "warning")
    assert alert.summary == "support-bot: accuracy is 0.89, was 0.98 by hour of the day (n 1,000, baseline 10,000)"
    assert alert.description == (
        "95 % interval -0.111 to -0.0718. n 1,000, baseline 10,000. p below 0.0001. "
        "Beside it: accuracy is 0.89 over 24 h; quality.accuracy < 95%."
    )
    assert (alert.labels["incident_type"], alert.labels["team"]) == ("quality_degradation", "ai-team")
    assert (incident.service, incident.incident_type) == ("search", "quality_degradation")
    assert (await life.verdicts())["quality.accuracy"].since == life.clock()

    life.clock.forward(3600)
    await life.look()
    assert [one.starts_at for one in await life.firing()] == [alert.starts_at]

    life.clock.forward(25 * 3600)
    await life.told(accuracy(9800, 10_000))
    await life.look()
    assert (await life.verdicts())["quality.accuracy"].outcome is Outcome.FINE
    assert await life.firing() == []


async def test_what_is_surely_well_lately_is_over_before_the_window_has_forgotten_it(life):
    for day in range(2, 12):
        await life.told(accuracy(980, 1000), ago=day * DAY)
    for _ in range(6):
        await life.told(accuracy(890, 1000))
        await life.look()
        life.clock.forward(3600)
    [alert] = await life.firing()

    await life.told(accuracy(292, 300))
    await life.look()
    still = await life.firing()
    life.clock.forward(600)
    await life.told(accuracy(4900, 5000))
    await life.look()
    over = await life.firing()
    async with life.deps.db.read() as db:
        (found,) = [one for one in await verdicts.of(db, "w", "support-bot") if one.monitor == "quality"]
    life.clock.forward(3 * 3600)
    await life.look()

    assert ([one.fingerprint for one in still], over, await life.firing()) == ([alert.fingerprint], [], [])
    assert (found.outcome, found.since, found.n) == (Outcome.FINE, life.clock() - timedelta(hours=3), 6300)


async def test_one_safety_finding_alerts_at_once_and_a_system_need_not_be_listed(life):
    await life.told(Figure(metric="safety.pii", successes=1, n=50), system="shop-bot")
    await life.told(Figure(metric="safety.pii", successes=1, n=50), system="Not a name")

    await life.look()

    [alert] = await life.firing()
    assert (alert.summary, alert.service) == ("shop-bot: pii: 1 of 50 in 60 min", "shop-bot")
    assert alert.labels["incident_type"] == "security"


async def test_a_finding_in_requests_began_with_the_first_of_them_and_is_dated_once(life):
    violation = (Signal(kind=SignalKind.SAFETY_VIOLATION),)
    found = [
        Interaction(system="support-bot", id=f"r{ago}", at=life.clock() - timedelta(minutes=ago), signals=signals)
        for ago, signals in ((50, ()), (20, violation), (5, violation))
    ]
    async with life.deps.db.transaction() as tx:
        await interactions.add_all(tx, "w", found)
    await life.told(Figure(metric="safety.pii", successes=2, n=3))

    await life.look()
    life.clock.forward(50 * 60)
    await life.look()

    since = found[1].at - timedelta(seconds=1)
    assert [one.starts_at for one in await life.firing()] == [since]
    assert (await life.newest()).started_at == since


async def test_weak_signals_are_kept_until_two_alert_together(life):
    await life.told(Figure(metric="performance.throughput_per_s", value=3.0))
    await life.look()
    assert await life.running() == []
    assert (await life.verdicts())["performance.throughput_per_s"].outcome is Outcome.WEAK

    await life.told(Figure(metric="quality.satisfaction", value=3.1, n=10), ago=timedelta(minutes=1))
    await life.look()
    [alert] = await life.firing()
    assert alert.name == "AiSignalsTogether"
    assert alert.summary == (
        "support-bot: throughput per s is 3 over 15 min; performance.throughput_per_s < 20; "
        "satisfaction is 3.1 over 24 h; quality.satisfaction < 4"
    )


async def test_leftovers_of_an_incident_that_is_over_raise_no_other(life):
    injected = partial(Figure, metric="safety.injection")
    await life.told(injected(successes=25, n=80))
    await life.told(Figure(metric="quality.satisfaction", value=3.1, n=10), ago=timedelta(minutes=1))
    await life.told(Figure(metric="performance.cache_hit_rate", value=0.75), ago=timedelta(minutes=2))
    await life.look()
    [alert] = await life.firing()
    incident = await life.newest()

    life.clock.forward(3600)
    await life.told(injected(successes=0, n=80))
    await life.told(Figure(metric="performance.cache_hit_rate", value=0.75), ago=timedelta(minutes=1))
    await life.look()

    said = await life.verdicts()
    weak = {metric for metric, one in said.items() if one.outcome is Outcome.WEAK}
    assert (alert.name, await life.firing()) == ("AiSafetyViolation", [])
    assert weak == {"quality.satisfaction", "performance.cache_hit_rate"}
    assert await life.running() == [incident.number]


async def test_a_wave_of_findings_is_over_once_surely_none_comes_any_more_and_the_next_one_alerts_anew(life):
    injected = partial(Figure, metric="safety.injection")
    await life.told(injected(successes=25, n=80))
    await life.look()
    incident = await life.newest()
    for minutes, n in ((5, 5000), (8, 100)):
        life.clock.forward(minutes * 60)
        await life.told(injected(successes=0, n=n))
        await life.look()
    pauses, (_, line) = await life.firing(), (await restoration.check(life.deps, incident.id)).lines

    life.clock.forward(3 * 60)
    await life.look()
    over = await life.firing()
    life.clock.forward(60)
    await life.told(injected(successes=1, n=50))
    await life.look()

    assert (len(pauses), over) == (1, [])
    assert (line.text, line.ok) == (
        "support-bot: injection: 25 of 5,180 in 60 min, none of 5,100 since 12:00 UTC",
        False,
    )
    [again] = await life.firing()
    assert (again.summary, again.starts_at > pauses[0].starts_at) == (
        "support-bot: injection: 1 of 5,150 in 60 min",
        True,
    )


async def test_what_is_not_measured_any_more_fires_for_a_window_and_is_then_over(life):
    await life.told(Figure(metric="safety.pii", successes=1, n=50))
    await life.look()
    life.clock.forward(2 * 3600)
    await life.look()
    assert len(await life.firing()) == 1

    life.clock.forward(23 * 3600)
    await life.look()
    assert await life.firing() == []
    assert await life.verdicts() == {}


async def test_figures_of_prometheus_are_asked_for_and_a_query_that_fails_leaves_the_others(life, clock):
    asked = MonitoredSystem(
        name="support-bot",
        every_min=1,
        prometheus="prometheus",
        monitors=(ChosenMonitor(monitor="thresholds"),),
        queries=(
            Query(metric="performance.error_rate", query="errors"),
            Query(metric="provider.availability", query="up", by="gen_ai_provider_name"),
            Query(metric="cost.usd", query="gone"),
        ),
    )
    by_provider = [({"gen_ai_provider_name": "openai"}, 0.5)]
    measuring = Measuring(errors=[({}, 0.2)], up=by_provider, gone=VendorUnavailable("Prometheus: HTTP 503"))
    life.watch(asked, sources=(measuring,))

    await life.look()

    found = {one.labels["metric"]: one for one in await life.firing()}
    assert {metric: (one.severity, one.labels.get("group")) for metric, one in found.items()} == {
        "performance.error_rate": ("critical", None),
        "provider.availability": ("critical", "provider=openai"),
    }


@pytest.mark.parametrize("changed", [{"every_min": 7}, {"prometheus": "another"}], ids=["not due", "no such source"])
async def test_nothing_is_asked_where_it_is_not_due_or_there_is_nobody_to_ask(life, changed):
    query = Query(metric="performance.error_rate", query="errors")
    life.watch(BOT.model_copy(update={"queries": (query,), **changed}), sources=(Measuring(errors=[({}, 0.2)]),))

    await life.look()

    assert await life.verdicts() == {}


async def test_a_monitor_that_fails_takes_nothing_from_the_others(life, caplog):
    built = monitors_of(Monitored(systems=(BOT,)))
    life.watch(BOT, monitors={"support-bot": [Broken(), *built["support-bot"]]})
    await life.told(Figure(metric="safety.pii", successes=1, n=50))

    await life.look()

    assert list(await life.verdicts()) == ["safety.pii"]
    assert "monitor broken failed on support-bot" in caplog.text


async def test_the_copilot_watches_its_own_model(life):
    call = ModelCall(model="m", outcome="answered", latency_ms=1500, input_tokens=100, output_tokens=10, cost_usd=0.02)
    at = life.clock() - timedelta(minutes=30)
    async with life.deps.db.transaction() as tx:
        for outcome in ("answered", "refused"):
            told = call.model_copy(update={"outcome": outcome})
            await model_calls.add(tx, workspace_id="w", incident_id=None, purpose="word", call=told, now=at)

    await life.look()

    window = ("w", "incident-copilot", life.clock() - HOUR, life.clock())
    async with life.deps.db.read() as db:
        found = {one.figure.metric: one.figure for one in await observations.between(db, *window)}
    answered = found["quality.answered"]
    assert (answered.successes, answered.n) == (1, 2)
    assert (found["cost.usd"].value, found["cost.tokens_input"].value) == (0.04, 200.0)
    latency = found["performance.latency_mean_s"]
    assert (latency.value, latency.n, latency.squares) == (1.5, 2, 4.5)


async def test_a_system_that_is_told_of_is_looked_at_at_once_and_then_every_few_seconds(life):
    await life.hear_of()
    assert await life.verdicts() == {}
    await life.told(Figure(metric="safety.pii", successes=0, n=50))
    await life.told(Figure(metric="safety.pii", successes=0, n=50), system="another")
    await life.hear_of()
    first = life.clock()

    life.clock.forward(1)
    await life.told(Figure(metric="safety.pii", successes=1, n=50))
    await life.hear_of()
    assert {one.outcome for one in (await life.verdicts()).values()} == {Outcome.FINE}
    life.clock.forward(4)
    await life.work()

    assert [one.starts_at for one in await life.firing()] == [first]
    assert (await life.verdicts())["safety.pii"].since == first + timedelta(seconds=5)
    assert await life.verdicts("another") == {}


async def test_a_failed_look_is_told_again(life):
    """What was received before its verdict was noted is the same alert when it comes once more."""
    await life.told(Figure(metric="safety.pii", successes=1, n=50))
    looked = await monitor.look_at(life.deps, BOT, life.deps.monitors["support-bot"])
    await life.take(*looked.alerts)

    await life.look()

    assert len(await life.firing()) == 1
    assert await life.running() == [1]


@pytest.mark.parametrize(
    ("own", "hours", "zone"),
    [
        (None, "mon-fri 09:00-17:00", "UTC"),
        (None, "mon-fri 09:00-17:00 Asia/Tokyo", "Asia/Tokyo"),
        ("Europe/Berlin", "mon-fri 09:00-17:00 Asia/Tokyo", "Europe/Berlin"),
    ],
)
async def test_a_system_goes_by_its_own_clock_else_by_that_of_the_working_hours(db, clock, own, hours, zone):
    life = Watching(db, clock, working_hours=hours_of(hours))
    life.watch(BOT.model_copy(update={"zone": own}))

    ((listed, _),) = await monitor_inputs.systems(life.deps, clock())

    assert (listed.zone, monitor_inputs.system_of(life.deps, BOT.name)[0].zone) == (zone, zone)


async def test_old_figures_are_folded_by_the_hour(life):
    for minute in range(0, 120, 20):
        await life.told(accuracy(9, 10), ago=5 * HOUR - timedelta(minutes=minute))
    await life.told(accuracy(9, 10))

    await life.look()

    window = ("w", "support-bot", life.clock() - DAY, life.clock())
    async with life.deps.db.read() as db:
        found = await observations.between(db, *window)
    assert [(one.figure.successes, one.figure.n) for one in found] == [(27, 30), (27, 30), (9, 10)]
