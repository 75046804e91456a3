"""/metrics: how the copilot itself does, for who holds the token; the same from every replica."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from incident_copilot.domain.dead_letter import DeadLetter
from incident_copilot.domain.effect import Pin
from incident_copilot.domain.egress import Egress
from incident_copilot.domain.measures import Measures, Phase, Share, Spread
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.store import answers, dead_letters, effects, egress, heard, jobs, model_calls, outages
from incident_copilot.web.metrics import _incidents

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SENT = Egress(
    id="e", at=NOON, endpoint="llm", purpose="brief", prompt="brief 2", characters=9, digest="d" * 64, hidden={}
)


@pytest.fixture
def at_noon(deps):
    return replace(deps, now=lambda: NOON)


async def scraped(client):
    """The samples of the page that are the copilot's, by name and labels."""
    page = await client.get("/metrics")
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(page.text)
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("copilot_")
    }


async def test_new_copilot_has_nothing_to_do(ask):
    async with ask() as client:
        assert await scraped(client) == {
            "copilot_alerts_waiting": 0,
            "copilot_effects_oldest_seconds": 0,
            "copilot_jobs due": 0,
            "copilot_jobs_oldest_seconds": 0,
            "copilot_dead_letters": 0,
            "copilot_chat_away": 0,
            "copilot_answers_judged yes": 0,
            "copilot_answers_judged no": 0,
        }


async def test_what_waits_and_what_was_asked_is_counted(ask, at_noon, open_incident):
    await open_incident(at_noon.db)
    letter = DeadLetter(id="d", source="prod", why="no JSON", headers={}, body=b"b", received_at=NOON)
    call = ModelCall(model="m", outcome="answered", latency_ms=10, input_tokens=5, output_tokens=2)
    async with at_noon.db.transaction() as tx:
        early = NOON - timedelta(seconds=30)
        await effects.enqueue(tx, workspace_id="w", incident_id=None, stream="s", deed=Pin(slot="card"), now=early)
        await jobs.enqueue(tx, workspace_id="w", kind="k", key="k", lane="l", run_at=early, payload={})
        await dead_letters.keep(tx, "w", letter)
        await heard.note(tx, "w", {"prod": 4.5}, NOON)
        await outages.note(tx, "w", code=None, error="HTTP 503", now=early, try_at=NOON)
        for made in (call, call.model_copy(update={"outcome": "no answer in 5 s"})):
            await model_calls.add(tx, workspace_id="w", incident_id=None, purpose="brief", call=made, now=early)
        await egress.add(tx, "w", None, SENT)
        await egress.note_answer(tx, SENT, model="m", sentences=3, struck=1)
        asked = {"person": "U0ANA", "channel": "C1", "thread_ts": "1.1", "topic": "cause", "now": early}
        await answers.begin(tx, "w", "a" * 32, incident_id=None, **asked)
        await answers.judge(tx, "w", "a" * 32, "U0ANA", helpful=True, now=NOON)

    async with ask(deps=at_noon) as client:
        found = await scraped(client)

    assert {name: value for name, value in found.items() if value} == {
        "copilot_incident_phase_count detect P1": 1,
        "copilot_incident_phase_count detect all": 1,
        "copilot_incidents_running P1": 1,
        "copilot_effects_open pending": 1,
        "copilot_effects_oldest_seconds": 30,
        "copilot_jobs due": 1,
        "copilot_jobs_oldest_seconds": 30,
        "copilot_dead_letters": 1,
        "copilot_source_heard_timestamp_seconds prod": NOON.timestamp(),
        "copilot_source_lag_seconds prod": 4.5,
        "copilot_chat_away": 1,
        "copilot_model_calls_day m answered brief": 1,
        "copilot_model_calls_day m failed brief": 1,
        "copilot_model_tokens_day input m brief": 10,
        "copilot_model_tokens_day output m brief": 4,
        "copilot_model_failures_in_a_row m": 1,
        "copilot_model_sentences_day m stood brief 2": 2,
        "copilot_model_sentences_day m struck brief 2": 1,
        "copilot_answers_day answering": 1,
        "copilot_answers_judged yes": 1,
    }


async def test_without_the_token_nothing_is_told(ask):
    async with ask("http://copilot.example.net", local_only=False, page_token="t0ken") as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/metrics", headers={"Authorization": "Bearer t0ken"})).status_code == 200


def test_measures_are_figures_of_bounded_labels():
    now = datetime(2026, 11, 28, tzinfo=UTC)
    took = {Phase.RESOLVE: Spread(number=3, mean=90.0, median=60.0, p90=180.0)}
    share = Share(name="action", part=5, whole=6, low=0.5, high=0.94)
    rating = Spread(number=2, mean=4.5, median=4.5, p90=5.0)
    measured = Measures(since=now, until=now, incidents=3, times=took, accepted=(share,), rating=rating)

    found = {
        (sample.name.removeprefix("copilot_"), *sample.labels.values()): sample.value
        for family in _incidents(measured)
        for sample in family.samples
    }

    assert found == {
        ("incident_phase_seconds", "resolve", "all", "median"): 60.0,
        ("incident_phase_seconds", "resolve", "all", "p90"): 180.0,
        ("incident_phase_seconds", "resolve", "all", "mean"): 90.0,
        ("incident_phase_count", "resolve", "all"): 3.0,
        ("suggestions_decided", "action", "taken"): 5.0,
        ("suggestions_decided", "action", "rejected"): 1.0,
        ("rating",): 4.5,
    }
