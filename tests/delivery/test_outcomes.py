"""What operators must know is told once; people settle an outcome that nobody knows (F36)."""

import logging
from datetime import timedelta

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.effect import EffectState, RunAction
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, OutcomeUnknown, UnknownThing
from incident_copilot.pipeline import carry_out, configured, operators, outcomes, people
from incident_copilot.store import jobs, proposals

WHO = {name: Person(id=name, name=name) for name in ("U0ANA", "U0BEN", "U0VIC")}


class Rollback:
    """An action that takes the request and gives no answer."""

    name = "rollback"
    retry = "ask"

    def __init__(self):
        self.ran = 0

    async def execute(self, approved):
        self.ran += 1
        raise OutcomeUnknown("GitHub: no answer to POST dispatches")

    async def find(self, approved, since):
        return None


@pytest.fixture
def action():
    return Rollback()


@pytest.fixture
def copilot(copilot_with, db, action):
    return copilot_with(db, actions={"rollback": action})


@pytest.fixture
def approved(copilot):
    """Opens an incident and approves a rollback; returns incident, proposal and the effect that waits."""

    async def make():
        incident = await copilot.open()
        proposal = Proposal(
            id=new_id(copilot.clock()),
            incident_id=incident.id,
            workspace_id="w",
            kind=ProposalKind.ACTION,
            key="rollback",
            state=ProposalState.APPROVED,
            title="Roll checkout back",
            shown={"action": "rollback", "params": {}},
            created_at=copilot.clock(),
            expires_at=copilot.clock(),
            decided_by="U0BEN",
            decided_at=copilot.clock(),
        )
        async with copilot.deps.db.transaction() as tx:
            await proposals.add(tx, proposal)
            await carry_out.start(tx, copilot.deps, incident, proposal, WHO["U0BEN"])
        [effect] = [one for one in await copilot.effects_of(incident) if isinstance(one.deed, RunAction)]
        return incident, proposal, effect

    return make


@pytest.fixture
def unknown(copilot, approved):
    """The same, with the answer to the rollback lost."""

    async def make():
        incident, proposal, effect = await approved()
        await copilot.go(20)
        return incident, proposal, effect

    return make


def _buttons(message):
    return [
        element["action_id"] for block in message.blocks if block["type"] == "actions" for element in block["elements"]
    ]


async def test_unknown_outcome_is_asked_of_people_and_never_repeated(copilot, unknown, sandbox, action):
    incident, _, _ = await unknown()
    await copilot.go(200, step=10)
    [effect] = [one for one in await copilot.effects_of(incident) if isinstance(one.deed, RunAction)]
    [asked] = [m for m in sandbox.messages("#copilot-ops") if "Nobody knows" in m.text]
    [told] = [m for m in sandbox.messages((await copilot.now_is(incident)).channel_id) if "<@U0BEN> Roll" in m.text]

    assert (action.ran, effect.state) == (1, EffectState.UNKNOWN)
    assert (_buttons(asked), _buttons(told)) == (["worked", "did_not"], ["worked", "did_not"])
    assert (await copilot.log(incident))[-1] is LogKind.UNKNOWN


@pytest.mark.parametrize(
    ("happened", "state", "kind", "text"),
    [
        (True, ProposalState.CARRIED_OUT, LogKind.CARRIED_OUT, "Roll checkout back. Carried out; people have looked."),
        (False, ProposalState.FAILED, LogKind.FAILED, "Roll checkout back. Failed: U0BEN says that it did not happen"),
    ],
)
async def test_people_say_what_happened_and_the_question_is_taken_back(
    copilot, unknown, sandbox, happened, state, kind, text
):
    incident, proposal, effect = await unknown()
    ben = people.with_roles(WHO["U0BEN"], copilot.deps.catalog)
    answer = await outcomes.answer(copilot.deps, effect.id, ben, happened=happened)
    await copilot.go(5)
    async with copilot.deps.db.read() as db:
        stored = await proposals.get(db, proposal.id)
    [asked] = [m for m in sandbox.messages("#copilot-ops") if "Roll checkout back" in m.text]

    assert answer.text.startswith("Noted:")
    assert (stored.state, (await copilot.log(incident))[-2:]) == (state, [LogKind.ANSWERED, kind])
    assert (asked.text, _buttons(asked)) == (text, [])


async def test_the_first_word_counts_and_only_of_who_may_decide(copilot, unknown):
    incident, _, effect = await unknown()
    catalog = copilot.deps.catalog
    with pytest.raises(DecisionRefused):
        await outcomes.answer(copilot.deps, effect.id, people.with_roles(WHO["U0VIC"], catalog), happened=True)
    await outcomes.answer(copilot.deps, effect.id, people.with_roles(WHO["U0BEN"], catalog), happened=True)
    with pytest.raises(DecisionRefused, match=r"That is settled: Carried out"):
        await outcomes.answer(copilot.deps, effect.id, people.with_roles(WHO["U0ANA"], catalog), happened=False)

    assert (await copilot.log(incident)).count(LogKind.DENIED) == 2


async def test_what_is_no_action_cannot_be_answered(copilot):
    incident = await copilot.open()
    [first, *_] = await copilot.effects_of(incident)

    with pytest.raises(UnknownThing):
        await outcomes.answer(copilot.deps, first.id, WHO["U0BEN"], happened=True)


async def test_the_same_is_told_operators_once(copilot, sandbox):
    first = await copilot.put(operators.tell, "x", "something is wrong")
    again = await copilot.put(operators.tell, "x", "something is wrong")
    await copilot.go(5)

    assert (first is not None, again, copilot.texts("#copilot-ops")) == (True, None, ["something is wrong"])


async def test_job_that_is_given_up_is_told_operators_and_logged(copilot, caplog):
    await copilot.put(_broken_job)
    with caplog.at_level(logging.CRITICAL):
        for _ in range(9):
            await copilot.worker.run_due()
            copilot.clock.forward(70)
    await copilot.go(2)
    [message] = copilot.sandbox.messages("#copilot-ops")

    assert message.text == "Given up after 8 attempts: gather_context (broken). Everything else goes on."
    assert "KeyError" in str(message.blocks)
    assert await copilot.log() == [LogKind.PARKED]


async def test_job_whose_process_died_each_time_is_told_operators(copilot, caplog):
    await copilot.put(_broken_job)
    async with copilot.deps.db.transaction() as tx:
        job = await _leased_long_ago(tx, copilot.clock())
    await copilot.worker.run_due()
    await copilot.go(2)
    [message] = copilot.sandbox.messages("#copilot-ops")

    assert (job.attempts, "its process stopped during attempt 8" in str(message.blocks)) == (8, True)


async def _broken_job(tx, deps):
    await jobs.enqueue(tx, workspace_id="w", kind="gather_context", key="broken", lane="x", run_at=deps.now())


async def _leased_long_ago(tx, now):
    for _ in range(jobs.MAX_ATTEMPTS):
        [job] = await jobs.claim(tx, "gone", ["gather_context"], 1, now, timedelta(seconds=-10))
    return job


async def test_every_failed_deed_is_named_for_operators(copilot):
    incident = await copilot.open()
    named = {operators.named(effect.deed) for effect in await copilot.effects_of(incident)}

    assert named == {
        "opening #inc-1-checkout-high-error-rate",
        "showing card in incident",
        "showing announcement in announce",
        "pin",
        "invite",
        "showing notice in incident",
    }


async def test_hashes_of_the_configuration_are_logged_when_they_change(copilot, tmp_path):
    files = {"catalog.yaml": tmp_path / "catalog.yaml", "copilot.yaml": tmp_path / "copilot.yaml"}
    files["catalog.yaml"].write_text("services: []")
    for text in ("services: []", "services: []", "services:"):
        files["catalog.yaml"].write_text(text)
        await configured.log_loaded(copilot.deps, files)

    assert await copilot.log() == [LogKind.CONFIGURED, LogKind.CONFIGURED]


async def test_approval_that_is_old_when_it_is_to_be_carried_out_does_not_hold(copilot, approved):
    _, _, effect = await approved()
    fresh = await carry_out.recheck_rights(copilot.deps, effect.deed.model_copy(update={"approved_by": ()}))
    copilot.clock.forward(3600)

    assert fresh is None
    assert (
        await carry_out.recheck_rights(copilot.deps, effect.deed) == "the approval is 1 h old; please propose it again"
    )
