"""Severities, statuses and the moves between them."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.incident import ALLOWED, Incident, Severity, Status, number_of

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_severities_are_those_of_the_runbook():
    described = [(one.word, one.rank, one.response_time) for one in Severity]

    assert described == [
        ("critical", 0, timedelta(minutes=15)),
        ("high", 1, timedelta(minutes=30)),
        ("medium", 2, timedelta(hours=2)),
        ("low", 3, timedelta(hours=24)),
    ]


def test_no_status_is_a_dead_end_and_none_leads_to_itself():
    assert set(ALLOWED) == set(Status)
    assert all(ALLOWED[status] and status not in ALLOWED[status] for status in Status)


def test_resolved_is_left_only_by_reopening():
    assert ALLOWED[Status.RESOLVED] == {Status.OPEN}


def test_incident_is_called_by_its_number_and_runs_until_it_has_ended():
    incident = Incident(
        id="1",
        workspace_id="w",
        number=42,
        title="t",
        severity=Severity.P1,
        status=Status.OPEN,
        correlation_key="k",
        started_at=NOON,
        opened_at=NOON,
    )

    assert (incident.label, incident.is_running) == ("INC-42", True)
    assert incident.model_copy(update={"ended_at": NOON}).is_running is False


def test_number_is_read_from_what_people_write():
    assert [number_of(text) for text in ("INC-42", "inc-7", "42")] == [42, 7, 42]
    assert [number_of(text) for text in ("", "INC-", "INC-x", "-1", "٣", "1" * 10)] == [None] * 6
