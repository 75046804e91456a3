"""An AI incident is contained by its severity: by the entry of actions.yaml that does it, else by people."""

import pytest

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.proposal import ProposalKind, Risk
from incident_copilot.pipeline import contain

from . import samples
from .flags import Flags, entries
from .life import Life, big

AI = {"incident_type": "quality_degradation"}


@pytest.fixture
def life_with(db, clock):
    flags = Flags()
    return lambda **changes: Life(db, clock, adapters=flags.adapters(clock), entries=entries(**changes))


async def planned(life, *, rolls_back=False, suspect=None, **fields):
    return await contain.planned(life.deps, samples.incident(**(AI | fields)), suspect, rolls_back=rolls_back)


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
