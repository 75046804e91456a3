"""That nothing is wrong is said only where enough was measured and nothing is odd."""

from incident_copilot.analysis.findings import Event, Findings
from incident_copilot.analysis.hypotheses import weigh
from incident_copilot.analysis.logs import LogLine, compare_templates
from incident_copilot.analysis.ranking import RankedSeries
from incident_copilot.analysis.readings import Reading

ONSET = 1_700_000_000.0


def reading(name, *, full=False, returned=False, worst=20.0):
    return Reading(name, "db", "%", 20.0, 20.0, worst, "flat", returned, full)


STEADY = {"cpu": reading("cpu"), "memory": reading("memory"), "latency": reading("latency_s")}


def first(readings=STEADY, events=(), **fields):
    told = {f"e#{place}": Event(at, text, "db") for place, (at, text) in enumerate(events)}
    found = Findings(
        alert="a", service="db", onset_at=ONSET, readings=readings, events=told, changes_known=False, **fields
    )
    return weigh(found)[0]


def test_all_that_was_measured_is_as_usual():
    cause = first()

    assert (cause.kind, cause.verdict) == ("nothing is wrong", "possible")
    assert cause.title == "nothing is wrong with db now: there is no active failure"
    assert [one.text for one in cause.supporting] == [
        "cpu stayed within its normal bounds (20 %)",
        "memory stayed within its normal bounds (20 %)",
        "latency_s stayed within its normal bounds (20 %)",
        "no error and no failure is reported that lasts",
    ]


def test_what_a_monitor_has_tested_is_not_taken_for_nothing():
    assert first(is_measured=True).kind != "nothing is wrong"


def test_what_recovered_is_told_first_with_what_mended_it():
    events = [(ONSET, "storage is low, writes fail"), (ONSET + 60, "expansion completed")]

    cause = first({**STEADY, "latency": reading("latency_s", returned=True, worst=90.0)}, events)

    assert cause.mechanism == "What the alert saw has recovered."
    assert [one.text for one in cause.supporting][:2] == [
        "latency_s went from 20 % to 90 % and recovered to 20 %",
        '"expansion completed" at 22:14 UTC',
    ]


def test_nothing_is_called_well_that_was_hardly_measured_or_is_in_trouble():
    odd = RankedSeries("cpu", "db", 9.0, 0.0, 1.0, 2.0, "up", pinned=False, reason="cpu rose")
    lines = [LogLine(ONSET + 1, "write failed")]
    errors = dict(enumerate(compare_templates([], lines, before_s=60, during_s=60)))

    kinds = [
        first({"cpu": reading("cpu")}).kind,
        first({**STEADY, "cpu": reading("cpu", full=True)}).kind,
        first(series={"cpu": odd}).kind,
        first(templates={f"log#{key}": one for key, one in errors.items()}).kind,
        first(events=[(ONSET, "replication failed")]).kind,
    ]

    assert "nothing is wrong" not in kinds
    assert first({**STEADY, "cpu": reading("cpu", returned=True)}, series={"cpu": odd}).kind == "nothing is wrong"
    assert first(events=[(ONSET - 9000, "replication failed")]).kind == "nothing is wrong"
