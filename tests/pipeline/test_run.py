"""What people do with an incident: each is committed, logged with who did it, and refused with a reason."""

import asyncio
from datetime import timedelta

import pytest

from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import resolve, roles, run
from incident_copilot.pipeline.reviewing import record, words
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import alerts, incidents
from incident_copilot.store import people as names

from .life import Life, again, big, over, tiny


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def end(life, incident, how=Ending.RESOLVED):
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=how, note="", despite_red=True)
    await life.work()


# --- acknowledge ---


async def test_acknowledging_takes_the_incident_and_the_reminder_back(life, clock):
    incident = await life.opened(big())

    outcome = await run.acknowledge(life.deps, incident.id, await life.person("ana"))
    await life.work()

    taken = await life.newest()
    [row] = await life.log(incident, LogKind.ACKNOWLEDGED)
    async with life.deps.db.read() as db:
        known = await names.names(db, "w")
    assert outcome.text == "You have INC-1."
    assert (taken.status, taken.acknowledged_by, taken.acknowledged_at, taken.commander) == (
        Status.ACKNOWLEDGED,
        "U0ANA",
        clock(),
        "U0ANA",
    )
    assert row.actor == "U0ANA"
    assert known["U0ANA"] == "Ana"
    assert await life.due(Work.REMIND) is None
    assert life.chat.shown[incident.channel_id, "card"].incident == taken


async def test_of_two_who_acknowledge_at_once_one_has_it_and_the_other_is_told(life):
    incident = await life.opened(big())
    people = [await life.person(name) for name in ("ana", "ben")]

    said = await asyncio.gather(
        *(run.acknowledge(life.deps, incident.id, person) for person in people), return_exceptions=True
    )

    holder = (await life.newest()).acknowledged_by
    assert sorted(str(one) if isinstance(one, Exception) else one.text for one in said) == [
        f"<@{holder}> has acknowledged INC-1 already.",
        "You have INC-1.",
    ]
    assert len(await life.log(incident, LogKind.ACKNOWLEDGED)) == 1


async def test_acknowledging_keeps_commander_and_status_that_are_set(life):
    incident = await life.opened(big())
    ana, ben = await life.person("ana"), await life.person("ben")
    await roles.assign(life.deps, incident.id, ana, "U0CARA")
    await run.set_status(life.deps, incident.id, ben, Status.MITIGATED)

    await run.acknowledge(life.deps, incident.id, ana)

    taken = await life.newest()
    assert (taken.status, taken.acknowledged_by, taken.commander) == (Status.MITIGATED, "U0ANA", "U0CARA")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vic", "To acknowledge incidents you need the role responder; ask an admin to add it in catalog.yaml."),
        ("gus", "Guests and people from outside this workspace cannot acknowledge incidents."),
    ],
)
async def test_who_may_not_acknowledge_is_refused(life, name, said):
    incident = await life.opened(big())

    assert await life.refused(incident, run.acknowledge(life.deps, incident.id, await life.person(name))) == said
    assert (await life.newest()).status is Status.OPEN


async def test_ended_incident_takes_no_change(life):
    incident = await life.opened(big())
    await end(life, incident)

    said = await life.refused(incident, run.acknowledge(life.deps, incident.id, await life.person("ana")))

    assert said == "INC-1 has ended. Reopen it first."


async def test_incident_that_nobody_knows_is_unknown(life):
    with pytest.raises(UnknownThing):
        await run.acknowledge(life.deps, "f" * 32, await life.person("vic"))

    assert await life.workspace_log() == []


# --- severity and status ---


async def test_severity_that_is_set_already_is_refused(life):
    incident = await life.opened(big())
    ana = await life.person("ana")

    assert await life.refused(incident, run.set_severity(life.deps, incident.id, ana, Severity.P1)) == (
        "INC-1 is P1 already."
    )


async def test_status_moves_and_the_time_of_mitigation_moves_with_it(life, clock):
    incident = await life.opened(big())
    ana = await life.person("ana")

    mitigated = await run.set_status(life.deps, incident.id, ana, Status.MITIGATED)
    back = await run.set_status(life.deps, incident.id, ana, Status.ACKNOWLEDGED)

    rows = await life.log(incident, LogKind.STATUS_SET)
    assert (mitigated.text, mitigated.incident.mitigated_at) == ("INC-1 is mitigated.", clock())
    assert (back.text, back.incident.mitigated_at, back.incident.acknowledged_by) == (
        "INC-1 is acknowledged.",
        None,
        "U0ANA",
    )
    assert [row.payload for row in rows] == [
        {"from": "open", "to": "mitigated"},
        {"from": "mitigated", "to": "acknowledged"},
    ]
    assert await life.due(Work.REMIND) is None


async def test_setting_the_status_to_acknowledged_is_acknowledging(life, clock):
    incident = await life.opened(big())

    outcome = await run.set_status(life.deps, incident.id, await life.person("ben"), Status.ACKNOWLEDGED)

    assert (outcome.incident.acknowledged_by, outcome.incident.acknowledged_at) == ("U0BEN", clock())
    assert [row.kind for row in await life.log(incident) if row.actor == "U0BEN"] == [LogKind.ACKNOWLEDGED]
    assert await life.due(Work.REMIND) is None


async def test_who_has_it_keeps_it_when_another_sets_it_back_to_acknowledged(life):
    incident = await life.opened(big())
    ana, ben = await life.person("ana"), await life.person("ben")
    await run.acknowledge(life.deps, incident.id, ana)
    await run.set_status(life.deps, incident.id, ben, Status.MITIGATED)

    outcome = await run.set_status(life.deps, incident.id, ben, Status.ACKNOWLEDGED)

    assert outcome.incident.acknowledged_by == "U0ANA"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.RESOLVED, "Use /incident resolve: it checks first whether things work again."),
        (Status.OPEN, "INC-1 is open; it cannot become open from there."),
    ],
)
async def test_status_that_cannot_be_set_is_refused(life, status, said):
    incident = await life.opened(big())

    doing = run.set_status(life.deps, incident.id, await life.person("ana"), status)

    assert await life.refused(incident, doing) == said


# --- quiet ---


async def test_quiet_holds_reminders_back_until_it_is_over(life, clock):
    incident = await life.opened(big())
    ana = await life.person("ana")
    on = await run.quiet(life.deps, incident.id, ana, True)
    await life.go_on(hours=1)
    held_back = [row.payload["turn"] for row in await life.log(incident, LogKind.PAGED)]

    off = await run.quiet(life.deps, incident.id, ana, False)
    await life.go_on(minutes=30)

    rows = await life.log(incident, LogKind.STATUS_SET)
    assert (on.text, off.text) == ("I stay quiet; decisions and the card go on.", "I remind again.")
    assert held_back == ["primary"]
    assert [row.payload["turn"] for row in await life.log(incident, LogKind.PAGED)] == ["primary", "secondary"]
    assert [row.payload for row in rows] == [{"quiet": True}, {"quiet": False}]


async def test_nobody_is_reminded_of_what_was_acknowledged_while_it_was_quiet(life):
    incident = await life.opened(big())
    ana = await life.person("ana")
    await run.acknowledge(life.deps, incident.id, ana)

    await run.quiet(life.deps, incident.id, ana, False)

    assert await life.due(Work.REMIND) is None


# --- reopen ---


@pytest.mark.parametrize(("acknowledges", "status"), [(True, Status.ACKNOWLEDGED), (False, Status.OPEN)])
async def test_reopened_incident_runs_as_before(life, clock, acknowledges, status):
    incident = await life.opened(big())
    ana = await life.person("ana")
    if acknowledges:
        await run.acknowledge(life.deps, incident.id, ana)
    await end(life, incident)
    clock.forward(60)

    outcome = await run.reopen(life.deps, incident.id, ana)
    await life.work()

    [row] = await life.log(incident, LogKind.REOPENED)
    back = await life.newest()
    assert outcome.text == "INC-1 is open again."
    assert (back.status, back.ending, back.ended_at, back.resolved_at) == (status, None, None, None)
    assert row.actor == "U0ANA"
    assert "INC-1 is open again: reopened by Ana." in life.chat.notices()
    assert life.chat.shown[incident.channel_id, "card"].incident.is_running


async def test_running_incident_cannot_be_reopened(life):
    incident = await life.opened(big())

    said = await life.refused(incident, run.reopen(life.deps, incident.id, await life.person("ana")))

    assert said == "INC-1 is running."


async def test_incident_whose_successor_runs_stays_ended(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    await end(life, incident, Ending.FALSE_ALARM)
    await life.take(again(big(), clock))

    said = await life.refused(incident, run.reopen(life.deps, incident.id, await life.person("ana")))

    assert said == "INC-2 runs for the same thing; go on there."


# --- promote ---


async def test_small_alert_is_promoted_to_an_incident(life):
    await life.take(tiny())

    outcome = await run.promote(life.deps, tiny().fingerprint, await life.person("ana"))
    await life.work()

    incident = outcome.incident
    async with life.deps.db.read() as db:
        [member] = await incidents.memberships(db, incident.id)
    assert outcome.text == "INC-1 is open for DiskFilling."
    assert (incident.severity, incident.score_sheet.floors) == (
        Severity.P2,
        ("promoted by a person: at least P2",),
    )
    assert (member.fingerprint, member.reason) == (tiny().fingerprint, "opened the incident")
    assert [row.actor for row in await life.log(incident, LogKind.OPENED, LogKind.PROMOTED)] == ["U0ANA", "U0ANA"]
    assert len(await life.timeline(incident, "alert")) == 1
    assert (await life.alert(tiny())).incident_id == incident.id


async def test_promoted_alert_joins_what_runs_for_the_same_thing(life, clock):
    await life.take(tiny())
    await life.take(big(service="batch"))
    await life.take(over(big(service="batch"), clock))
    incident = await life.by_number(1)

    outcome = await run.promote(life.deps, tiny().fingerprint, await life.person("ana"))

    [put] = [one for one in await life.proposals(incident) if one.kind is ProposalKind.RESOLVE]
    assert outcome.text == "DiskFilling joined INC-1: same service batch, same cluster eu-1."
    assert (outcome.incident.severity, put.state) == (Severity.P1, ProposalState.SUPERSEDED)
    assert await life.running() == [1]


async def test_promoted_alert_that_is_over_already_takes_nothing_back(life, clock):
    await life.take(tiny())
    await life.take(over(tiny(), clock))
    await life.take(big(service="batch"))
    await life.take(over(big(service="batch"), clock))

    outcome = await run.promote(life.deps, tiny().fingerprint, await life.person("ana"))
    await life.work()

    open_now = await life.proposals(outcome.incident, ProposalState.OPEN)
    assert [one.kind for one in open_now if one.kind is ProposalKind.RESOLVE] == [ProposalKind.RESOLVE]
    assert await life.due(Work.QUIET) == clock() + life.deps.policy.quiet_before_ending


async def test_promoted_alert_that_is_serious_by_now_keeps_its_severity(life):
    await life.take(big())
    async with life.deps.db.transaction() as tx:
        await alerts.place(tx, "w", [big().fingerprint])
    await end(life, await life.newest(), Ending.FALSE_ALARM)

    outcome = await run.promote(life.deps, big().fingerprint, await life.person("ana"))

    assert outcome.incident.severity is Severity.P1


async def test_alert_is_promoted_once_and_by_those_who_may(life):
    await life.take(tiny())
    ana, vic = await life.person("ana"), await life.person("vic")

    with pytest.raises(DecisionRefused) as not_allowed:
        await run.promote(life.deps, tiny().fingerprint, vic)
    await run.promote(life.deps, tiny().fingerprint, ana)
    with pytest.raises(DecisionRefused) as done:
        await run.promote(life.deps, tiny().fingerprint, ana)
    with pytest.raises(UnknownThing):
        await run.promote(life.deps, "unknown", ana)

    assert str(not_allowed.value).startswith("To promote alerts you need the role responder")
    assert str(done.value) == "DiskFilling belongs to INC-1 already."
    assert [(row.kind, row.actor, row.payload["alert"]) for row in await life.workspace_log()] == [
        (LogKind.DENIED, "U0VIC", tiny().fingerprint),
        (LogKind.DENIED, "U0ANA", tiny().fingerprint),
    ]


# --- snooze ---


async def test_snoozed_reminders_go_on_when_the_time_is_over(life):
    incident = await life.opened(big())
    ana = await life.person("ana")
    await life.go_on(minutes=20)

    outcome = await run.snooze(life.deps, incident.id, ana, timedelta(minutes=30))
    await life.go_on(minutes=15)
    held_back = [row.payload["turn"] for row in await life.log(incident, LogKind.PAGED)]
    await life.go_on(minutes=20)

    [row] = await life.log(incident, LogKind.SNOOZED)
    found = await record.read(life.deps, incident.id)
    assert outcome.text == "No reminders of INC-1 for 30 min."
    assert held_back == ["primary"]
    assert [row.payload["turn"] for row in await life.log(incident, LogKind.PAGED)] == ["primary", "secondary"]
    assert (
        words.sentence(found, row) == f"The primary on call put off reminders until {row.payload['until'][11:16]} UTC."
    )


@pytest.mark.parametrize("minutes", [0, 481])
async def test_reminders_are_put_off_for_some_hours_at_most(life, minutes):
    incident = await life.opened(big())

    doing = run.snooze(life.deps, incident.id, await life.person("ana"), timedelta(minutes=minutes))

    assert await life.refused(incident, doing) == (
        "Reminders are put off for at most 8 hours. To stop them: /incident quiet."
    )
