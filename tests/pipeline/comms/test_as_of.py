"""A draft that the facts contradict by now cannot be approved: it is drafted anew, or edited."""

import pytest

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Audience, Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import decide, draft_comms, run
from incident_copilot.pipeline.comms import as_of
from pipeline.life import Life, again, big, over
from pipeline.samples import incident

CUSTOMERS = Audience.CUSTOMERS


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, []),
        ({"severity": "P0"}, ["the severity is P0 critical, it was P1 high"]),
        ({"status": "mitigated"}, ["the incident is mitigated, it was being handled"]),
        ({"firing": False}, ["all its alerts have resolved"]),
        ({"told": "2026-11-21T12:30:00+00:00"}, ["another update for customers was published"]),
        ({"told": ""}, ["that for customers was retracted"]),
    ],
)
def test_what_has_changed_is_told(now, said):
    drafted = as_of.facts(incident(), firing=True, told="2026-11-21T12:00:00+00:00")

    assert list(as_of.differences(drafted, drafted | now, CUSTOMERS)) == said


def test_an_alert_that_fires_again_contradicts_too():
    drafted = as_of.facts(incident(), firing=False)

    assert list(as_of.differences(drafted, drafted | {"firing": True}, CUSTOMERS)) == ["an alert fires again"]


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def drafted(life, audience=CUSTOMERS):
    opened = await life.opened(big())
    outcome = await draft_comms.draft(life.deps, opened.id, await life.person("ana"), audience)
    await life.work()
    return opened, outcome.proposal


def shown(life, opened, put):
    return life.chat.shown[opened.channel_id, f"proposal:{put.id}"]


async def test_draft_shows_what_changed_and_is_not_approved_until_it_is_drafted_anew(life):
    opened, put = await drafted(life)
    ben, cara = await life.person("ben"), await life.person("cara")
    await run.acknowledge(life.deps, opened.id, ben)
    await life.work()
    assert shown(life, opened, put).changed == ()

    await run.set_severity(life.deps, opened.id, ben, Severity.P0)
    await life.work()
    assert shown(life, opened, put).changed == ("the severity is P0 critical, it was P1 high",)
    with pytest.raises(
        DecisionRefused, match=r"out of date: the severity is P0 critical, it was P1 high\. Have it dra"
    ):
        await decide.vote(life.deps, put.id, 1, Choice.APPROVE, cara)

    anew = (await draft_comms.redraft(life.deps, put.id, cara)).proposal
    await decide.vote(life.deps, anew.id, 1, Choice.APPROVE, cara)
    await life.work()
    old, new = await life.proposal(put.id), await life.proposal(anew.id)
    assert (old.state, old.outcome) == (ProposalState.SUPERSEDED, "a newer draft took its place")
    assert (new.state, new.outcome) == (ProposalState.CARRIED_OUT, "Published.")
    assert [row.payload["outlet"] for row in await life.log(opened, LogKind.PUBLISHED)] == ["chat"]
    with pytest.raises(DecisionRefused, match="That draft is not open any more"):
        await draft_comms.redraft(life.deps, put.id, cara)


async def test_draft_holds_while_its_alerts_do(life, clock):
    opened, put = await drafted(life)
    await life.take(over(big(), clock))
    await life.go_on(seconds=60)
    assert shown(life, opened, put).changed == ("all its alerts have resolved",)
    await life.take(again(big(), clock))
    await life.go_on(seconds=60)

    assert shown(life, opened, put).changed == ()


async def test_who_edits_a_draft_vouches_for_it_as_things_are_now(life):
    opened, put = await drafted(life)
    await run.set_severity(life.deps, opened.id, await life.person("ben"), Severity.P0)

    outcome = await decide.edit(life.deps, put.id, 1, await life.person("cara"), text=put.shown["text"], approve=True)
    await life.work()

    assert (outcome.proposal.version, (await life.proposal(put.id)).state) == (2, ProposalState.CARRIED_OUT)


async def test_published_update_contradicts_a_waiting_draft_for_the_same_readers(life):
    opened, put = await drafted(life, Audience.MANAGEMENT)
    one = await life.put(opened, ProposalKind.UPDATE, rank=0, shown=put.shown | {"audience": "internal"})
    await decide.vote(life.deps, one.id, 1, Choice.APPROVE, await life.person("ana"))
    await life.work()
    assert shown(life, opened, put).changed == ()

    other = put.model_copy(update={"shown": put.shown | {"audience": "internal"}, "state": ProposalState.OPEN})
    async with life.deps.db.read() as db:
        assert await as_of.changes(db, opened, other) == ("another update for colleagues was published",)
