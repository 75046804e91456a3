"""Every kind of job has its step, and an action asks once more before it runs."""

import pytest

from incident_copilot.domain.effect import RunAction
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.errors import VendorUnavailable
from incident_copilot.pipeline import decide
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.ports import ActionResult

from .life import Life, big


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def approved(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("ana"))
    shown = {"action": put.shown["action"], "params": put.shown["params"]}
    return RunAction(proposal_id=put.id, version=1, key="k", approved_by=("U0ANA",), **shown)


def test_every_kind_of_job_has_a_step(life):
    assert set(handlers(life.deps)) == {work.value for work in Work}


async def test_action_runs_while_its_approval_holds(life):
    deed = await approved(life)
    action = life.deps.actions["github_workflow"]

    assert (action.name, action.retry) == ("github_workflow", "ask")
    assert (await action.dry_run({})).target == "t"
    assert await action.execute(deed) == ActionResult(ok=True, summary="Rolled back.")
    assert await action.find(deed, life.clock()) is None
    assert life.action.done == [deed]


async def test_action_whose_approval_no_longer_holds_is_refused(life):
    deed = await approved(life)
    life.chat.people["U0ANA"] = Person(id="U0ANA", name="Ana", is_guest=True)

    result = await life.deps.actions["github_workflow"].execute(deed)

    assert result == ActionResult(
        ok=False,
        summary="Not carried out: <@U0ANA> may not approve it any more "
        "(Guests and people from outside this workspace cannot approve or reject actions).",
    )
    assert life.action.done == []


async def test_action_waits_while_rights_cannot_be_checked(life):
    deed = await approved(life)
    life.chat.is_away = True

    with pytest.raises(VendorUnavailable, match="could not be checked"):
        await life.deps.actions["github_workflow"].execute(deed)

    assert life.action.done == []
