"""What is measured of incidents and the copilot, computed from rows that are written out here."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, CatalogPerson
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.measures import Load, Measures, Phase, Rule, Share
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats import told
from incident_copilot.pipeline.stats.gathered import Gathered
from incident_copilot.pipeline.stats.load import is_night
from incident_copilot.pipeline.stats.measured import measures
from pipeline import samples
from pipeline.samples import NOON

DEPS = Deps(
    db=None,
    now=lambda: NOON,
    workspace_id="w",
    chat=None,
    catalog=Catalog(people=(CatalogPerson(slack="U0BEN", zone="America/Los_Angeles"),)),
    runbooks=None,
)


def incident(number, *, took=30, days_ago=1, acknowledged=5, **fields):
    """An incident that opened a minute after its onset and took so many minutes."""
    began = NOON - timedelta(days=days_ago)
    values = {
        "id": f"i{number}",
        "number": number,
        "severity": Severity.P1,
        "service": "checkout",
        "started_at": began,
        "opened_at": began + timedelta(minutes=1),
        "acknowledged_at": began + timedelta(minutes=1 + acknowledged) if acknowledged else None,
        "ended_at": began + timedelta(minutes=took) if took else None,
        "ending": Ending.RESOLVED if took else None,
    }
    return samples.incident(**values | fields)


def row(number, kind, actor="U0ANA", at=NOON, **payload):
    return LogEntry(
        seq=1,
        chain="c",
        workspace_id="w",
        incident_id=f"i{number}",
        at=at,
        actor=actor,
        kind=kind,
        payload=payload,
        prev_hash="",
        hash="",
    )


def gathered(*those, **fields):
    values = {
        "since": NOON - timedelta(days=30),
        "until": NOON,
        "rule": Rule(),
        "incidents": those,
        "before": (),
        "left_out": 0,
        "rows": (),
        "proposals": (),
        "first_seen": {one.id: one.opened_at for one in those},
        "spent": {},
        "endings": {},
        "stars": (),
        "names": {"U0ANA": "Ana"},
    }
    return Gathered(**values | fields)


def measured(*those, **fields):
    return measures(DEPS, gathered(*those, **fields))


def parts(shares):
    return [(one.name.partition(":")[0], one.part, one.whole) for one in shares]


def test_nothing_is_measured_of_nothing():
    found = measured()

    assert (found.times, found.accepted, found.rating, found.load, found.saved.minutes) == ({}, (), None, (), 0)
    assert told.lines(found) == ["0 incidents in 30 days"]
    assert told.shortest(found) == "Last 30 days: 0 incidents · /incident stats"


def test_the_four_times_are_told_with_their_trend():
    now = [incident(number, took=20 + number) for number in range(1, 7)]
    before = [incident(10 + number, took=60 + number, days_ago=40) for number in range(1, 6)]
    open_one = incident(9, took=None, acknowledged=None, service=None, incident_type="data_quality")

    found = measured(*now, open_one, before=before)

    assert told.times(found) == [
        (
            "MTTD (to detect): median 60 s, likely 60 s to 60 s, p90 60 s, mean 60 s (n 7); "
            "before: 60 s (n 5), no clear change"
        ),
        (
            "MTTA (to acknowledge): median 5 min, likely 5 min to 5 min, p90 5 min, mean 5 min (n 6); "
            "before: 5 min (n 5), no clear change"
        ),
        (
            "MTTR (to resolve): median 24 min, likely 21 min to 26 min, p90 26 min, mean 24 min (n 6); "
            "before: 63 min (n 5), shorter now"
        ),
    ]
    assert told.groups(found, "service") == [
        "checkout: MTTD 60 s (n 6), MTTA 5 min (n 6), MTTR 24 min (n 6)",
        "unknown: MTTD 60 s (n 1)",
    ]
    assert sorted(found.by["type"]) == ["availability", "data_quality"]
    assert [(one.incidents, one.resolve_s) for one in found.weeks][-1] == (7, 23.5 * 60)
    assert len(found.weeks) == 5
    assert told.shortest(found) == "Last 30 days: 7 incidents · median 24 min to resolve · /incident stats"


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ((30,), (), "nothing to compare with"),
        ((30,), (20,), "before: 20 min (n 1), too few to tell"),
        ((50, 51, 52, 53, 54), (20, 21, 22, 23, 24), "before: 22 min (n 5), longer now"),
    ],
)
def test_a_trend_is_said_only_where_it_is_clear(now, before, said):
    found = measured(
        *(incident(number, took=took) for number, took in enumerate(now)),
        before=[incident(50 + number, took=took) for number, took in enumerate(before)],
    )

    assert told.trend(found.times[Phase.RESOLVE]) == said


def put(kind, state, **fields):
    return samples.proposal(kind, state=state, decided_by="U0ANA", **fields)


def test_acceptance_edits_cost_rating_and_time_saved():
    states = ProposalState
    decided = [
        put(ProposalKind.ACTION, states.CARRIED_OUT),
        put(ProposalKind.ACTION, states.REJECTED),
        put(ProposalKind.UPDATE, states.APPROVED),
        put(ProposalKind.UPDATE, states.APPROVED, version=2),
        put(ProposalKind.CHECK, states.DONE, requested_by="U0ANA"),
        samples.proposal(ProposalKind.CHECK, state=states.EXPIRED),
    ]
    rows = [
        row(1, LogKind.EDITED, words_before=20, words_changed=5),
        row(1, LogKind.EDITED),
        row(1, LogKind.REVIEWED, "copilot"),
    ]
    spent = {"i1": Spent(steps=3, tokens=9_000, usd=0.04)}

    found = measured(incident(1), proposals=decided, rows=rows, spent=spent, stars=(5, 4))

    assert parts(found.accepted) == [("action", 1, 2), ("check", 1, 1), ("update", 2, 2)]
    assert told.copilot(found)[0] == "Accepted, action: 1 of 2 (50%, likely 14% to 86%)"
    assert told.copilot(found)[3:6] == [
        "Drafts edited: 1, by 25% of their words in the median",
        "Model per incident: $0.04 and 9,000 tokens in the median, $0.04 and 9,000 at p90 (n 1)",
        "Rated by people: 4.5 of 5, median 4.5 (n 2)",
    ]
    # 10 for the brief, 8 and 6 for the drafts, 3 for the action, 45 for the postmortem, less 1 for what was rejected.
    assert found.saved.minutes == 71
    assert found.saved.how[1] == "2 drafts that went out, 8 min each for the part that stood"


def test_detection_and_triage_are_judged_by_what_people_did():
    false = incident(1, ending=Ending.FALSE_ALARM)
    unseen = incident(3)
    rows = [
        row(3, LogKind.DECLARED),
        row(2, LogKind.SEVERITY_SET, **{"from": "P2", "to": "P1"}),
        row(3, LogKind.SEVERITY_SET, **{"from": "P1", "to": "P3"}),
        row(3, LogKind.SEVERITY_SET, **{"from": "P3", "to": "P2"}),
        row(1, LogKind.SEVERITY_SET, "policy:score-sheet", **{"from": "P2", "to": "P1"}),
    ]
    those = (false, incident(2), unseen)
    seen = {one.id: one.opened_at for one in those if one is not unseen}

    found = measured(*those, rows=rows, first_seen=seen)

    assert parts(found.detection) == [
        ("false alarms among incidents opened by alerts", 1, 2),
        ("incidents that people declared and no alert saw", 1, 2),
    ]
    assert parts(found.triage) == [("rated too low", 1, 3), ("rated too high", 1, 3)]
    assert told.quality(found)[0] == ("False alarms among incidents opened by alerts: 1 of 2 (50%, likely 14% to 86%)")


def test_updates_are_on_time_by_the_cadence_of_the_severity():
    began = NOON - timedelta(hours=2)
    one = incident(1, took=60, started_at=began, opened_at=began, ended_at=began + timedelta(minutes=100))

    def published(minutes, audience="internal"):
        return row(1, LogKind.PUBLISHED, at=began + timedelta(minutes=minutes), audience=audience)

    cadence = DEPS.catalog.comms.cadence(Severity.P1).total_seconds() / 60
    in_time, late = published(cadence - 1), published(3 * cadence)
    customers = published(10, "customers")

    quiet = measured(one).updates
    found = measured(one, rows=[in_time, late, customers]).updates

    assert (quiet.part, quiet.whole) == (0, 1)
    assert found.part == 1
    assert found.whole >= 3


def test_what_came_back_within_ninety_days_recurs():
    those = [incident(1, days_ago=1), incident(2, days_ago=5), incident(3, days_ago=2)]

    def ended(one):
        return (one.id, one.ended_at)

    long_ago = ("old", NOON - timedelta(days=100))
    endings = {
        ("HighErrorRate", "checkout"): [long_ago, ended(those[1]), ended(those[0])],
        ("Slow", "search"): [long_ago, ended(those[2])],
    }

    found = measured(*those, endings=endings).recurring

    assert (found.part, found.whole) == (1, 3)


def test_load_counts_calls_at_night_where_people_live():
    rows = [
        row(1, LogKind.ACKNOWLEDGED),
        row(2, LogKind.PAGED, "policy:on-call", NOON, person="U0BEN"),
        row(1, LogKind.PAGED, "policy:on-call", NOON, person="U0ANA"),
        row(1, LogKind.PAGED, "policy:on-call", NOON, person="pager:pd"),
    ]

    found = measured(incident(1, commander="U0ANA"), incident(2), rows=rows)

    assert found.load == (
        Load(person="U0BEN", name="U0BEN", incidents=1, led=0, calls=1, at_night=1),
        Load(person="U0ANA", name="Ana", incidents=1, led=1, calls=1, at_night=0),
    )
    assert told.loads(found)[1] == "Ana: 1 incidents, led 1, called 1 times, 0 at night"
    assert [is_night(NOON.replace(hour=hour), "UTC") for hour in (6, 7, 21, 22)] == [True, False, False, True]


def test_csv_has_every_measure_and_no_formula():
    whole = measured(
        incident(1, service="=cmd()"),
        proposals=[put(ProposalKind.ACTION, ProposalState.CARRIED_OUT)],
        rows=[row(1, LogKind.ACKNOWLEDGED)],
        stars=(5,),
        left_out=3,
        rule=Rule(severity="P1"),
    )
    shadow = (Share(name="action", part=1, whole=2, low=0.1, high=0.9),)

    written = told.as_csv(whole.model_copy(update={"shadowed": shadow})).splitlines()

    assert written[0].split(",") == list(told.COLUMNS)
    assert {line.count(",") for line in written} == {len(told.COLUMNS) - 1}
    assert "service,'=cmd(),MTTR,1,1800.0,1800.0,1800.0,,,,0" in written
    assert "accepted,action,share,1,1.0,,,0.224,0.975,," in written
    assert "shadow,action,share,2,0.5,,,0.1,0.9,," in written
    assert "person,Ana,at night,0,,,,,,," in written
    assert told.heading(whole) == "1 incident in 30 days (severity P1); the oldest are left out, 3 or more"
    assert told.copilot(Measures(since=NOON, until=NOON, shadowed=shadow)) == [
        "In shadow, action, people did the same: 1 of 2 (50%, likely 10% to 90%)"
    ]
