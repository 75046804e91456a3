"""What expired or failed is drafted anew from what is known now, and says what changed meanwhile."""

import pytest

from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, VendorUnavailable
from incident_copilot.pipeline import anew, decide, ending, proposing, run
from incident_copilot.ports import DryRun
from incident_copilot.store import incidents

from .life import Life, big


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def expired(life, kind=ProposalKind.ACTION, **fields):
    """A proposal that nobody decided in time, alone in its incident."""
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        await proposing.close_all(tx, life.deps, incident, "made room")
    put = await life.put(incident, kind, **fields)
    await life.go_on(minutes=61)
    return await life.proposal(put.id)


async def put_anew(life, was, name="ana"):
    outcome = await anew.propose_anew(life.deps, was.id, await life.person(name))
    await life.work()
    return outcome


async def refused(life, was, name="ana"):
    with pytest.raises(DecisionRefused) as refusal:
        await put_anew(life, was, name)
    return str(refusal.value)


async def test_expired_action_is_looked_at_again_and_says_what_changed(life):
    was = await expired(life)
    await run.set_severity(life.deps, was.incident_id, await life.person("ben"), Severity.P0)

    again = (await put_anew(life, was)).proposal

    assert (was.state, again.state, again.requested_by) == (ProposalState.EXPIRED, ProposalState.OPEN, "U0ANA")
    assert (again.title, again.shown["current"]) == (was.title, "c")
    assert again.body.startswith("Drafted anew by Ana. Changed in the 1 h 1 min since: ")
    assert "now is c, was " in again.body
    assert "and 1 more in the log" in again.body
    [proposed] = [row for row in await life.log(await life.newest(), LogKind.PROPOSED) if again.id in str(row.payload)]
    assert proposed.payload["shown_sha256"] == again.hash
    assert await refused(life, was) == "It has been put to people anew already."


async def test_expired_step_is_put_again_as_it_was(life):
    was = await expired(life, ProposalKind.CHECK)

    again = (await put_anew(life, was)).proposal

    assert again.shown == was.shown
    assert again.body == "Drafted anew by Ana. Changed in the 1 h 1 min since: nothing that bears on it."


async def test_action_that_failed_can_be_drafted_anew_and_once_more(life):
    was = await expired(life)
    first = (await put_anew(life, was)).proposal
    life.action.trouble = VendorUnavailable("GitHub: HTTP 503")
    await life.go_on(minutes=61)

    second = (await put_anew(life, await life.proposal(first.id))).proposal

    assert second.key.startswith(f"{was.key}|anew:")
    assert second.key.count("anew") == 1


async def test_expired_update_is_drafted_from_what_is_known_now(life):
    was = await expired(life, ProposalKind.UPDATE, shown={"audience": "internal", "text": "Old."})

    again = (await put_anew(life, was)).proposal

    assert again.shown["text"] != "Old."
    assert again.requested_by == "U0ANA"


async def test_changes_are_told_in_words(life):
    was = await expired(life, shown={"action": "github_workflow", "params": {}, **_as_now(await _dry(life))})
    ben = await life.person("ben")
    await run.set_severity(life.deps, was.incident_id, ben, Severity.P0)
    await run.acknowledge(life.deps, was.incident_id, ben)
    other = await life.put(await life.newest(), ProposalKind.ACTION)
    await decide.vote(life.deps, other.id, 1, Choice.APPROVE, await life.person("ana"))
    await life.work()

    again = (await put_anew(life, was)).proposal

    assert "since: severity P1 to P0; an action was carried out." in again.body


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vic", "To draft proposals anew you need the role responder; ask an admin to add it in catalog.yaml."),
        ("ana", "Only what expired or failed is drafted anew."),
    ],
)
async def test_what_is_still_open_and_who_may_not_are_refused(life, name, said):
    put = await life.put(await life.opened(big()))

    assert await refused(life, put, name) == said
    assert (await life.log(await life.newest()))[-1].kind is LogKind.DENIED


async def test_nothing_is_drafted_anew_where_it_cannot_be(life):
    was = await expired(life)
    gone = await expired(life, shown={"action": "other", "params": {}})

    async def away(params):
        raise VendorUnavailable("GitHub: HTTP 503")

    life.action.dry_run = away

    assert await refused(life, gone) == "There is no action other any more."
    assert await refused(life, was) == "I could not look what it would do now: GitHub: HTTP 503."
    incident = await life.newest()
    ended = {"ending": Ending.RESOLVED, "note": ""}
    async with life.deps.db.transaction() as tx:
        await ending.end(tx, life.deps, await incidents.lock(tx, incident.id), actor="U0ANA", **ended)
    assert await refused(life, was) == f"{incident.label} has ended."


async def _dry(life):
    return await life.action.dry_run({})


def _as_now(dry: DryRun):
    return dry.model_dump()
