"""The end: checked first, over red only when asked once more; small incidents that nobody touched end by themselves."""

import pytest

from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import decide, declare, resolve, run
from incident_copilot.pipeline.ending import CheckLine
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import proposals

from . import samples
from .life import Life, again, big, over, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


class Metric:
    """A source that always finds the alerting metric at one value."""

    name = "Prometheus"

    def __init__(self, value):
        self.value = value

    async def gather(self, question):
        data = {"points": [[question.until.timestamp(), self.value]], "unit": "ratio", "service": "checkout"}
        return [
            samples.evidence(incident_id=question.incident.id, id=f"{question.until.timestamp():032.0f}", data=data)
        ]


async def end(life, incident, name="ana", ending=Ending.RESOLVED, *, note="", despite_red=False):
    person = await life.person(name)
    outcome = await resolve.resolve(life.deps, incident.id, person, ending=ending, note=note, despite_red=despite_red)
    await life.work()
    return outcome


# --- the check ---


async def test_check_of_alerts_and_of_the_metric_that_alerted(db, clock):
    life = Life(db, clock, sources=(Metric(0.2),))
    incident = await life.opened(big(), big("Slow", expression=None))
    await life.take(over(big(), clock))

    found = await resolve.check(life.deps, incident.id)

    assert found.is_red
    assert found.lines == (
        CheckLine(text="1 of 2 alerts still firing: Slow", ok=False),
        CheckLine(text="HighErrorRate: 20 %, still over its limit of 5 %", ok=False),
    )


async def test_check_when_all_is_well(db, clock):
    life = Life(db, clock, sources=(Metric(0.004),))
    incident = await life.opened(big(), big("Slow", expression=None))
    await life.take(over(big(), clock), over(big("Slow", expression=None), clock))

    found = await resolve.check(life.deps, incident.id)

    assert not found.is_red
    assert found.lines == (
        CheckLine(text="all 2 alerts have resolved", ok=True),
        CheckLine(text="HighErrorRate: 0.4 %, back inside its limit of 5 %", ok=True),
    )


async def test_check_of_one_alert_whose_metric_cannot_be_read(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))

    found = await resolve.check(life.deps, incident.id)

    assert not found.is_red
    assert found.lines[0] == CheckLine(text="its only alert has resolved", ok=True)
    assert found.lines[1].ok is None


async def test_check_of_an_incident_without_alerts(life):
    outcome = await declare.declare(life.deps, await life.person("ana"), title="Odd")

    found = await resolve.check(life.deps, outcome.incident.id)

    assert (found.is_red, found.lines) == (
        False,
        (CheckLine(text="no alert belongs to this incident", ok=None),),
    )


async def test_check_of_an_unknown_incident(life):
    with pytest.raises(UnknownThing):
        await resolve.check(life.deps, "f" * 32)


# --- resolving ---


async def test_resolving_over_red_asks_once_more(life):
    incident = await life.opened(big(expression=None))

    with pytest.raises(DecisionRefused) as refusal:
        await end(life, incident)
    refused = await life.log(incident, LogKind.DENIED)
    outcome = await end(life, incident, note=" Rolled back ", despite_red=True)

    [row] = await life.log(incident, LogKind.RESOLVED)
    assert str(refusal.value) == (
        "Not restored yet: 1 of 1 alerts still firing: HighErrorRate. Tick 'Resolve anyway' if you are sure."
    )
    assert [(one.actor, one.payload["asked"]) for one in refused] == [("U0ANA", "resolve incidents")]
    assert outcome.text == "INC-1 resolved."
    assert outcome.incident.ending is Ending.RESOLVED
    assert row.payload["red"] is True
    assert row.payload["check"] == [{"text": "1 of 1 alerts still firing: HighErrorRate", "ok": "False"}]


@pytest.mark.parametrize(
    ("ending", "asks", "said"),
    [
        (Ending.SELF_RECOVERED, True, "INC-1 recovered by itself."),
        (Ending.FALSE_ALARM, False, "INC-1 ended as a false alarm."),
    ],
)
async def test_only_who_says_that_it_works_again_is_asked_once_more(life, ending, asks, said):
    incident = await life.opened(big())

    if asks:
        with pytest.raises(DecisionRefused):
            await end(life, incident, ending=ending)
    outcome = await end(life, incident, ending=ending, despite_red=asks)

    assert outcome.text == said


async def test_incident_ends_once(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    await end(life, incident)

    with pytest.raises(DecisionRefused) as refusal:
        await end(life, incident, "ben")

    assert str(refusal.value) == "INC-1 has ended already."
    assert len(await life.log(incident, LogKind.RESOLVED)) == 1


async def test_viewer_may_not_resolve(life):
    incident = await life.opened(big())

    with pytest.raises(DecisionRefused, match="you need the role responder"):
        await end(life, incident, "vic")

    assert await life.running() == [1]
    assert [row.actor for row in await life.log(incident, LogKind.DENIED)] == ["U0VIC"]


async def test_proposal_to_resolve_checks_first(life, clock):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.RESOLVE, rank=0)

    with pytest.raises(DecisionRefused) as refusal:
        await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("ana"))

    assert str(refusal.value) == (
        "Not restored yet: 1 of 1 alerts still firing: HighErrorRate. To end it all the same, use /incident resolve."
    )
    assert await life.running() == [1]


async def test_proposal_to_resolve_ends_the_incident(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    [put] = [one for one in await life.proposals(incident, ProposalState.OPEN) if one.kind is ProposalKind.RESOLVE]

    outcome = await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("ana"))
    await life.work()

    [row] = await life.log(incident, LogKind.RESOLVED)
    assert (outcome.incident.ending, outcome.proposal.state) == (Ending.RESOLVED, ProposalState.CARRIED_OUT)
    assert outcome.proposal.outcome == "INC-1 is resolved."
    assert row.payload["check"][0] == {"text": "its only alert has resolved", "ok": "True"}
    assert await life.proposals(incident, ProposalState.OPEN) == []


async def test_proposal_to_resolve_can_be_rejected(life, clock):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.RESOLVE, rank=0)

    outcome = await decide.vote(life.deps, put.id, 1, Choice.REJECT, await life.person("ana"))

    assert outcome.proposal.state is ProposalState.REJECTED
    assert await life.running() == [1]


async def test_proposal_to_resolve_what_has_ended_is_refused(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    await end(life, incident)
    put = samples.proposal(ProposalKind.RESOLVE, incident_id=incident.id)
    async with life.deps.db.transaction() as tx:
        await proposals.add(tx, put)

    with pytest.raises(DecisionRefused, match=r"INC-1 has ended already\."):
        await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("ana"))


# --- by itself ---


async def test_small_incident_that_nobody_touched_ends_after_half_an_hour_of_quiet(life, clock):
    incident = await life.opened(small())
    await life.take(over(small(), clock))
    await life.go_on(minutes=29)
    before = await life.running()

    await life.go_on(minutes=1)

    ended = await life.newest()
    [row] = await life.log(incident, LogKind.ENDED)
    assert before == [1]
    assert (ended.ending, ended.status, ended.ended_at) == (Ending.SELF_RECOVERED, Status.RESOLVED, clock())
    assert (row.actor, row.payload) == ("policy:quiet", {"ending": "self_recovered"})
    assert "INC-1 recovered by itself after 30 min." in life.chat.notices()


async def test_what_ended_by_itself_is_reopened_by_one_click(life, clock):
    incident = await life.opened(small())
    await life.take(over(small(), clock))
    await life.go_on(minutes=30)

    outcome = await run.reopen(life.deps, incident.id, await life.person("ana"))
    await life.go_on(hours=1)

    assert outcome.text == "INC-1 is open again."
    assert await life.running() == [1]


async def test_quiet_counts_from_the_last_end(life, clock):
    await life.opened(small(), small("Other"))
    await life.take(over(small(), clock), over(small("Other"), clock))
    await life.go_on(minutes=20)
    await life.take(again(small(), clock))
    await life.take(over(small().model_copy(update={"starts_at": clock()}), clock))
    await life.go_on(minutes=29)
    before = await life.running()

    await life.go_on(minutes=1)

    assert (before, await life.running()) == ([1], [])


async def test_end_of_an_alert_seen_for_the_first_time_starts_the_quiet_anew(life, clock):
    await life.opened(small())
    await life.take(over(small(), clock))
    await life.go_on(minutes=20)
    missed = again(small(), clock)
    await life.take(over(missed, clock))

    await life.go_on(minutes=29)

    assert await life.running() == [1]


async def test_incident_that_fires_is_not_ended(life):
    incident = await life.opened(small())

    await life.run_job(Work.QUIET, incident)

    assert await life.running() == [1]


async def test_ended_incident_is_not_ended_twice(life, clock):
    incident = await life.opened(small())
    await life.take(over(small(), clock))
    await end(life, incident)

    await life.run_job(Work.QUIET, incident)

    assert (await life.newest()).ending is Ending.RESOLVED


async def test_big_incident_is_not_ended_by_quiet(life, clock):
    await life.opened(big())
    await life.take(over(big(), clock))

    await life.go_on(minutes=31)

    assert await life.running() == [1]


@pytest.mark.parametrize("touch", ["acknowledges", "decides", "sets the severity"])
async def test_small_incident_that_somebody_touched_does_not_end_by_itself(life, clock, touch):
    incident = await life.opened(small())
    ana = await life.person("ana")
    if touch == "acknowledges":
        await run.acknowledge(life.deps, incident.id, ana)
    elif touch == "decides":
        put = await life.put(incident)
        await decide.vote(life.deps, put.id, 1, Choice.DONE, ana)
    else:
        await run.set_severity(life.deps, incident.id, ana, Severity.P3)
    await life.take(over(small(), clock))

    await life.go_on(minutes=31)

    assert await life.running() == [1]


async def test_refused_click_is_no_touch(life, clock):
    incident = await life.opened(small())
    with pytest.raises(DecisionRefused):
        await run.acknowledge(life.deps, incident.id, await life.person("vic"))
    await life.take(over(small(), clock))

    await life.go_on(minutes=31)

    assert await life.running() == []
