"""What an incident has covered is kept in bounds; what was heard of longest ago goes first."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.footprint import ENDS, NAMES, SERVICES, Footprint

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def alert(name="Slow", after=0, **fields):
    at = NOON + timedelta(seconds=after)
    return Alert(source="s", fingerprint=name, name=name, status=AlertStatus.FIRING, starts_at=at, **fields)


def test_alerts_widen_it():
    first = Footprint().with_alert(
        alert("Crash", labels={"namespace": "shop", "node": "n7"}), "payments", is_fault=True
    )
    both = first.with_alert(alert("Slow", after=30), "checkout", is_fault=False)

    later = NOON + timedelta(seconds=30)
    assert both == Footprint(
        services={"payments": NOON, "checkout": later},
        faults=("payments",),
        names=("Crash", "Slow"),
        kinds=("Crash", "Slow"),
        namespaces=("shop",),
        things=("node n7",),
        last=later,
    )
    assert both.with_alert(alert("Slow"), None, is_fault=True) == both


def test_a_late_word_of_an_earlier_beginning_turns_no_time_back():
    footprint = Footprint().with_alert(alert(after=60), "a", is_fault=False).with_alert(alert(), "a", is_fault=False)

    assert (footprint.services, footprint.last) == (
        {"a": NOON + timedelta(seconds=60)},
        NOON + timedelta(seconds=60),
    )


def test_it_stays_within_its_bounds():
    footprint = Footprint()
    for number in range(300):
        footprint = footprint.with_alert(alert(f"A{number}", after=number), f"s{number}", is_fault=False)
        footprint = footprint.with_end(alert(f"A{number}", after=number), NOON + timedelta(seconds=number))

    assert (len(footprint.services), len(footprint.names), len(footprint.ends)) == (SERVICES, NAMES, ENDS)
    assert ("s299" in footprint.services, "s0" in footprint.services, "A0" in footprint.ends) == (True, False, False)


def test_the_end_is_the_time_the_source_names():
    at = NOON + timedelta(minutes=5)

    assert Footprint().with_end(alert(ends_at=at), NOON).ends == {"Slow": at}


def test_merged_it_holds_what_both_covered():
    one = Footprint().with_alert(alert("A"), "a", is_fault=True)
    other = Footprint().with_alert(alert("B", after=9), "b", is_fault=False)

    both = one.with_other(other)

    assert (both.services, both.names, both.last) == (
        {"b": NOON + timedelta(seconds=9), "a": NOON},
        ("A", "B"),
        NOON + timedelta(seconds=9),
    )
    assert Footprint().with_other(Footprint()) == Footprint()


def test_flaps_are_counted_while_the_end_is_kept():
    footprint = Footprint().with_end(alert("A"), NOON).with_flap(alert("A")).with_flap(alert("A"))

    assert (footprint.flaps, footprint.with_end(alert("B"), NOON).flaps) == ({"A": 2}, {"A": 2})
    for number in range(ENDS):
        footprint = footprint.with_end(alert(f"B{number}"), NOON + timedelta(seconds=number + 1))
    assert footprint.flaps == {}
