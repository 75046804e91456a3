"""All sources are asked at once; what fails is a visible gap; brief, proposals and evidence are kept together."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.effect import Show
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import TimelineKind
from incident_copilot.domain.proposal import Choice
from incident_copilot.errors import VendorUnavailable
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import decide, wakeups
from incident_copilot.pipeline.deps import Policy
from incident_copilot.pipeline.ending import end
from incident_copilot.pipeline.gather_context import (
    _top_changed,
    ask_everybody,
    gather_context,
    gather_late,
    question_about,
)
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.sandbox.world import Outage
from incident_copilot.store import evidence as kept_evidence
from incident_copilot.store import incidents, timeline
from incident_copilot.vendors.together import PartlyAnswered

from .samples import ANA, NOON, alert, brief, evidence, incident

SERVICES = [
    ("storefront", "checkout", "search"),
    ("checkout", "payments"),
    ("payments", "payments-db"),
    ("payments-db", "disks"),
    ("reports", "payments-db"),
    ("search",),
    ("lonely",),
]


class Source:
    """A source that answers with what it is given, once its gate is open, or not at all."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, name="Source", found=(), error=None, is_slow=False, gate=None):
        self.name, self.found, self.error = name, found, error
        self.gate = asyncio.Event() if is_slow else gate

    async def gather(self, question):
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        return [item.model_copy(update={"incident_id": question.incident.id}) for item in self.found]


def catalogued(deps, **changes):
    services = tuple(
        Service(name=name, depends_on=tuple(needs), repo=None if name == "payments-db" else f"acme/{name}")
        for name, *needs in SERVICES
    )
    return replace(deps, catalog=Catalog(services=services), **changes)


def test_sources_are_asked_about_the_alerting_services_and_what_they_depend_on(deps):
    question = question_about(catalogued(deps), incident(), [alert(), alert("B", service="search")])

    assert question.services == ("checkout", "search", "payments", "payments-db")
    assert (question.since, question.until) == (NOON - timedelta(hours=1), NOON)


def test_deploys_are_asked_for_of_the_neighbours_too(deps):
    question = question_about(catalogued(deps), incident(), [alert()])

    assert list(question.repos) == ["checkout", "payments", "storefront", "reports", "search"]


def test_incident_that_people_declared_is_asked_about_from_its_start(deps):
    early = NOON - timedelta(minutes=20)

    question = question_about(deps, incident(service=None, started_at=early), [])

    assert (question.services, question.since) == ((), early - timedelta(hours=1))


async def asked(deps, *sources):
    quick = replace(deps, context_sources=sources, policy=Policy(context_deadline=timedelta(seconds=0.05)))
    bundle = await ask_everybody(quick, question_about(quick, incident(), [alert()]))
    return [item.title for item in bundle.evidence], [f"{gap.source}: {gap.reason}" for gap in bundle.gaps]


async def test_source_that_fails_or_is_late_leaves_a_visible_gap_and_hides_nothing(deps):
    held = evidence(title="found")

    found, gaps = await asked(
        deps,
        Source("Loki", is_slow=True),
        Source("GitHub", error=VendorUnavailable("GitHub: HTTP 503 for GET https://github.test")),
        Source("Tempo", error=PartlyAnswered("one of two failed", [held])),
        Source("Prometheus", [held]),
    )

    assert found == ["found", "found"]
    assert gaps == [
        "Loki: no answer in 0.05 s",
        "GitHub: HTTP 503 for GET https://github.test",
        "Tempo: one of two failed",
    ]


async def test_plugin_with_a_mistake_is_a_gap_and_not_the_end(deps, caplog):
    found, gaps = await asked(deps, Source("Mine", error=KeyError("x")), Source("Good", [evidence(title="found")]))

    assert (found, gaps) == (["found"], ["Mine: the plugin failed; see the copilot's log"])
    assert caplog.messages == ["context source Mine failed on INC-1"]


async def test_evidence_without_the_data_of_its_kind_is_left_out_and_told(deps):
    bad = evidence(EvidenceKind.LOG, data={"lines": []}, title="bad")

    found, gaps = await asked(deps, Source("Mine", [bad, evidence(title="good")]))

    assert (found, gaps) == (["good"], ["Mine: the plugin gave evidence without the data of its kind"])


LATE = Policy(brief_deadline=timedelta(seconds=0.01), context_deadline=timedelta(seconds=30))


async def gathered(told):
    """Run the job that gathers, and leave the one that waits for late answers."""
    told.clock.forward(1)
    async with told.deps.db.transaction() as tx:
        await wakeups.gather(tx, told.deps, (await told.incident()).id, at=told.clock())
    crew = Worker(told.deps.db, {Work.GATHER.value: partial(gather_context, told.deps)}, told.clock)
    await crew.run_due()


async def waited(told, deps=None):
    """Run the job that waits for late answers."""
    told.clock.forward(1)
    worker = Worker(told.deps.db, {Work.LATE.value: partial(gather_late, deps or told.deps)}, told.clock)
    return await worker.run_due()


async def late_story(story, **source):
    """A story whose only source is slower than the brief."""
    told = await story("bad_deploy", log_share=0.05)
    await told.begin()
    told.deps = replace(told.deps, policy=LATE, context_sources=(Source("Slow", **source),))
    await gathered(told)
    return told


async def test_brief_goes_out_without_the_slow_source_and_its_late_answer_refreshes_it(story):
    gate = asyncio.Event()
    late = evidence(EvidenceKind.CHANGE, source="Slow", title="Late deploy", data={"service": "checkout", "at": 0.0})
    told = await late_story(story, found=[late], gate=gate)
    first = await told.brief()

    gate.set()
    await waited(told)

    second = await told.brief()
    assert [(gap.source, gap.reason, gap.still_asked) for gap in first.gaps] == [("Slow", "no answer yet", True)]
    assert (second.gaps, second.news) == ((), "Slow answered late.")
    assert told.deps.asking == {}
    async with told.deps.db.read() as db:
        assert (await kept_evidence.get(db, late.id)).title == "Late deploy"


async def test_source_that_never_answers_is_given_up_in_the_end(story):
    told = await late_story(story, is_slow=True)
    hurried = replace(told.deps, policy=Policy(context_deadline=timedelta(0)))

    await waited(told, hurried)

    assert [(gap.reason, gap.still_asked) for gap in (await told.brief()).gaps] == [("no answer in 0 s", False)]


async def test_other_process_asks_anew_for_late_answers(story):
    gate = asyncio.Event()
    told = await late_story(story, found=[evidence(title="found")], gate=gate)
    gate.set()

    await waited(told, replace(told.deps, asking={}))

    assert (await told.brief()).gaps == ()


async def test_asking_anew_ends_the_waiting_for_what_was_asked_before(story):
    told = await late_story(story, is_slow=True)
    (earlier,) = told.deps.asking.values()

    await gathered(told)

    (later,) = told.deps.asking.values()
    assert (earlier.is_superseded, later.is_superseded) == (True, False)
    later.supersede()


async def test_what_was_asked_before_does_not_overwrite_what_was_asked_since(story):
    told = await late_story(story, is_slow=True)
    shown = await told.brief()
    (asking,) = told.deps.asking.values()
    asking.supersede()

    await waited(told)

    assert await told.brief() == shown


async def test_brief_says_what_could_not_be_looked_at_and_claims_nothing_about_changes(story):
    told = await story("no_change", log_share=0.05)
    told.world.outages["github"] = Outage(status=404)

    await told.begin()

    brief = await told.brief()
    assert [gap.source for gap in brief.gaps] == ["GitHub"]
    assert brief.gaps[0].reason.startswith("HTTP 404 for GET http://127.0.0.1:8500/world/github/repos/acme/")
    assert not any("No change" in line.text for line in brief.lines)
    assert "no change explains this" not in {one.cause for one in brief.hypotheses}
    assert "not enough data to name a cause" in {one.cause for one in brief.hypotheses}


async def test_what_is_kept_of_logs_are_samples_and_rates_and_not_the_storm(story):
    told = await story("bad_deploy")
    incident = await told.begin()

    async with told.deps.db.read() as db:
        kept = await kept_evidence.of_incident(db, incident.id)

    logs = {item.data["service"]: item.data for item in kept if item.kind is EvidenceKind.LOG}
    (message, *_) = logs["payments"]["messages"]
    assert (message["per_minute_before"], message["per_minute"]) == (0.0, 1240.0)
    assert message["message"].startswith("[payments] sqlalchemy.exc.TimeoutError: QueuePool limit of size 4")
    assert logs["payments"]["truncated"] is True
    assert all(len(data["lines"]) <= 20 for data in logs.values())


async def test_brief_and_its_notification_go_to_chat_and_timeline(story):
    told = await story("bad_deploy", log_share=0.05)
    incident = await told.begin()

    async with told.deps.db.read() as db:
        entries = await timeline.of_incident(db, incident.id)

    said = "Suspect: payments v2.31.0 (pool_size 20 -> 4). First: Roll back payments to v2.30.4"
    assert [entry.text.endswith(said) for entry in entries if entry.kind is TimelineKind.BRIEF] == [True]
    shown = told.chat.messages[incident.id, "brief"]
    cited = {ref for line in shown.brief.lines for ref in line.evidence_ids}
    assert cited <= {item.id for item in shown.evidence}


async def test_brief_is_edited_silently_while_the_cause_stays(story):
    told = await story("bad_deploy", log_share=0.05)
    await told.begin()

    await told.go_on(30, step=30)
    await told.go_on(5)

    briefs = [deed for deed in told.chat.deeds if isinstance(deed, Show) and deed.slot == "brief"]
    assert [deed.anew for deed in briefs] == [False, False]


def suspecting(**fields):
    values = {"cause": "4.2 times the usual traffic", "kind": "traffic", "object": "checkout", "confidence": 0.6}
    return brief(hypotheses=(Hypothesis.model_validate(values | {"verdict": Verdict.LIKELY} | fields),))


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (None, brief(), False),
        (brief(), brief(), False),
        (suspecting(), suspecting(cause="4.3 times the usual traffic"), False),
        (suspecting(), suspecting(object="search"), True),
        (suspecting(), brief(), True),
        (brief(hypotheses=()), brief(), True),
    ],
)
def test_brief_is_posted_anew_only_when_the_top_cause_changes(before, after, changed):
    assert _top_changed(before, after) is changed


async def test_step_that_people_rejected_is_listed_as_ruled_out_in_the_next_brief(story):
    told = await story("bad_deploy", log_share=0.05)
    incident = await told.begin()
    restart = (await told.proposals())[2]

    await decide.vote(told.deps, restart.id, restart.version, Choice.NOT_THIS, ANA)
    await decide.give_reason(told.deps, restart.id, ANA, "the pods are fine")
    told.clock.forward(5)
    async with told.deps.db.transaction() as tx:
        await wakeups.gather(tx, told.deps, incident.id, at=told.clock())
    await told.work()

    step = (await told.brief()).hypotheses[-1]
    assert (step.cause, step.kind, step.verdict) == ("Restart checkout", "step", Verdict.RULED_OUT)
    assert step.contradicting[0].text == "people ruled it out at 12:00 UTC: the pods are fine"
    assert step.contradicting[0].evidence_ids == restart.evidence_ids != ()


async def test_rollback_that_people_rejected_is_not_the_first_step_again(story):
    told = await story("bad_deploy", log_share=0.05)
    incident = await told.begin()
    rollback = (await told.proposals())[0]

    await decide.vote(told.deps, rollback.id, rollback.version, Choice.REJECT, ANA)
    told.clock.forward(5)
    async with told.deps.db.transaction() as tx:
        await wakeups.gather(tx, told.deps, incident.id, at=told.clock())
    await told.work()

    brief = await told.brief()
    assert brief.hypotheses[-1].cause == "Roll back payments from v2.31.0 to v2.30.4"
    assert brief.first_step.text == "Open the Runbook: High HTTP error rate, First five minutes"


async def test_incident_that_ended_meanwhile_is_left_alone(story):
    told = await story("bad_deploy", log_share=0.05)
    incident = await told.begin()
    shown = len(told.chat.deeds)
    async with told.deps.db.transaction() as tx:
        locked = await incidents.lock(tx, incident.id)
        await end(tx, told.deps, locked, actor="policy:quiet", ending=Ending.FALSE_ALARM, note="")
        await wakeups.gather(tx, told.deps, incident.id, at=told.clock())
    await told.work()

    later = [deed for deed in told.chat.deeds[shown:] if isinstance(deed, Show) and deed.slot == "brief"]
    assert later == []
