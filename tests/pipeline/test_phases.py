"""The five phases of looking into an AI system: each says what it found, citing what is held, or could not look at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.evidence import ContextBundle, EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Phase, PhaseFound
from incident_copilot.domain.observation import Figure, Interaction, Observed, Signal, SignalKind, Snapshot
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.pipeline import picture
from incident_copilot.pipeline.gather_context import _look_into
from incident_copilot.pipeline.investigate import investigate
from incident_copilot.pipeline.investigating.monitored import monitor_evidence
from incident_copilot.pipeline.investigating.observed import (
    Watched,
    bad_share_evidence,
    is_bad,
    request_evidence,
    series_evidence,
    system_names,
    watched,
)
from incident_copilot.pipeline.investigating.past import Past
from incident_copilot.store import interactions, observations

from .samples import NOON, alert, change, evidence, incident, points

ONSET = NOON - timedelta(minutes=10)
SERVICES = (
    Service(name="answers", depends_on=("retriever", "model-x", "documents")),
    Service(name="retriever", depends_on=("documents",)),
    Service(name="model-x", kind="model"),
    Service(name="documents", kind="dataset"),
)
OLD_DOCUMENTS = Verdict.model_validate(
    {"system": "answers", "monitor": "data", "metric": "data.age_s", "outcome": "firing", "kind": "bad_data"}
    | {"incident_type": "data_quality", "summary": "The newest document is 9 h old.", "at": NOON}
)
FINE = OLD_DOCUMENTS.model_copy(update={"metric": "data.missing.row", "outcome": Outcome.FINE, "summary": ""})
UNFAIR = OLD_DOCUMENTS.model_copy(
    update={"metric": "fairness.parity", "incident_type": AiIncident.BIAS, "summary": "A gap of 12 points."}
)
DROP = alert(
    "QualityDrop",
    service="answers",
    expression=None,
    labels={"system": "answers", "metric": "quality.accuracy", "group": "", "incident_type": "quality_degradation"},
)


@pytest.fixture
def looking(deps):
    return replace(deps, catalog=Catalog(services=SERVICES))


def accuracy(minutes_before, successes, **labels):
    figure = Figure(metric="quality.accuracy", successes=successes, n=100)
    return Observed(at=NOON - timedelta(minutes=minutes_before), figure=figure, labels=labels)


def answered(number, minutes_before, *, bad, **labels):
    signals = (Signal(kind=SignalKind.LOW_QUALITY),) if bad else ()
    at = NOON - timedelta(minutes=minutes_before)
    return Interaction(system="answers", id=str(number), at=at, labels=labels, signals=signals)


def seen():
    """Accuracy fell ten minutes before noon, for the answers of v2 alone; outputs became longer."""
    figures = [accuracy(60 - place, 92 if place < 50 else 70) for place in range(60)]
    figures += [
        Observed(at=NOON - timedelta(minutes=ago), figure=Figure(metric="output.length", counts=counts))
        for ago, counts in ((40, {"0-100": 900, "100-1000": 100}), (5, {"0-100": 400, "100-1000": 600}))
    ]
    figures += [
        Observed(at=NOON - timedelta(minutes=ago), figure=Figure(metric="output.tone", counts={"kind": 90, "curt": 10}))
        for ago in (40, 5)
    ]
    importances = {"ranker": ((40, {"age": 50, "topic": 50}), (5, {"age": 20, "topic": 80})), "gone": ((5, {"a": 1}),)}
    importances["still"] = ((40, {"a": 50, "b": 50}), (5, {"a": 52, "b": 48}))
    figures += [
        Observed(at=NOON - timedelta(minutes=ago), figure=Figure(metric=f"importance.{name}", counts=counts))
        for name, told in importances.items()
        for ago, counts in told
    ]
    requests = [answered(place, 30, bad=place < 5, version="v1") for place in range(100)]
    requests += [answered(1000 + place, 5, bad=place < 4, version="v1") for place in range(80)]
    requests += [answered(2000 + place, 5, bad=place < 45, version="v2") for place in range(80)]
    week_before = [Observed(at=one.at - timedelta(days=7), figure=accuracy(0, 92).figure) for one in figures[:60]]
    return Watched("answers", figures, requests, (OLD_DOCUMENTS, FINE, UNFAIR), week_before)


def look(deps, *items, watched=None, gaps=(), about=DROP, **fields):
    given = incident(service="answers", incident_type="quality_degradation", **fields)
    members = [about] if about else []
    held = evidence(EvidenceKind.ALERT, title="QualityDrop on answers", data={})
    told = ContextBundle(evidence=(held, *items), gaps=gaps)
    found, charts, whole = _look_into(deps, given, members, told, Past(), {}, watched)
    return found, charts, whole


def test_each_phase_says_what_it_found_and_cites_what_is_held(looking):
    new_model = change("model-x", "v2", seconds_before=660, data={"kind": "model"})
    reindex = change("documents", "r9", seconds_before=3600, data={"kind": "dataset"})
    rollout = change("retriever", "v7", seconds_before=7000)
    provider = evidence(
        EvidenceKind.STATUS_PAGE,
        title="Acme AI",
        data={"provider": "Acme AI", "state": "degraded", "since": None, "detail": "slow answers"},
    )
    slow = evidence(
        title="retriever latency",
        query="l",
        data={"points": points((80, 0.1), (41, 2.0)), "unit": "s", "service": "retriever"},
    )

    now = NOON.timestamp()
    lines = [
        [now - 590 + 9 * place, f"ERROR index lookup failed, connection timed out id={place}"] for place in range(60)
    ]
    data = {"lines": lines, "truncated": False, "service": "retriever", "since": now - 3600, "until": now}
    logged = evidence(EvidenceKind.LOG, title="Errors of retriever", query=None, data=data)

    found, charts, whole = look(looking, new_model, reindex, rollout, provider, slow, logged, watched=seen())

    brief = found.brief
    by_phase = {one.phase: one for one in brief.phases}
    assert list(by_phase) == list(Phase)
    assert found.started_at == ONSET
    statistical = [one.text for one in by_phase[Phase.STATISTICAL].found]
    assert statistical[:2] == [
        "quality.accuracy of answers changed its level at 11:50 UTC",
        "It was 92 % at the same hours a week before and is 70 % now: it is not of the season",
    ]
    assert statistical[2].startswith("With it retriever latency rose from 101 ms to 2.02 s (correlation -1.00")
    assert any(one.text.startswith("retriever: retriever latency rose") for one in by_phase[Phase.COMPONENTS].found)
    assert any(one.text.startswith("retriever says since then: ") for one in by_phase[Phase.COMPONENTS].found)
    assert reindex.summary in [one.text for one in by_phase[Phase.LINEAGE].found]
    assert "The newest document is 9 h old" in [one.text for one in by_phase[Phase.LINEAGE].found]
    told = [one.text for one in by_phase[Phase.MODEL].found]
    assert told[0].startswith("version=v2 carries 100% of the loss")
    assert new_model.summary in told
    assert [text for text in told if " counts for " in text] == [
        "topic counts for 80% of what ranker decides, 50% before"
    ]
    assert told[-1].startswith("The distribution of output length shifted, most at ")
    assert by_phase[Phase.ENVIRONMENT].found[0].text == "Acme AI reports degraded: slow answers"
    assert rollout.summary in [one.text for one in by_phase[Phase.ENVIRONMENT].found]
    monitors = next(item for item in whole.evidence if item.title == "Monitors of answers")
    assert (monitors.summary, monitors.data["text"]) == (
        "1 of 2 metrics are not as they were.",
        "The newest document is 9 h old.",
    )
    assert [one["metric"] for one in monitors.data["findings"]] == ["data.age_s", "data.missing.row"]
    assert (monitors.id,) in [one.evidence_ids for one in by_phase[Phase.LINEAGE].found]
    assert not [one for phase in brief.phases for one in phase.found if "12 points" in one.text]
    cited = {ref for phase in brief.phases for one in phase.found for ref in one.evidence_ids}
    assert cited <= {item.id for item in whole.evidence}
    assert all(one.evidence_ids for phase in brief.phases for one in phase.found)
    assert [one.title for one in charts] == ["quality.accuracy of answers"]
    assert picture.slot_of(whole.evidence[-1]) != charts[0].slot
    (requests,) = [item for item in whole.evidence if "values" in item.data]
    assert [(one["value"], one["stands_out"]) for one in requests.data["values"]] == [("v2", True), ("v1", False)]


def test_phases_say_what_they_could_not_look_at(deps):
    found, _, _ = look(deps, gaps=(EvidenceGap(source="Loki", reason="no answer in 3 s"),))

    assert {one.phase: one.missing for one in found.brief.phases} == {
        Phase.STATISTICAL: ("no series shows when it began", "no series is long enough to compare with its usual"),
        Phase.COMPONENTS: ("the catalogue names nothing that answers calls", "nothing is measured of answers"),
        Phase.LINEAGE: ("the catalogue names no dataset, feature or index that answers uses",),
        Phase.MODEL: ("no requests are stored, so no slice can be looked at",),
        Phase.ENVIRONMENT: ("no provider's status page is set up", "Loki: no answer in 3 s"),
    }
    assert found.brief.phases[3].text == "could not look: no requests are stored, so no slice can be looked at"


def test_the_model_whose_requests_carry_the_loss_is_the_likely_cause(looking):
    promoted = change("answers", "v2", seconds_before=660, data={"kind": "model", "previous": "v1"})
    reindex = change("documents", "r9", seconds_before=700, data={"kind": "dataset"})

    found, _, whole = look(looking, promoted, reindex, watched=seen())

    requests = next(item.id for item in whole.evidence if "values" in item.data)
    assert found.brief.cause == "Likely cause: answers v2"
    because = found.brief.suspect.supporting[-1]
    assert because.text == "version=v2 carries 100% of the loss"
    assert because.evidence_ids == (promoted.id, requests)
    assert found.brief.first_step.text == "Roll back answers to v1"


def test_a_change_of_level_before_the_one_of_the_alert_is_told(looking):
    figures = [accuracy(90 - place, 97 if place < 30 else 92 if place < 80 else 70) for place in range(90)]

    found, _, _ = look(looking, watched=Watched("answers", figures))

    assert [one.text for one in found.brief.phases[0].found[:2]] == [
        "quality.accuracy of answers changed its level at 11:50 UTC",
        "It went from 97 % to 92 % at 11:00 UTC before",
    ]


def test_phase_that_found_nothing_says_that_all_is_as_usual_and_requests_that_no_slice_stands_out(looking):
    calm = Watched(
        "answers", (), [answered(place, 30 if place < 50 else 0, bad=False, version="v1") for place in range(90)]
    )

    found, _, _ = look(looking, watched=calm)

    model = found.brief.phases[3]
    assert model.text == "No slice stands out: 0 of 40 requests that are known since 12:00 UTC were answered badly."
    assert PhaseFound(phase=Phase.MODEL).text == "all is as usual"
    assert "no run over documents was told of" in found.brief.phases[2].missing


def test_other_incidents_have_no_phases(deps):
    about = incident()

    assert investigate(deps, about, [alert()], ContextBundle()).brief.phases == ()


def test_series_of_versions_are_kept_apart_and_those_a_monitor_finds_wrong_come_first(deps):
    figures = [accuracy(5, 80, version="v2"), accuracy(4, 90, version="v1")]
    figures.append(Observed(at=NOON, figure=Figure(metric="performance.latency_p95_s", value=2.0)))
    figures.append(Observed(at=NOON, figure=Figure(metric="output.length", counts={"1": 1})))
    verdict = seen().verdicts[0].model_copy(update={"metric": "performance.latency_p95_s"})

    made = series_evidence(deps, incident(), Watched("answers", figures, (), (verdict,)))

    assert [(one.title, one.data["unit"], one.data["labels"]) for one in made] == [
        ("performance.latency_p95_s of answers", "", {}),
        ("quality.accuracy of answers v1", "ratio", {"version": "v1"}),
        ("quality.accuracy of answers v2", "ratio", {"version": "v2"}),
    ]


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 9), ("Europe/Berlin", 10)])
def test_a_week_later_is_the_same_time_by_the_clock_of_the_business(deps, zone, hour):
    then = [Observed(at=datetime(2026, 10, 20, 9, tzinfo=UTC), figure=accuracy(0, 90).figure)]

    (made,) = series_evidence(deps, incident(), Watched("answers", [accuracy(5, 80)], week_before=then, zone=zone))

    assert made.data["week_before"] == [[datetime(2026, 10, 27, hour, tzinfo=UTC).timestamp(), 0.9]]


def test_the_week_before_is_told_with_a_series_of_any_version(deps):
    week = timedelta(days=7)
    then = [Observed(at=NOON - week, figure=accuracy(0, 90).figure, labels={"version": "v0"})]
    then.append(Observed(at=NOON - week, figure=Figure(metric="output.length", counts={"1": 1})))
    figures = [accuracy(5, 80, version="v2")]

    (made,) = series_evidence(deps, incident(), Watched("answers", figures, week_before=then))

    assert made.data["week_before"] == [[NOON.timestamp(), 0.9]]


def test_without_anything_judged_monitors_say_nothing(deps):
    unknown = OLD_DOCUMENTS.model_copy(update={"outcome": Outcome.UNKNOWN})
    fine = monitor_evidence(deps, incident(), Watched("answers", verdicts=(FINE,)))

    assert monitor_evidence(deps, incident(), Watched("answers", verdicts=(unknown, UNFAIR))) == []
    assert [one.data["text"] for one in fine] == ["All metrics are as they were."]


def test_what_is_restricted_is_told_in_its_own_incidents_alone(deps):
    about = incident(incident_type="bias_and_fairness")
    names = ("fairness.positive_rate", "safety.toxicity", "quality.accuracy")
    figures = [Observed(at=NOON, figure=Figure(metric=name, value=0.1)) for name in names]
    told = {
        name: [one.query for one in series_evidence(deps, incident(incident_type=name), Watched("answers", figures))]
        for name in ("bias_and_fairness", "prompt_injection", "quality_degradation")
    }

    assert told == {
        "bias_and_fairness": ["answers fairness.positive_rate", "answers quality.accuracy"],
        "prompt_injection": ["answers quality.accuracy", "answers safety.toxicity"],
        "quality_degradation": ["answers quality.accuracy"],
    }

    (made,) = monitor_evidence(deps, about, Watched("answers", verdicts=(UNFAIR,)))

    assert made.data["text"] == "A gap of 12 points."


def test_series_that_nobody_stored_a_week_before_says_so(looking):
    found, _, _ = look(looking, watched=replace(seen(), week_before=()))

    assert found.brief.phases[0].missing == ("nothing is known of quality.accuracy of answers a week before",)


def test_long_series_are_thinned_to_the_mean_of_neighbours(deps):
    figures = [accuracy(600 - place / 2, 80 + 10 * (place % 2)) for place in range(1200)]

    (made,) = series_evidence(deps, incident(), Watched("answers", figures))

    assert len(made.data["points"]) == 300
    assert {round(value, 6) for _, value in made.data["points"]} == {0.85}


def test_share_of_bad_requests_tells_the_onset_where_the_alert_has_no_series(looking):
    requests = [
        answered(place, 60 - place / 5, bad=place >= 200 and place % 2 == 0, version="v1") for place in range(300)
    ]

    found, _, _ = look(looking, watched=Watched("answers", (), requests))
    few = bad_share_evidence(looking, incident(), Watched("answers", (), requests[:15]))

    assert NOON - timedelta(minutes=21) <= found.started_at <= NOON - timedelta(minutes=19)
    assert found.brief.phases[0].found[0].text.startswith("bad requests of answers changed its level at 11:")
    assert few == []


def test_requests_say_which_slice_explains_another(deps):
    requests = [answered(place, 30, bad=False, version="v1", language="en") for place in range(200)]
    for place in range(200):
        version, language = ("v2", "de") if place < 90 else ("v2" if place < 110 else "v1", "en")
        language = "de" if 110 <= place < 120 else language
        requests.append(
            answered(1000 + place, 5, bad=version == "v2" and place % 2 == 0, version=version, language=language)
        )

    (made,) = request_evidence(deps, incident(), Watched("answers", (), requests), ONSET)

    assert made.data["text"].splitlines()[-1].endswith("(explained by version=v2)")
    assert made.summary == "55 of 200 requests that are known since 11:50 UTC were answered badly."


@pytest.mark.parametrize(
    ("told", "bad"),
    [
        ({"feedback": -1.0}, True),
        ({"score": 0.49}, True),
        ({"score": 0.5, "feedback": 0.5}, False),
        ({"signals": (Signal(kind=SignalKind.LOW_QUALITY),)}, True),
        ({"signals": (Signal(kind=SignalKind.ANOMALY),)}, False),
        ({}, False),
    ],
)
def test_request_is_bad_where_something_was_found_wrong_or_its_user_said_so(told, bad):
    assert is_bad(Interaction(system="s", id="1", at=NOON, **told)) is bad


async def test_what_is_stored_of_the_system_is_found_by_its_name(deps, db):
    async with db.transaction() as tx:
        await interactions.add_all(tx, "w", [answered(1, 5, bad=True)])
        old = Snapshot(system="answers", id="1", at=NOON - timedelta(days=7), figures=(accuracy(0, 90).figure,))
        await observations.add_all(tx, "w", [old])
        nothing = await watched(tx, deps, incident(service="shop"), [])
        found = await watched(tx, deps, incident(service="shop"), [DROP])

    assert nothing is None
    assert (found.system, [one.id for one in found.requests], found.figures) == ("answers", ["1"], [])
    assert [one.at for one in found.week_before] == [NOON - timedelta(days=7)]
    assert request_evidence(deps, incident(), replace(found, requests=()), NOON) == []


def test_system_is_named_by_the_alert_before_its_service():
    assert system_names(incident(service="shop"), [DROP, alert(service=None)]) == ["answers", "shop"]
