"""What came of suggestions changes what is suggested next; people read why, and may have it forgotten."""

from datetime import timedelta

import pytest

from incident_copilot.analysis.trust import trust
from incident_copilot.domain import advice
from incident_copilot.domain.advice import Came, Trial
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.investigation import Investigation, Judgement, Opinion
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.knowledge.match import RunbookMatch
from incident_copilot.knowledge.runbooks import parse_runbook
from incident_copilot.pipeline import decide, forget, learn, proposing
from incident_copilot.pipeline.by_model.choosing import choose
from incident_copilot.pipeline.by_model.material import Material
from incident_copilot.store import action_log, evidence, investigations, trials

from . import samples
from .life import Life, big

POOL, DISK = advice.runbook("pool"), advice.runbook("disk")


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def tried(life, adviser, *came):
    """Note what came of suggestions of one adviser, in incidents before."""
    async with life.deps.db.transaction() as tx:
        for number, one in enumerate(came):
            await trials.note(
                tx,
                "w",
                [adviser],
                proposal_id=f"{adviser[-6:]}-{number}",
                incident_id="earlier",
                came=one,
                at=life.clock() - timedelta(days=1),
            )


async def trusts(life):
    async with life.deps.db.read() as db:
        return await learn.known(db, life.deps)


def runbook(name):
    book, _ = parse_runbook(f"{name}.md", f"# {name}\n\n## Mitigate\n\n1. Do it.\n".encode())
    return RunbookMatch(runbook=book, section=book.sections[0], score=0.9, reasons=("fits",))


async def test_learning_changes_the_ranking_of_runbooks_and_says_why(life):
    before = learn.in_order([runbook("disk"), runbook("pool")], await trusts(life))
    await tried(life, POOL, *[Came.WORKED] * 5, Came.DID_NOT)

    after = learn.in_order([runbook("disk"), runbook("pool")], await trusts(life))

    assert [one.runbook.id for one in before] == ["disk", "pool"]
    assert [(one.runbook.id, one.reasons[1:]) for one in after] == [
        ("pool", ("worked 5 of 6 times: it counts more than what is new",)),
        ("disk", ()),
    ]


async def test_a_rule_that_people_rejected_before_comes_last_in_the_next_incident_and_says_so(story):
    told = await story("bad_deploy", log_share=0.05)
    async with told.deps.db.transaction() as tx:
        for number in range(6):
            earlier = {"proposal_id": f"p{number}", "incident_id": "earlier", "came": Came.REJECTED, "at": told.clock()}
            await trials.note(tx, "w", ["rule:change"], **earlier)

    await told.begin()

    put = await told.proposals(ProposalState.OPEN, ProposalState.WAITING)
    rollback = next(one for one in put if one.kind is ProposalKind.ACTION)
    cause = (await told.brief()).suspect
    assert (rollback.state, rollback.primary, rollback.rank) == (ProposalState.WAITING, False, 51)
    assert rollback.shown["record"] == "rule change rejected 6 of 6 times: it comes last until it does better"
    assert cause.record == "rejected 6 of 6 times: it comes last until it does better"


async def test_a_proposal_takes_the_place_that_its_advisers_deserve(life):
    await tried(life, POOL, *[Came.REJECTED] * 6)
    await tried(life, DISK, *[Came.WORKED] * 4)
    known = await trusts(life)
    fields = {"rank": 30, "primary": True}

    poor = learn.weighed(samples.proposal(ProposalKind.CHECK, advisers=(POOL, DISK), **fields), known)
    good = learn.weighed(samples.proposal(ProposalKind.CHECK, advisers=(DISK,), **fields), known)
    unknown = learn.weighed(samples.proposal(ProposalKind.CHECK, **fields), known)

    assert (poor.rank, poor.primary, poor.shown["record"]) == (
        80,
        False,
        (
            "runbook pool rejected 6 of 6 times: it comes last until it does better; "
            "runbook disk worked 4 of 4 times: it counts more than what is new"
        ),
    )
    assert (good.rank, good.primary, good.trust > 1, "record" in unknown.shown) == (30, True, True, False)


def test_what_is_trusted_more_is_put_to_people_first():
    less, more, last = [samples.proposal(rank=rank, trust=how) for rank, how in ((30, 0.8), (30, 1.2), (80, 1.3))]

    assert proposing.in_order([last, less, more]) == [more, less, last]


@pytest.mark.parametrize(
    ("kind", "choice", "version", "came"),
    [
        (ProposalKind.CHECK, Choice.DONE, 1, Came.TAKEN),
        (ProposalKind.CHECK, Choice.NOT_THIS, 1, Came.REJECTED),
        (ProposalKind.UPDATE, Choice.APPROVE, 1, Came.TAKEN),
        (ProposalKind.UPDATE, Choice.APPROVE, 2, Came.EDITED),
    ],
)
async def test_each_decision_is_noted_for_its_advisers(life, kind, choice, version, came):
    incident = await life.opened(big())
    put = await life.put(incident, kind, advisers=(POOL,), version=version, rank=0)

    await decide.vote(life.deps, put.id, version, choice, await life.person("cara"))

    async with life.deps.db.read() as db:
        assert [one.came for one in await trials.of(db, "w", POOL)] == [came]


async def test_a_rule_with_poor_precision_demotes_itself_says_so_and_comes_back(life):
    incident = await life.opened(big())
    await tried(life, POOL, *[Came.REJECTED] * 4)
    put = await life.put(incident, advisers=(POOL,))

    await decide.vote(life.deps, put.id, 1, Choice.NOT_THIS, await life.person("ana"))
    [demoted] = await life.log(incident, LogKind.DEMOTED)
    async with life.deps.db.transaction() as tx:
        for number in range(4):
            helped = put.model_copy(update={"id": f"later{number}"})
            await learn.note(tx, life.deps, incident, helped, Came.WORKED)
    await life.work()

    assert (demoted.actor, demoted.payload) == (
        "policy:learning",
        {
            "adviser": POOL,
            "record": "rejected 5 of 5 times",
            "estimate": "helps in 27%, likely between 10% and 46%",
        },
    )
    [again] = await life.log(incident, LogKind.TRUSTED_AGAIN)
    assert again.payload["record"] == "worked 1 of 1 time, rejected 5"
    assert life.chat.notices()[-1] == (
        "What runbook pool suggests takes its place among the others again: worked 1 of 1 time, rejected 5. "
        "/incident learned shows why."
    )


async def test_drills_and_what_nobody_advised_teach_nothing(life):
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        drilled = incident.model_copy(update={"test": True})
        await learn.note(tx, life.deps, drilled, samples.proposal(advisers=(POOL,)), Came.WORKED)
        await learn.note(tx, life.deps, incident, samples.proposal(), Came.WORKED)

    assert await trusts(life) == {}


def cause(name, **fields):
    return Hypothesis(cause=name, kind="change", verdict=Verdict.LIKELY, confidence=0.6, **fields)


def opinion(specialist, *sure):
    judged = tuple(Judgement(hypothesis=f"H{at}", confidence=one) for at, one in enumerate(sure, start=1))
    return Opinion(specialist=specialist, judgements=judged)


async def test_specialists_are_trusted_by_the_cause_that_they_put_first(life):
    incident = await life.opened(big())
    held = Investigation(
        id="i1",
        workspace_id="w",
        incident_id=incident.id,
        began_at=life.clock(),
        plan=("change",),
        hypotheses=(cause("deploy", change_id="e1"), cause("pool")),
        opinions=(opinion("change", 0.9, 0.1), opinion("database", 0.2, 0.7), opinion("network")),
    )
    put = samples.proposal(ProposalKind.ACTION, evidence_ids=("e1",), advisers=(POOL,))
    async with life.deps.db.transaction() as tx:
        await investigations.add(tx, held)
        await learn.note(tx, life.deps, incident, put, Came.WORKED)

    known = await trusts(life)

    assert {name: one.record for name, one in known.items()} == {
        POOL: "worked 1 of 1 time",
        "specialist:change": "worked 1 of 1 time",
        "specialist:database": "worked 0 of 1 time",
    }


async def test_who_was_right_before_is_asked_sooner(life):
    metric = samples.evidence(kind=EvidenceKind.METRIC, title="database pool memory of a replica")
    material = Material(incident=await life.opened(big()), evidence={"E1": metric})
    plain = choose(material, ())
    good = trust([Trial(came=Came.WORKED, at=life.clock())] * 9, life.clock())

    wiser = choose(material, (), {advice.specialist(plain[1]): good})

    assert (plain[:2], wiser[:2]) == (("saturation", "database"), ("database", "saturation"))


async def test_why_explains_the_order_of_causes_and_proposals(life):
    incident = await life.opened(big())
    record = "worked 5 of 6 times: it counts more than what is new"
    likely = cause("deploy v2", record=record)
    unknown = cause("pool is full", signature="pool_full")
    life.clock.forward(1)
    async with life.deps.db.transaction() as tx:
        await evidence.add_brief(
            tx, samples.brief(incident_id=incident.id, hypotheses=(likely, unknown), as_of=life.clock())
        )
    await tried(life, POOL, Came.WORKED)
    told = f"rule change {record}"
    await life.put(
        incident, title="Roll back", rank=1, shown={**samples.proposal(ProposalKind.CHECK).shown, "record": told}
    )
    await life.put(incident, title="Restart", rank=2, advisers=(POOL, DISK))
    await life.put(incident, title="Look", rank=3)

    assert await forget.why(life.deps, incident) == [
        "Causes:",
        f"1. deploy v2: likely (0.60), by rule change; {record}",
        "2. pool is full: likely (0.60), by rule pool_full; nothing is known of it yet",
        "Proposals:",
        f"1. Roll back: {told}",
        "2. Restart: runbook pool, worked 1 of 1 time, too little to count; runbook disk, nothing is known of it yet",
        "3. Look: no rule is behind it",
        "4. Status update for colleagues: drafts for internal, nothing is known of it yet",
    ]


async def test_why_says_where_there_is_nothing(life):
    nothing = samples.incident(id="0" * 32, number=42)

    assert await forget.why(life.deps, nothing) == ["Nothing is proposed in INC-42."]


async def test_what_was_learned_is_listed_worst_first_and_forgotten_by_a_commander_alone(life):
    await tried(life, POOL, *[Came.REJECTED] * 6)
    await tried(life, DISK, Came.WORKED)
    listed = await forget.learned(life.deps)
    ana, ben = await life.person("ana"), await life.person("ben")

    with pytest.raises(DecisionRefused, match="commander"):
        await forget.forget(life.deps, ana, POOL)
    with pytest.raises(DecisionRefused, match="Nothing is learned of rule:x"):
        await forget.forget(life.deps, ben, "rule:x")
    done = await forget.forget(life.deps, ben, POOL)

    assert [(one.name, one.said, one.record, one.is_demoted) for one in listed] == [
        (POOL, "runbook pool", "rejected 6 of 6 times", True),
        (DISK, "runbook disk", "worked 1 of 1 time", False),
    ]
    assert listed[0].effect == "helps in 24%, likely between 9% and 42%; it comes last until it does better"
    assert done.text == f"Forgotten: {POOL} (rejected 6 of 6 times). It counts as a new one from now on."
    assert list(await trusts(life)) == [DISK]
    async with life.deps.db.read() as db:
        rows = [row for row in await action_log.entries(db, chain="workspace:w") if row.kind is LogKind.FORGOTTEN]
    assert [row.payload["suggestions"] for row in rows] == [6]
