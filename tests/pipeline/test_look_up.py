"""What is known about an incident: runbooks with their steps, and what was alike before."""

from dataclasses import replace
from datetime import date

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.shelf import Shelf, past_index
from incident_copilot.pipeline import look_up
from incident_copilot.pipeline.investigating import known

BEFORE = PastIncident(
    id="team/disk",
    title="Orders stopped",
    source="team",
    text="Orders stopped because the disk of the volume was full.",
    cause="Logs filled the disk.",
    ended="Deleted old logs.",
    service="orders",
)


@pytest.fixture
def with_past(deps):
    """Deps whose shelf holds one past incident."""

    def made(*past):
        return replace(deps, shelf=Shelf(past=past_index(past, Shelf(), None)))

    return made


async def test_runbooks_are_shown_with_the_reason_and_steps_filled_from_the_incident(deps, db, open_incident):
    incident = await open_incident(db, service="orders", title="DiskFull")

    lines = await look_up.runbooks(deps, incident)

    assert (
        lines[0]
        == "Disk or volume filling up, First five minutes (disk-full#first-five-minutes): answers the alert DiskFull"
    )
    assert lines[1].startswith("1. ")
    assert any(line.startswith("```") for line in lines)


async def test_incident_that_no_runbook_fits_is_told_so(deps, db, open_incident):
    incident = await open_incident(db, service="x", title="Printer jam in office two")

    assert await look_up.runbooks(deps, incident) == ["No runbook fits INC-1, by link, name or words."]


async def test_who_asks_sees_more_similar_incidents_than_the_brief(with_past, db, open_incident):
    incident = await open_incident(db, service="orders", title="Disk of the orders volume is full")
    past = [BEFORE.model_copy(update={"id": f"team/{number}"}) for number in range(7)]
    deps = with_past(*past)

    shown = [line for line in await look_up.similar(deps, incident) if line.startswith("Orders stopped")]

    assert (len(shown), len(known.similar_to(deps, incident, []))) == (5, 3)


async def test_similar_incidents_are_shown_with_what_is_common_and_how_they_ended(with_past, db, open_incident):
    incident = await open_incident(db, service="orders", title="Disk of the orders volume is full")
    past = (BEFORE, BEFORE.model_copy(update={"id": "INC-1", "cause": "", "ended": ""}))

    lines = await look_up.similar(with_past(*past), incident)

    assert lines[0] == "Orders stopped (team/disk)"
    assert lines[1].startswith('The same service, orders; both say "')
    assert lines[2:] == ["Cause then: Logs filled the disk", "Ended by: Deleted old logs"]


async def test_nothing_alike_is_told_with_and_without_past_incidents(deps, with_past, db, open_incident):
    incident = await open_incident(db, service="x", title="Printer jam")

    for one in (deps, with_past(), with_past(BEFORE)):
        assert await look_up.similar(one, incident) == ["Nothing like INC-1 is known."]


async def test_similar_incident_is_evidence(with_past, db, open_incident):
    deps = with_past(BEFORE)
    incident = await open_incident(db, service="orders", title="Disk full")

    (found,) = known.past_evidence(deps, incident, known.similar_to(deps, incident, []))

    assert (found.kind, found.title) == (EvidenceKind.INCIDENT, "Similar: Orders stopped")
    assert found.data == {
        "id": "team/disk",
        "source": "team",
        "happened_on": None,
        "cause": "Logs filled the disk.",
        "ended": "Deleted old logs.",
        "for_models": True,
    }


async def test_day_of_a_past_incident_is_told(with_past, db, open_incident):
    incident = await open_incident(db, service="orders", title="Disk full on the volume")
    dated = BEFORE.model_copy(update={"happened_on": date(2026, 1, 2)})

    lines = await look_up.similar(with_past(dated), incident)

    assert lines[0] == "Orders stopped (team/disk, 2026-01-02)"


async def test_runbook_as_evidence_has_its_steps_with_their_commands(deps, db, open_incident):
    incident = await open_incident(db, title="DiskFull")

    (found, *_) = known.runbook_evidence(deps, incident, known.runbooks_for_alerts(deps, incident, []))

    first, *_ = found.data["steps"]
    number, command, *_ = first.splitlines()
    assert number.startswith("1. ")
    assert command.startswith("   ")
