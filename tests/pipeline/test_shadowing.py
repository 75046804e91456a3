"""Silent suggestions: logged, shown to nobody, and scored against what people did."""

from datetime import timedelta

import pytest

from incident_copilot.analysis.same_words import says_the_same
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import decide, ledger, note, resolve, shadowing, suggest
from incident_copilot.pipeline.stats import told
from incident_copilot.pipeline.stats.measured import measure
from incident_copilot.store import changes, proposals

from . import samples
from .life import Life, big

RESTART = {"title": "Restart the checkout workers one by one", "rank": 1}


@pytest.fixture
def life(db, clock):
    return Life(db, clock, silent=True)


def waiting(life, incident, kind=ProposalKind.CHECK, **fields):
    made = {"incident_id": incident.id, "state": ProposalState.WAITING, "created_at": life.clock()}
    return samples.proposal(kind, **made, expires_at=life.clock() + timedelta(hours=1), **fields)


@pytest.mark.parametrize(
    ("step", "said", "found"),
    [
        ("Restart the checkout workers", ["lunch", "I restarted... restart of checkout workers done"], True),
        ("Restart the checkout workers", ["workers are fine"], False),
        ("Look", ["look look"], False),
    ],
)
def test_a_step_was_done_where_somebody_says_so_in_its_words(step, said, found):
    assert (says_the_same(step, said) is not None) is found


async def test_silent_suggestions_are_shown_to_nobody_and_scored_at_the_end(life):
    incident = await life.opened(big())
    ana, ben = await life.person("ana"), await life.person("ben")
    rollback = samples.proposal(ProposalKind.ACTION).shown
    elsewhere = rollback | {"params": rollback["params"] | {"version": "v1"}}
    by_hand = rollback | {"params": rollback["params"] | {"version": "v2"}}
    offers = [
        waiting(life, incident, **RESTART),
        waiting(life, incident, title="Fail over the primary database", key="no"),
        waiting(life, incident, ProposalKind.ACTION, key="a1"),
        waiting(life, incident, ProposalKind.ACTION, key="a2", shown=elsewhere),
        waiting(life, incident, ProposalKind.ACTION, key="a3", shown=by_hand),
        waiting(life, incident, ProposalKind.UPDATE, key="u1"),
        waiting(life, incident, ProposalKind.UPDATE, key="u2", shown={"audience": "management", "text": "x"}),
        waiting(life, incident, ProposalKind.RESOLVE, key="r1"),
    ]
    async with life.deps.db.transaction() as tx:
        await suggest.offer(tx, life.deps, incident, [one for one in offers if one.key != "r1"])
        await shadowing.keep(tx, life.deps, incident, offers[-1])
        await changes.record_all(
            tx,
            "w",
            [
                Change(
                    source="ci",
                    key="d1",
                    kind=ChangeKind.DEPLOYMENT,
                    status=ChangeStatus.SUCCEEDED,
                    title="payments v2.30.4",
                    service="payments",
                    version="v2.30.4",
                    at=life.clock(),
                )
            ],
        )
        theirs = waiting(life, incident, ProposalKind.ACTION, key="theirs", shown=by_hand)
        await proposals.add(tx, theirs.model_copy(update={"state": ProposalState.CARRIED_OUT}))
        await ledger.write(tx, life.deps, incident.id, LogKind.PUBLISHED, "U0BEN", {"audience": "customers"})
    await life.work()
    with pytest.raises(DecisionRefused, match="kept silently"):
        await decide.vote(life.deps, offers[0].id, 1, Choice.DONE, ana)
    await note.note(life.deps, incident.id, ana, "Restarting checkout workers, one by one: restart is through")
    await resolve.resolve(life.deps, incident.id, ben, ending=Ending.RESOLVED, note="", despite_red=True)

    scored = {one.key: one for one in await life.proposals(incident, ProposalState.SILENT)}
    assert {offer.key: scored[offer.key].did_the_same for offer in offers} == {
        offers[0].key: True,
        "no": False,
        "a1": True,
        "a2": False,
        "a3": True,
        "u1": True,
        "u2": False,
        "r1": True,
    }
    assert scored["a1"].outcome == f"People did the same: payments v2.30.4 went out at {life.clock():%H:%M} UTC"
    assert scored["no"].outcome == "People did nothing like it, as far as it was recorded."
    assert not any(content.type == "proposal" for _, _, content in life.chat.posts)
    assert len(await life.log(incident, LogKind.SHADOWED)) == len(scored)
    [row] = await life.log(incident, LogKind.SHADOW_SCORED)
    assert (len(row.payload["same"]), len(row.payload["of"])) == (5, len(scored))
    found = told.copilot(await measure(life.deps))
    assert "In shadow, action, people did the same: 2 of 3 (67%, likely 25% to 90%)" in found


async def test_without_silent_suggestions_nothing_is_scored(db, clock):
    life = Life(db, clock)
    incident = await life.opened(big())
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)

    assert await life.log(incident, LogKind.SHADOW_SCORED) == []
