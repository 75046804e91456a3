"""A drill: played in a world of its own, through the front door, apart from everything real, and scored at its end."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from incident_copilot.domain.content import PublicUpdate
from incident_copilot.domain.drill import LABEL, SOURCE, Conclusion, Drill, Mark
from incident_copilot.domain.effect import RunAction
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.domain.support_hours import DAYS, SupportHours
from incident_copilot.drill import Worlds
from incident_copilot.errors import ConfigError, DecisionRefused, UnknownThing, VendorRefused
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import carry_out, decide, drill, drill_history, read, resolve, run, scoring, wakeups
from incident_copilot.pipeline.drill_world import OnlyInDrills, act, in_its_world
from incident_copilot.pipeline.gauges import measured
from incident_copilot.pipeline.handlers import Rechecked, handlers
from incident_copilot.pipeline.suggest import ROLLBACK
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.ports import ActionResult
from incident_copilot.store import action_log, alerts, drills, heard, incidents, jobs, proposals

from . import samples
from .life import PLACES, Life, big
from .samples import NOON

CHANNEL = "C-test-inc-1-high-5xx-ratio-on-checkout"


@pytest.fixture
def life(db, clock):
    """A life whose real actions may never be asked during a drill."""
    made = Life(db, clock, verify_every=timedelta(seconds=5), brief_deadline=timedelta(seconds=30))
    with_worlds = replace(made.deps, drills=Worlds(clock), actions={})
    real = Rechecked(made.action, with_worlds)
    made.deps = replace(with_worlds, actions={ROLLBACK: real})
    made.worker = Worker(db, handlers(made.deps), clock)
    made.outbox = Outbox(
        db,
        Couriers(made.chat, actions={ROLLBACK: real}),
        clock,
        places=PLACES,
        settled=partial(carry_out.settled, made.deps),
        pace_s=0,
    )
    return made


async def begun(life, wanted="bad_deploy"):
    """A drill and its incident, a few seconds after the first alert."""
    said = await drill.start(life.deps, await life.person("ben"), wanted)
    await life.work()
    await life.go_on(seconds=5)
    return said.text, (await read.running(life.deps))[0]


async def kept(life):
    async with life.deps.db.read() as db:
        return (await drills.latest(db, "w", 5))[0]


async def of_kind(life, incident, kind):
    async with life.deps.db.read() as db:
        found = await proposals.of_incident(db, incident.id)
    return next(one for one in found if one.kind is kind)


async def test_a_drill_is_played_to_its_scorecard_and_touches_nothing_real(life):
    said, incident = await begun(life)
    rollback = await of_kind(life, incident, ProposalKind.ACTION)
    update = await of_kind(life, incident, ProposalKind.UPDATE)
    ana, ben = await life.person("ana"), await life.person("ben")
    brief = await read.brief(life.deps, incident.id)
    await run.acknowledge(life.deps, incident.id, ana)
    await decide.vote(life.deps, update.id, update.version, Choice.APPROVE, ben)
    await decide.vote(life.deps, rollback.id, rollback.version, Choice.APPROVE, ben)
    await life.work()
    await life.go_on(seconds=30)
    await life.go_on(seconds=30)
    counted = await measured(life.deps)
    checked = await resolve.check(life.deps, incident.id)
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=False)
    await life.work()
    ended, scored = await life.by_number(incident.number), await kept(life)
    async with life.deps.db.read() as db:
        log = await action_log.entries(db, incident.id)
        sources = [one.source for one in await heard.all_of(db, "w")]

    assert said == "The drill bad_deploy begins: its alert comes in as any other. Nobody is paged."
    assert (incident.test, incident.declared_by, ended.ending) == (True, "U0BEN", Ending.RESOLVED)
    assert "payments v2.31.0" in brief.brief.suspect.cause
    [past] = await drill_history.history(life.deps, 3)
    assert drill_history.lines(past)[:2] == [
        "2026-11-21 bad_deploy (INC-1 [TEST]), begun by <@U0BEN>: 6 of 6 as it should be",
        "  Good: acknowledged after 5 s (30 min allowed)",
    ]
    assert past.trend == "The first drill: nothing to compare it with."
    assert [one.ok for one in scored.marks] == [True, True, True, True, True, True, None, None]
    assert scored.result == "6 of 6 as it should be"
    assert "Good: rolled back, and it healed" in life.chat.shown[CHANNEL, "notice:scorecard"].detail
    assert life.action.done == []
    assert not checked.is_red
    assert LogKind.PAGED not in [row.kind for row in log]
    assert log[-1].kind is LogKind.DRILL_SCORED
    assert [place for place, _, content in life.chat.posts if isinstance(content, PublicUpdate)] == [CHANNEL]
    assert (counted[0].incidents, sources) == ({}, [])


async def test_alerts_of_a_drill_stay_together_and_apart_from_real_ones(life):
    _, incident = await begun(life)
    await life.go_on(seconds=30)
    await life.take(big(labels={"cluster": "eu-1", "env": "production"}))
    await life.take(big("Stray", fingerprint="f00", source=SOURCE, labels={LABEL: "0" * 32}))
    real = next(one for one in await read.running(life.deps) if not one.test)
    async with life.deps.db.read() as db:
        drilled, others = [
            [one.name for one in await alerts.belonging(db, incident_id)] for incident_id in (incident.id, real.id)
        ]
        reasons = await incidents.reasons(db, incident.id)

    assert drilled == ["HighErrorRate", "PaymentsLatencyHigh"]
    assert others == ["HighErrorRate"]
    assert reasons == ["part of the same drill"]


async def test_one_drill_runs_at_a_time_and_only_commanders_begin_one(life):
    ben, vic = await life.person("ben"), await life.person("vic")
    with pytest.raises(DecisionRefused, match="no scenario nothing"):
        await drill.start(life.deps, ben, "nothing")
    with pytest.raises(DecisionRefused, match="role commander"):
        await drill.start(life.deps, vic, "bad_deploy")
    with pytest.raises(DecisionRefused, match="No drill runs"):
        await drill.stop(life.deps, ben)
    with pytest.raises(DecisionRefused, match="no worlds"):
        await drill.start(replace(life.deps, drills=None), ben, "bad_deploy")

    said = await drill.start(life.deps, ben, 7)

    with pytest.raises(DecisionRefused, match="A drill runs already"):
        await drill.start(life.deps, ben, None)
    assert await drill.start_unattended(life.deps, life.deps.drills.named("no_change")) == (
        "Another drill runs; nothing was begun."
    )
    stopped = await drill.stop(life.deps, ben)  # before its first alert has opened anything
    await life.work()
    assert said.text.startswith("The drill seed_7 begins")
    assert stopped.text == "The drill seed_7 has ended."
    assert await life.running() == []
    assert (await drill.shown(life.deps))[-1].endswith("seed_7: not judged")
    assert (await drill.shown(life.deps))[0] == "bad_deploy: A bad deploy, one hop away, a rollback"


async def test_a_drill_that_nobody_takes_ends_by_itself_and_says_what_was_missed(life):
    await drill.start_unattended(life.deps, life.deps.drills.named("no_change"))
    await life.work()
    [running] = await read.running(life.deps)
    runs_now = (await drill.shown(life.deps))[-1]
    await life.go_on(hours=3)
    ended, scored = await life.by_number(running.number), await kept(life)
    said = [scoring.line(mark) for mark in scored.marks]

    assert runs_now.endswith("no_change: runs now")
    assert (ended.ending, ended.declared_by) == (Ending.FALSE_ALARM, None)
    assert said[0] == "Not yet: nobody acknowledged it (30 min allowed)"
    assert said[3:6] == [
        "Not yet: decisions: 2 expired",
        "Good: nothing was rolled back, rightly",
        "Not yet: 0 updates, 1 late (every 1 h)",
    ]
    assert said[6].startswith("Note: It was no change explains this")


async def test_a_drill_whose_incident_has_ended_is_scored_though_somebody_stops_it(life):
    _, incident = await begun(life)
    ben = await life.person("ben")
    await resolve.resolve(life.deps, incident.id, ben, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await drill.stop(life.deps, ben)
    await life.work()

    assert (await kept(life)).marks[0].text == "nobody acknowledged it (30 min allowed)"


async def test_the_drill_of_the_month_comes_in_working_hours_and_not_on_top_of_trouble(life, clock):
    hours = SupportHours(begin="00:00", end="24:00", days=DAYS)
    policy = replace(life.deps.policy, working_hours=hours, drill_day=1)
    quiet, never = (replace(life.deps, policy=replace(policy, **one)) for one in ({}, {"drill_day": 0}))

    async def tick(deps):
        async with deps.db.transaction() as tx:
            at = deps.now()
            await jobs.enqueue(tx, workspace_id="w", kind=Work.DRILL_DUE, key="due", lane="due", run_at=at)
        await Worker(deps.db, {Work.DRILL_DUE.value: partial(drill.due, deps)}, clock).run_due()
        async with deps.db.read() as db:
            return [one.key for one in await drills.latest(db, "w", 5)]

    assert await tick(never) == []
    incident = await life.opened(big())
    assert await tick(quiet) == []  # something serious runs
    await resolve.resolve(
        life.deps, incident.id, await life.person("ben"), ending=Ending.RESOLVED, note="", despite_red=True
    )
    month = f"month:{clock():%Y-%m}"
    assert await tick(quiet) == [month]
    assert await tick(quiet) == [month]


async def test_what_has_no_world_is_worked_on_as_it_is(life):
    incident = await life.opened(big())

    assert await in_its_world(life.deps, incident.id) is life.deps
    assert await in_its_world(life.deps, None) is life.deps


async def test_an_action_that_only_drills_have_changes_nothing_real():
    action = OnlyInDrills(ROLLBACK)
    approved = RunAction(proposal_id="p", version=1, action=ROLLBACK, params={}, key="k", approved_by=("U0BEN",))

    with pytest.raises(VendorRefused, match="no such action is set up"):
        await action.dry_run({})
    assert await action.execute(approved) == ActionResult(
        ok=False, summary="there is no action github_workflow any more"
    )
    assert await action.find(approved, None) is None


async def test_an_action_that_the_world_does_not_have_is_refused(life):
    _, incident = await begun(life)
    put = await life.put(incident, ProposalKind.ACTION, shown={"action": "silence", "params": {}})
    approved = RunAction(proposal_id=put.id, version=1, action="silence", params={}, key="k", approved_by=("U0BEN",))

    result = await act(life.deps, approved)

    assert result == ActionResult(ok=False, summary="A drill has no silence; nothing was done.")
    assert await act(replace(life.deps, drills=None), approved) is None


async def test_a_job_of_a_drill_that_is_over_does_nothing(life, clock):
    async with life.deps.db.transaction() as tx:
        await wakeups.drill(tx, life.deps, "0" * 32, at=clock())
        incident = await incidents.open_new(tx, samples.incident(workspace_id="w", test=True))
        await wakeups.score(tx, life.deps, incident.id, at=clock())

    await life.work()

    assert life.chat.notices() == []


def test_a_drill_is_compared_with_the_one_before():
    def scored(*marks):
        values = {"workspace_id": "w", "key": "k", "scenario": "bad_deploy", "text": "", "started_at": NOON}
        return Drill(id="d" * 32, marks=marks, **values)

    before = scored(
        Mark(name="acknowledged", text="", ok=False, took_s=900),
        Mark(name="updates", text="", ok=True),
        Mark(name="first brief", text="", ok=True, took_s=3),
        Mark(text="only told"),
    )
    now = scored(
        Mark(name="acknowledged", text="", ok=True, took_s=120),
        Mark(name="updates", text="", ok=False),
        Mark(name="first brief", text="", ok=True, took_s=5),
        Mark(name="decisions", text="", ok=True),
    )

    assert drill_history.trend(now, before) == (
        "Against bad_deploy on 2026-11-21 (2 of 3 as it should be): "
        "better: acknowledged; worse: updates; acknowledged 13 min sooner; first brief 2 s later."
    )
    assert drill_history.trend(now, now).endswith("(3 of 4 as it should be): no difference.")


def test_scores_say_what_was_missing():
    incident = samples.incident(opened_at=NOON, acknowledged_at=NOON + timedelta(hours=1))
    truth = Conclusion(cause="c", culprit="v2", service="s", herring="v1", why_not="w", is_rollback=True)

    assert scoring._acknowledged(incident).ok is False
    assert scoring._briefed(incident, []) == Mark(name="first brief", text="there was no brief", ok=False)
    assert scoring._named(["Likely cause: v1"], truth).text == "the last brief says: Likely cause: v1"
    assert scoring._named([], truth).text == "the last brief says: nothing stands out"


def test_scenarios_of_ones_own_are_read_whole(clock):
    worlds = Worlds(clock)
    text = worlds.made(3, rollback=True).text

    assert worlds.read(text).name == "seed_3"
    assert worlds.made(3, rollback=True).text == text
    with pytest.raises(ConfigError, match="not YAML"):
        worlds.read("a: [")
    with pytest.raises(UnknownThing, match="there is no scenario x; take one of: bad_deploy"):
        worlds.named("x")


def test_a_world_with_status_pages_is_read_by_the_plugin_for_them(clock):
    worlds = Worlds(clock)
    played = worlds.named("llm_provider_outage")
    made = Drill(id="d" * 32, workspace_id="w", key="k", scenario=played.name, text=played.text, started_at=clock())

    assert sorted(worlds.world(made).context_sources) == ["github_deploys", "loki", "prometheus", "statuspage"]
