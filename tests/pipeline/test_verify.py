"""After an action the alerting metric says whether it helped; an action that does not help is not hidden."""

from datetime import timedelta

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.hypothesis import Verdict
from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.pipeline import decide, read, wakeups
from incident_copilot.pipeline.deps import Policy
from incident_copilot.pipeline.ending import end
from incident_copilot.sandbox.world import Outage
from incident_copilot.store import action_log, alerts, incidents, proposals

from .samples import BEN, proposal


async def rolled_back(told, *, service="payments", version="v2.30.4"):
    """Have a rollback approved and carried out, the proposed one or one of our own; return its proposal's id."""
    incident = await told.begin()
    chosen = next((one for one in await told.proposals() if one.kind is ProposalKind.ACTION), None)
    if chosen is None or service != "payments":
        made = proposal(ProposalKind.ACTION, incident_id=incident.id, title=f"Roll back {service} to {version}")
        params = made.shown["params"] | {"repo": f"acme/{service}", "service": service, "version": version}
        chosen = made.model_copy(update={"shown": made.shown | {"params": params}})
        async with told.deps.db.transaction() as tx:
            await proposals.add(tx, chosen)
    await decide.vote(told.deps, chosen.id, chosen.version, Choice.APPROVE, BEN)
    await told.work()
    return chosen.id


async def outcome_of(told, proposal_id):
    return (await read.proposal(told.deps, proposal_id)).proposal.outcome


async def verified(told, incident_id):
    async with told.deps.db.read() as db:
        rows = await action_log.entries(db, incident_id)
    return [row.payload for row in rows if row.kind is LogKind.VERIFIED]


def said(told, incident_id, proposal_id):
    return told.chat.messages[incident_id, f"notice:verified:{proposal_id}"].text


@pytest.fixture
async def bad_deploy(story):
    return await story("bad_deploy", log_share=0.05, policy=Policy(verify_for=timedelta(minutes=2)))


async def test_right_rollback_is_verified_on_the_alerting_metric_and_mitigates(bad_deploy):
    proposal_id = await rolled_back(bad_deploy)
    incident = await bad_deploy.incident()

    await bad_deploy.go_on(40, step=20)

    assert (await bad_deploy.incident()).status is Status.MITIGATED
    (row,) = await verified(bad_deploy, incident.id)
    assert (row["healthy"], len(row["evidence"])) == (True, 1)
    text = said(bad_deploy, incident.id, proposal_id)
    assert text.startswith("Roll back payments from v2.31.0 to v2.30.4. It worked: HighErrorRate: ")
    assert text.endswith(" %, back inside its limit of 5 %.")
    assert (await outcome_of(bad_deploy, proposal_id)).count("It worked") == 1


async def test_wrong_rollback_is_said_not_to_help_once_and_looked_at_until_the_time_is_over(bad_deploy):
    proposal_id = await rolled_back(bad_deploy, service="checkout", version="v5.8.0")
    incident = await bad_deploy.incident()

    await bad_deploy.go_on(30, step=30)
    early = await verified(bad_deploy, incident.id)
    await bad_deploy.go_on(60, step=30)
    later = await verified(bad_deploy, incident.id)

    assert (early, [row["healthy"] for row in later]) == ([], [False])
    text = said(bad_deploy, incident.id, proposal_id)
    assert text.startswith("Roll back checkout to v5.8.0. It did not help so far: HighErrorRate: ")
    assert "still over its limit of 5 %" in text
    assert (await bad_deploy.incident()).status is Status.OPEN

    await bad_deploy.go_on(60, step=60)

    assert [row["healthy"] for row in await verified(bad_deploy, incident.id)] == [False, False]
    assert "It did not help: HighErrorRate" in said(bad_deploy, incident.id, proposal_id)
    outcome = await outcome_of(bad_deploy, proposal_id)
    assert (outcome.count("did not help"), outcome.count("so far")) == (1, 0)


async def test_change_whose_rollback_did_not_help_is_no_longer_the_suspect(story):
    told = await story("bad_deploy", log_share=0.05, without_remedies=True)
    await rolled_back(told)

    await told.go_on(70, step=70)

    brief = await told.brief()
    assert brief.suspect.kind != "change"
    (ruled_out,) = (one for one in brief.hypotheses if one.cause.startswith("payments v2.31.0"))
    assert ruled_out.verdict is Verdict.RULED_OUT
    assert ruled_out.contradicting[0].text == (
        "Roll back payments from v2.31.0 to v2.30.4: carried out, and it did not help"
    )
    assert "Roll back" not in brief.first_step.text
    assert "v2.30.4" not in {one.cause for one in brief.hypotheses}


async def test_metric_that_cannot_be_read_is_no_verdict(bad_deploy):
    proposal_id = await rolled_back(bad_deploy, service="checkout", version="v5.8.0")
    incident = await bad_deploy.incident()
    bad_deploy.world.outages["prometheus"] = Outage(status=503)

    await bad_deploy.go_on(70, step=70)
    assert (incident.id, f"notice:verified:{proposal_id}") not in bad_deploy.chat.messages
    await bad_deploy.go_on(60, step=60)

    text = said(bad_deploy, incident.id, proposal_id)
    assert "Whether it helped could not be checked: HighErrorRate: the metric could not be read" in text
    assert await verified(bad_deploy, incident.id) == []


async def test_incident_that_ended_meanwhile_is_not_looked_at_any_longer(bad_deploy):
    proposal_id = await rolled_back(bad_deploy, service="checkout", version="v5.8.0")
    incident = await bad_deploy.incident()
    async with bad_deploy.deps.db.transaction() as tx:
        locked = await incidents.lock(tx, incident.id)
        await end(tx, bad_deploy.deps, locked, actor="policy:quiet", ending=Ending.RESOLVED, note="")

    bad_deploy.clock.forward(10)
    await bad_deploy.work()

    assert "It did not help: HighErrorRate" in said(bad_deploy, incident.id, proposal_id)
    assert len(await verified(bad_deploy, incident.id)) == 1


async def test_help_that_comes_after_people_set_the_status_changes_it_no_more(bad_deploy):
    await rolled_back(bad_deploy)
    incident = await bad_deploy.incident()
    early = bad_deploy.clock() - timedelta(minutes=1)
    async with bad_deploy.deps.db.transaction() as tx:
        mitigated = incident.model_copy(update={"status": Status.MITIGATED, "mitigated_at": early})
        await incidents.save(tx, mitigated)

    await bad_deploy.go_on(40, step=20)

    assert (await bad_deploy.incident()).mitigated_at == early
    assert [row["healthy"] for row in await verified(bad_deploy, incident.id)] == [True]


async def test_incident_without_a_measurable_alert_cannot_be_verified(bad_deploy):
    incident = await bad_deploy.begin()
    made = proposal(ProposalKind.ACTION, incident_id=incident.id, state=ProposalState.CARRIED_OUT, title="Roll back")
    async with bad_deploy.deps.db.transaction() as tx:
        await proposals.add(tx, made)

    await look_without_alerts(bad_deploy, made)

    text = said(bad_deploy, incident.id, made.id)
    assert text == (
        "Roll back. Whether it helped could not be checked: no alert names a metric with a limit. Please look, and say."
    )
    assert (await outcome_of(bad_deploy, made.id)).startswith("Carried out. Whether")


async def look_without_alerts(told, made):
    """Verify an action of an incident whose alert names no expression any more."""
    async with told.deps.db.transaction() as tx:
        for stored in await alerts.of_incident(tx, made.incident_id):
            ended = {"expression": None, "status": AlertStatus.RESOLVED, "ends_at": told.clock()}
            await alerts.record(tx, "w", stored.alert.model_copy(update=ended), told.clock())
        await wakeups.verify(tx, told.deps, made.incident_id, made.id, at=told.clock(), until=told.clock())
    await told.work()


async def carried_out(told, **shown):
    """Have an action carried out that names `shown` besides; return its proposal."""
    incident = await told.begin()
    made = proposal(ProposalKind.ACTION, incident_id=incident.id, title="Roll back payments")
    chosen = made.model_copy(update={"shown": made.shown | shown})
    async with told.deps.db.transaction() as tx:
        await proposals.add(tx, chosen)
    await decide.vote(told.deps, chosen.id, chosen.version, Choice.APPROVE, BEN)
    await told.work()
    return chosen


async def test_what_worked_is_watched_for_a_while_and_told_to_hold(bad_deploy):
    chosen = await carried_out(bad_deploy, watch_min=3, after=[{"check": "Run the smoke test."}])
    incident = await bad_deploy.incident()

    await bad_deploy.go_on(360, step=60)

    text = said(bad_deploy, incident.id, chosen.id)
    assert text.startswith("Roll back payments. It has held for 3 min: HighErrorRate: ")
    assert [row["healthy"] for row in await verified(bad_deploy, incident.id)] == [True, True]
    assert "Run the smoke test" in {one.title for one in await bad_deploy.proposals(*ProposalState)}


@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [("still broken", "It did not last 15 min: HighErrorRate"), ("unread", "Whether it holds could not be checked: ")],
)
async def test_what_does_not_last_is_told_anew(bad_deploy, trouble, verdict):
    incident = await bad_deploy.begin()
    made = proposal(ProposalKind.ACTION, incident_id=incident.id, state=ProposalState.CARRIED_OUT, title="Roll back")
    watched = made.model_copy(update={"shown": made.shown | {"watch_min": 15}})
    if trouble == "unread":
        bad_deploy.world.outages["prometheus"] = Outage(status=503)
    async with bad_deploy.deps.db.transaction() as tx:
        await proposals.add(tx, watched)
        now = bad_deploy.clock()
        await wakeups.watch_over(tx, bad_deploy.deps, incident.id, made.id, at=now, until=now)

    await bad_deploy.work()

    assert said(bad_deploy, incident.id, made.id).startswith(f"Roll back. {verdict}")


async def test_ended_incident_is_not_watched(bad_deploy):
    incident = await bad_deploy.begin()
    made = proposal(ProposalKind.ACTION, incident_id=incident.id, state=ProposalState.CARRIED_OUT)
    async with bad_deploy.deps.db.transaction() as tx:
        await proposals.add(tx, made)
        locked = await incidents.lock(tx, incident.id)
        await end(tx, bad_deploy.deps, locked, actor="policy:quiet", ending=Ending.RESOLVED, note="")
        now = bad_deploy.clock()
        await wakeups.watch_over(tx, bad_deploy.deps, incident.id, made.id, at=now, until=now)

    await bad_deploy.work()

    assert (incident.id, f"notice:verified:{made.id}") not in bad_deploy.chat.messages
