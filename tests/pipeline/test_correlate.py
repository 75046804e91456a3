"""Alerts refresh, join, open or reopen incidents, or wait for the digest; each time it is said why."""

from datetime import timedelta

import pytest

from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.pipeline import correlate, declare, proposing, resolve, run, suggest
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import incidents

from .life import Life, again, big, over, small, tiny


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def reasons(life, incident):
    async with life.deps.db.read() as db:
        return [member.reason for member in await incidents.memberships(db, incident.id)]


async def texts(life, incident):
    return [entry.text for entry in await life.timeline(incident, TimelineKind.ALERT)]


async def end(life, incident, ending=Ending.RESOLVED):
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=ending, note="", despite_red=True)
    await life.work()


# --- opening and joining ---


async def test_alert_opens_an_incident_and_says_so(life):
    incident = await life.opened(big())

    assert (incident.label, incident.severity, incident.service) == ("INC-1", Severity.P1, "checkout")
    assert await reasons(life, incident) == ["opened the incident"]
    assert await texts(life, incident) == ["HighErrorRate on checkout fires. High 5xx ratio on checkout"]
    assert (await life.alert(big())).incident_id == incident.id


async def test_alert_without_a_service_opens_an_incident_by_its_name_and_others_of_that_name_join(life):
    first = big("NodeDown", service=None, labels={"instance": "a"})
    second = big("NodeDown", service=None, labels={"instance": "b", "rack": "2"})

    incident = await life.opened(first, second)

    assert await life.running() == [1]
    assert await reasons(life, incident) == ["opened the incident", "same alert NodeDown, same cluster eu-1"]
    assert (await texts(life, incident))[0].startswith("NodeDown on an unnamed service fires.")


async def test_alert_of_a_service_it_depends_on_joins_with_the_reason(life, clock):
    incident = await life.opened(big())
    clock.forward(30)

    await life.take(small("HighLatency", service="payments", starts_at=clock()))

    assert await life.running() == [1]
    assert (await reasons(life, incident))[1] == "checkout depends on payments, 30 s apart, same cluster eu-1"
    assert life.chat.shown[incident.channel_id or "C-inc-1-high-5xx-ratio-on-checkout", "card"].joined == (
        "checkout depends on payments, 30 s apart, same cluster eu-1",
    )


async def test_alert_of_a_service_that_depends_on_it_joins_too(life):
    incident = await life.opened(big(service="payments"))

    await life.take(small("HighLatency", service="checkout"))

    assert (await reasons(life, incident))[1] == "checkout depends on payments, 0 s apart, same cluster eu-1"


@pytest.mark.parametrize(
    "fields",
    [
        {"service": "search"},
        {"service": "payments", "labels": {"cluster": "us-1"}},
        {"service": "payments", "environment": "staging"},
        {"service": None},
    ],
    ids=["another service", "another cluster", "another environment", "no service"],
)
async def test_alert_that_has_nothing_to_do_with_it_opens_its_own(life, fields):
    await life.take(big())

    await life.take(big("Other", **fields))

    assert await life.running() == [1, 2]


async def test_neighbour_joins_only_near_the_time_between_onset_and_opening(life, clock):
    incident = await life.opened(big(starts_at=clock() - timedelta(minutes=30)))
    window = timedelta(minutes=10)

    async def match(starts_at):
        async with life.deps.db.read() as db:
            found = await correlate.preview(db, life.deps, small(service="payments", starts_at=starts_at))
        return found and found.incident.id

    near = [clock() - timedelta(minutes=40), clock() - timedelta(minutes=15), clock() + window]
    far = [clock() - timedelta(days=2), clock() + timedelta(minutes=11)]
    assert [await match(at) for at in near] == [incident.id] * 3
    assert [await match(at) for at in far] == [None, None]


async def test_alert_of_the_same_service_without_a_cluster_joins(life):
    incident = await life.opened(big())
    bare = big("Slow")

    await life.take(bare.model_copy(update={"labels": {"alertname": "Slow"}, "fingerprint": "f2"}))

    assert (await reasons(life, incident))[1] == "same service checkout"


async def test_alert_joins_the_incident_that_a_person_declared_for_its_service(life):
    ben = await life.person("ben")
    outcome = await declare.declare(
        life.deps, ben, title="Checkout feels slow", severity=Severity.P2, service="checkout"
    )

    await life.take(big())

    declared = await life.by_number(1)
    assert await life.running() == [1]
    assert await reasons(life, outcome.incident) == ["same service checkout"]
    assert declared.severity is Severity.P1


async def test_more_severe_alert_raises_the_severity_by_the_score_sheet(life):
    incident = await life.opened(small())

    await life.take(big("SearchDown", service="search"))

    raised = await life.by_number(1)
    [row] = await life.log(incident, LogKind.SEVERITY_SET)
    assert raised.severity is Severity.P1
    assert raised.score_sheet.severity is Severity.P1
    assert (row.actor, row.payload) == (
        "policy:score-sheet",
        {"from": "P2", "to": "P1", "because": "SearchDown joined and is P1 by the score sheet"},
    )


async def test_storm_of_more_alerts_than_one_batch_ends_in_one_incident(life):
    storm = [big(f"Pod{number}", labels={"pod_name": str(number)}) for number in range(correlate.BATCH + 1)]

    incident = await life.opened(*storm)

    assert await life.running() == [1]
    assert len(await reasons(life, incident)) == correlate.BATCH + 1


async def test_incident_of_a_drill_takes_no_real_alert(life, open_incident):
    await open_incident(life.deps.db, test=True, service="checkout")

    await life.take(big())

    assert [(await life.by_number(number)).test for number in (1, 2)] == [True, False]


# --- digest ---


async def test_small_alert_opens_nothing_and_waits_for_the_digest(life, clock):
    await life.take(tiny())

    stored = await life.alert(tiny())
    assert await life.running() == []
    assert (stored.incident_id, stored.digest_hour) == (None, clock())


async def test_small_alert_joins_where_an_incident_of_its_service_runs(life):
    incident = await life.opened(big(service="batch"))

    await life.take(tiny())

    assert (await life.alert(tiny())).incident_id == incident.id


async def test_small_alert_that_ends_before_the_digest_stays_in_it(life, clock):
    await life.take(tiny())
    hour = clock()
    clock.forward(60)

    await life.take(over(tiny(), clock))

    assert (await life.alert(tiny())).digest_hour == hour


async def test_end_of_an_alert_that_was_never_seen_firing_opens_nothing(life, clock):
    await life.take(over(big(), clock))

    assert await life.running() == []
    assert (await life.alert(big())).incident_id is None


# --- refiring ---


async def test_resolved_alert_is_noted_and_the_end_proposed(life, clock):
    incident = await life.opened(big())
    clock.forward(60)

    await life.take(over(big(), clock))

    put = [one for one in await life.proposals(incident, ProposalState.OPEN) if one.kind is ProposalKind.RESOLVE]
    assert (await texts(life, incident))[1] == "HighErrorRate on checkout resolved. High 5xx ratio on checkout"
    assert len(put) == 1


async def test_the_end_is_proposed_even_where_nobody_has_decided_what_was_proposed_before(life, clock):
    incident = await life.opened(big())
    put = [await life.put(incident, rank=rank) for rank in (40, 41, 42)]

    await life.take(over(big(), clock))

    open_now = await life.proposals(incident, ProposalState.OPEN)
    assert len(open_now) == 3
    assert [one.title for one in open_now if one.kind is ProposalKind.RESOLVE] == ["Resolve INC-1"]
    assert (await life.proposal(put[-1].id)).state is ProposalState.WAITING


async def test_alert_that_fires_again_takes_the_proposal_to_resolve_back(life, clock):
    incident = await life.opened(big())
    clock.forward(60)
    await life.take(over(big(), clock))

    await life.take(again(big(), clock))

    [put] = [one for one in await life.proposals(incident) if one.kind is ProposalKind.RESOLVE]
    assert await life.running() == [1]
    assert (put.state, put.outcome) == (ProposalState.SUPERSEDED, "HighErrorRate fires")
    assert len(await texts(life, incident)) == 3
    assert await life.due(Work.QUIET) is None


async def test_the_end_is_not_proposed_where_an_alert_fired_again_while_context_was_gathered(life):
    incident = await life.opened(big())
    end = proposing.new_proposal(life.deps, incident, ProposalKind.RESOLVE, "resolve:then", title="Resolve INC-1")

    async with life.deps.db.transaction() as tx:
        await suggest.offer(tx, life.deps, incident, [end])

    assert [one for one in await life.proposals(incident) if one.kind is ProposalKind.RESOLVE] == []


async def test_alert_that_joins_takes_the_proposal_to_resolve_back(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))

    await life.take(big("Other"))

    [put] = [one for one in await life.proposals(incident) if one.kind is ProposalKind.RESOLVE]
    assert put.state is ProposalState.SUPERSEDED
    assert await life.due(Work.QUIET) is None


async def test_alert_that_fires_again_soon_after_the_end_reopens_and_calls_again(life, clock):
    incident = await life.opened(big())
    await run.acknowledge(life.deps, incident.id, await life.person("ben"))
    acknowledged_at = clock()
    await life.take(over(big(), clock))
    await end(life, incident)
    clock.forward(29 * 60)

    await life.take(again(big(), clock))

    back = await life.by_number(1)
    [reopened] = await life.log(incident, LogKind.REOPENED)
    paged = await life.log(incident, LogKind.PAGED)
    assert await life.running() == [1]
    assert (back.status, back.ending, back.resolved_at) == (Status.OPEN, None, None)
    assert (back.acknowledged_by, back.acknowledged_at, back.commander) == (None, acknowledged_at, "U0BEN")
    assert reopened.actor == "policy:reopen-window"
    assert reopened.payload["because"] == "HighErrorRate fires again within 30 minutes of the end"
    assert [row.payload["turn"] for row in paged] == ["primary", "primary"]
    assert "INC-1 is open again: HighErrorRate fires again within 30 minutes of the end." in life.chat.notices()


async def test_another_alert_of_the_service_reopens_too_but_does_not_claim_to_fire_again(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    await end(life, incident)

    await life.take(big("Other"))

    [row] = await life.log(incident, LogKind.REOPENED)
    assert row.payload["because"] == "Other fires within 30 minutes of the end"


async def test_small_alert_of_the_service_reopens_nothing(life, clock):
    incident = await life.opened(big(service="batch"))
    await life.take(over(big(service="batch"), clock))
    await end(life, incident)

    await life.take(tiny())

    assert await life.running() == []
    assert (await life.alert(tiny())).digest_hour == clock()


async def test_neighbour_that_fires_again_reopens_the_incident_it_belonged_to(life, clock):
    incident = await life.opened(big())
    neighbour = small(service="payments")
    await life.take(neighbour)
    await life.take(over(big(), clock), over(neighbour, clock))
    await end(life, incident)

    await life.take(again(neighbour, clock))

    assert await life.running() == [1]


@pytest.mark.parametrize(
    ("minutes", "ending"), [(31, Ending.RESOLVED), (1, Ending.FALSE_ALARM)], ids=["too late", "false alarm"]
)
async def test_after_the_window_or_a_false_alarm_a_new_incident_opens(life, clock, minutes, ending):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    await end(life, incident, ending)
    clock.forward(minutes * 60)

    await life.take(again(big(), clock))

    assert await life.running() == [2]
    assert (await life.alert(big())).incident_id != incident.id


async def test_alert_of_an_ended_incident_joins_the_one_that_runs_now(life, clock):
    first = await life.opened(big())
    await life.take(over(big(), clock))
    await end(life, first, Ending.FALSE_ALARM)
    await life.take(big("Other"))

    await life.take(again(big(), clock))

    assert await life.running() == [2]
    assert (await life.alert(big())).incident_id == (await life.by_number(2)).id


async def test_end_told_after_the_incident_has_ended_is_noted_and_nothing_else(life, clock):
    incident = await life.opened(big())
    await end(life, incident)
    rows = await life.log(incident)
    clock.forward(60)

    await life.take(over(big(), clock))

    assert len(await texts(life, incident)) == 2
    assert await life.log(incident) == rows
    assert await life.running() == []
