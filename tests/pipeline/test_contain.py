"""An AI incident is contained by its severity: by the entry of actions.yaml that does it, else by people."""

import pytest

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState, Risk
from incident_copilot.domain.verdict import SOURCE
from incident_copilot.knowledge.match import RunbookMatch
from incident_copilot.knowledge.runbook import Runbook, Section
from incident_copilot.pipeline import contain, decide, run
from incident_copilot.pipeline.suggest import OTHER_SEVERITY

from . import samples
from .flags import Flags, entries
from .life import Life, big

AI = {"incident_type": "quality_degradation"}


@pytest.fixture
def life_with(db, clock):
    flags = Flags()
    return lambda **changes: Life(db, clock, adapters=flags.adapters(clock), entries=entries(**changes))


async def planned(life, *, members=(), matches=(), rolls_back=False, **fields):
    incident = samples.incident(**(AI | fields))
    return await contain.planned(life.deps, incident, members, matches, None, rolls_back=rolls_back)


def fitting(runbook, score):
    section = Section(id="first", heading="First five minutes", text="")
    found = Runbook(id=runbook, title=runbook, path=f"{runbook}.md", sections=(section,), content_hash="")
    return RunbookMatch(runbook=found, section=section, score=score, reasons=())


@pytest.mark.parametrize(
    ("severity", "title", "risk", "runbook"),
    [
        (Severity.P0, "Turn the AI feature of checkout off, or answer without it", Risk.HIGH, "ai-quality-degradation"),
        (Severity.P1, "Take checkout back to the last good model, prompt and index", Risk.MEDIUM, "ai-rollback"),
        (
            Severity.P2,
            "Have people look at what checkout answers before it is used",
            Risk.LOW,
            "ai-quality-degradation",
        ),
        (Severity.P3, "Look at the answers of checkout again every 15 minutes", Risk.LOW, "ai-quality-degradation"),
    ],
)
async def test_people_are_told_what_to_do_where_no_entry_does_it(life_with, severity, title, risk, runbook):
    (put,) = await planned(life_with(), severity=severity)

    assert (put.kind, put.title, put.risk, put.shown["runbook"]) == (ProposalKind.CHECK, title, risk, runbook)
    assert put.body.startswith("This is how a quality degradation incident is contained at ")


async def test_entry_that_contains_is_proposed_with_what_it_would_do(life_with):
    life = life_with(
        flag_off={"contains": "disable"}, shift={"contains": "disable", "offer": {"types": ["performance"]}}
    )

    (put,) = await planned(life, severity=Severity.P0)

    assert (put.kind, put.title, put.rank) == (ProposalKind.ACTION, "Turn the flag new-cart off", 1)
    assert put.body == "This is how a quality degradation incident is contained at P0 critical."


async def test_entry_that_cannot_be_asked_leaves_it_to_people(life_with):
    life = life_with(flag_off={"contains": "disable", "services": ["search"]})

    (put,) = await planned(life, severity=Severity.P0)

    assert put.kind is ProposalKind.CHECK


async def test_a_rollback_that_is_proposed_already_and_other_incidents_need_none(life_with):
    assert await planned(life_with(), severity=Severity.P1, rolls_back=True) == []
    assert await planned(life_with(), incident_type="availability") == []


async def test_users_are_told_that_answers_may_be_wrong_and_nothing_of_what_is_restricted(life_with):
    life = life_with()
    wrong = await life.opened(big("ModelAccuracyDrop", summary="Accuracy fell", service="search"))
    unfair = await life.opened(big("FairnessGap", summary="Group b is refused more often", service="search"))

    told = {
        one.shown["audience"]: one.shown["text"]
        for one in await life.proposals(wrong)
        if one.kind is ProposalKind.UPDATE
    }
    assert told["customers"].startswith("Since 12:00 UTC answers of our service may be wrong. Please check those that ")
    assert "contain:roll_back" in [one.key for one in await life.proposals(wrong)]
    audiences = [one.shown["audience"] for one in await life.proposals(unfair) if one.kind is ProposalKind.UPDATE]
    assert audiences == ["internal"]


@pytest.mark.parametrize(
    ("severity", "title"),
    [
        (Severity.P0, "Turn the AI feature of checkout off, or answer without it"),
        (Severity.P1, "Have another provider or model answer for checkout, one that passed its evaluation"),
        (Severity.P2, "Have checkout answer with what it answered before where it can, and queue what can wait"),
        (Severity.P3, "Look at the answers of checkout again every 15 minutes"),
    ],
)
async def test_outage_of_a_models_provider_is_contained_by_severity(life_with, severity, title):
    (put,) = await planned(
        life_with(), severity=severity, incident_type="dependency", members=[samples.alert(source=SOURCE)]
    )

    assert (put.title, put.shown["runbook"]) == (title, "ai-provider-outage")
    assert put.body.startswith(f"This is how a provider outage incident is contained at {severity} {severity.word}.")


@pytest.mark.parametrize(
    ("runbook", "score", "contained"),
    [
        ("ai-provider-outage", 0.95, ["Send 0 % of the traffic to the new model"]),
        ("ai-provider-outage", 0.6, []),
        ("certificates", 0.95, []),
    ],
)
async def test_only_what_its_runbook_or_a_monitor_calls_an_outage_of_a_model_is_one(
    life_with, runbook, score, contained
):
    least = {"params": {"percent": {"least": 0, "most": 100, "default": "0"}}}
    life = life_with(shift={"contains": "fall_back", **least})

    put = await planned(life, incident_type="dependency", matches=[fitting(runbook, score)])

    assert [one.title for one in put] == contained


async def contained(life, incident):
    return [(one.title, one.state) for one in await life.proposals(incident) if one.contains]


async def test_what_contains_it_follows_the_severity_at_once_whatever_else_waits(life_with):
    life = life_with(flag_off={"contains": "disable"})
    ana, off = await life.person("ana"), "Turn the flag new-cart off"
    incident = await life.opened(big("ModelAccuracyDrop", summary="Accuracy fell"))
    back = "Take checkout back to the last good model, prompt and index"
    first = await contained(life, incident)
    for title in "abc":
        await life.put(incident, title=title, key=title)

    life.clock.forward(1)
    await run.set_severity(life.deps, incident.id, ana, Severity.P0)
    await life.work()
    raised = await contained(life, incident)
    life.clock.forward(1)
    await run.set_severity(life.deps, incident.id, ana, Severity.P1)
    await life.work()

    assert first == [(back, ProposalState.OPEN)]
    assert raised == [(back, ProposalState.SUPERSEDED), (off, ProposalState.OPEN)]
    assert await contained(life, incident) == [
        (back, ProposalState.SUPERSEDED),
        (off, ProposalState.SUPERSEDED),
        (back, ProposalState.OPEN),
    ]
    assert {one.outcome for one in await life.proposals(incident, ProposalState.SUPERSEDED)} == {OTHER_SEVERITY}


async def test_what_people_said_no_to_is_not_put_again_when_the_severity_comes_back(life_with):
    life = life_with()
    ana = await life.person("ana")
    incident = await life.opened(big("ModelAccuracyDrop", summary="Accuracy fell"))
    (put,) = [one for one in await life.proposals(incident) if one.contains]
    await decide.vote(life.deps, put.id, put.version, Choice.NOT_THIS, ana)

    for severity in (Severity.P2, Severity.P1):
        await run.set_severity(life.deps, incident.id, ana, severity)
        await life.work()

    titles = [
        (title, state) for title, state in await contained(life, incident) if state is not ProposalState.SUPERSEDED
    ]
    assert titles == [(put.title, ProposalState.REJECTED)]
