"""What makes two alerts the same problem, and two tellings the same news."""

from datetime import UTC, datetime

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_fingerprint_is_the_same_for_the_same_problem():
    first = fingerprint_of("am", "Down", {"service": "checkout", "pod": "a", "instance": "1"})
    second = fingerprint_of("am", "Down", {"instance": "2", "pod": "b", "service": "checkout"})

    assert first == second
    assert len(first) == 16


def test_fingerprint_differs_by_source_name_and_stable_label():
    made = {
        fingerprint_of("am", "Down", {"service": "checkout"}),
        fingerprint_of("other", "Down", {"service": "checkout"}),
        fingerprint_of("am", "Up", {"service": "checkout"}),
        fingerprint_of("am", "Down", {"service": "search"}),
        fingerprint_of("am", "Down", {"servicech": "eckout"}),
    }

    assert len(made) == 5


def test_state_names_problem_firing_and_status():
    alert = Alert(source="am", fingerprint="f", name="Down", status=AlertStatus.FIRING, starts_at=NOON)

    assert alert.state_key == "f|2026-11-21T12:00:00+00:00|firing"
