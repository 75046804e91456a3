"""Prometheus' HTTP API as the world answers it."""

import pytest

ERRORS = 'job:http_errors:ratio{service="checkout"}'
ERROR_LABELS = {"__name__": "job:http_errors:ratio", "cluster": "eu-1", "env": "production", "service": "checkout"}
API = "/prometheus/api/v1"


def unix(running, at_s):
    return running.world.alert_at.timestamp() + at_s


async def matrix(running, query, start_s=-300, end_s=0, step=15):
    answer = await running.get(
        f"{API}/query_range", query=query, start=unix(running, start_s), end=unix(running, end_s), step=step
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["data"]["resultType"]) == ("success", "matrix")
    return body["data"]["result"]


async def test_range_shows_the_onset_three_minutes_before_the_alert(bad_deploy):
    [errors] = await matrix(bad_deploy, f"{ERRORS} > 0")
    values = {round(at - unix(bad_deploy, 0)): float(value) for at, value in errors["values"]}

    assert errors["metric"] == ERROR_LABELS
    assert list(values) == list(range(-300, 1, 15))
    assert all(value < 0.006 for at_s, value in values.items() if at_s < -180)
    assert all(value > 0.05 for at_s, value in values.items() if at_s >= -180)
    assert round(values[0], 2) == 0.2


async def test_same_question_gets_the_same_answer(bad_deploy):
    before = await matrix(bad_deploy, '{service="payments"}')
    bad_deploy.elapsed_s = 45

    assert await matrix(bad_deploy, '{service="payments"}') == before


async def test_nothing_is_known_of_the_future_or_of_long_ago(bad_deploy):
    [errors] = await matrix(bad_deploy, ERRORS, start_s=0, end_s=300, step="30s")

    assert [round(at - unix(bad_deploy, 0)) for at, _ in errors["values"]] == [0, 30]
    assert await matrix(bad_deploy, ERRORS, start_s=-90 * 86_400, end_s=-89 * 86_400, step="1h") == []


async def test_threshold_filters_samples(bad_deploy):
    [errors] = await matrix(bad_deploy, f"{ERRORS} > 5e-2")

    assert [round(at - unix(bad_deploy, 0)) for at, _ in errors["values"]] == list(range(-180, 1, 15))


async def test_computed_expression_comes_without_metric_name(bad_deploy):
    [latency] = await matrix(bad_deploy, bad_deploy.world.scenario.alerts[1].expr)

    assert latency["metric"] == {"cluster": "eu-1", "env": "production", "service": "payments"}


async def test_instant_query_answers_a_vector(bad_deploy):
    answer = await bad_deploy.get(f"{API}/query", query=ERRORS)
    [sample] = answer.json()["data"]["result"]

    assert answer.json()["data"]["resultType"] == "vector"
    assert sample["metric"] == ERROR_LABELS
    assert sample["value"][0] == unix(bad_deploy, 30)
    assert round(float(sample["value"][1]), 2) == 0.2


async def test_instant_query_takes_a_form_and_a_time(bad_deploy):
    answer = await bad_deploy.client.post(
        f"{API}/query", data={"query": f"{ERRORS} < 0.05", "time": "2026-11-21T08:50:00Z"}
    )

    assert [round(float(sample["value"][1]), 3) for sample in answer.json()["data"]["result"]] == [0.004]


@pytest.mark.parametrize(("ahead_s", "expected"), [(5, 1), (3600, 0)])
async def test_clock_a_little_ahead_still_gets_the_newest_sample(bad_deploy, ahead_s, expected):
    answer = await bad_deploy.get(f"{API}/query", query=ERRORS, time=unix(bad_deploy, 30 + ahead_s))

    assert len(answer.json()["data"]["result"]) == expected


async def test_threshold_filters_an_instant_query(bad_deploy):
    answer = await bad_deploy.get(f"{API}/query", query=f"{ERRORS} > 0.9")

    assert answer.json() == {"status": "success", "data": {"resultType": "vector", "result": []}}


async def test_unknown_series_is_an_empty_answer(bad_deploy):
    assert await matrix(bad_deploy, 'nothing_like_it{service="checkout"}') == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"query": "up{"}, 'invalid parameter "query": 1:4: parse error: unclosed left bracket "{"'),
        ({"query": ""}, 'invalid parameter "query": 1:1: parse error: no expression found in input'),
        ({"start": "noon"}, 'invalid parameter "start": cannot parse "noon" to a valid timestamp'),
        ({"end": ""}, 'invalid parameter "end": cannot parse "" to a valid timestamp'),
        ({"end": "1"}, 'invalid parameter "end": end timestamp must not be before start time'),
        ({"step": "often"}, 'invalid parameter "step": cannot parse "often" to a valid duration'),
        (
            {"step": "0"},
            (
                'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
                "Try a positive integer"
            ),
        ),
        (
            {"step": "1ms"},
            (
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            ),
        ),
    ],
)
async def test_bad_parameter_is_refused_in_prometheus_words(bad_deploy, changed, error):
    asked = {"query": "up", "start": "100", "end": "200", "step": "15"} | changed

    answer = await bad_deploy.get(f"{API}/query_range", **asked)

    assert answer.status_code == 400
    assert answer.json() == {"status": "error", "errorType": "bad_data", "error": error}


async def test_series_and_labels_can_be_discovered(bad_deploy):
    found = await bad_deploy.get(f"{API}/series", **{"match[]": '{service="search"}'})
    names = await bad_deploy.get(f"{API}/labels")
    services = await bad_deploy.get(f"{API}/label/service/values")
    metrics = await bad_deploy.get(f"{API}/label/__name__/values", **{"match[]": '{service="search"}'})

    search = {"cluster": "eu-1", "env": "production", "service": "search"}
    assert found.json()["data"] == [
        {"__name__": "job:http_errors:ratio", **search},
        {"__name__": "container_cpu_usage:ratio", **search},
    ]
    assert names.json()["data"] == ["__name__", "cluster", "env", "service"]
    assert services.json()["data"] == ["checkout", "payments", "search"]
    assert metrics.json()["data"] == ["container_cpu_usage:ratio", "job:http_errors:ratio"]


async def test_health_and_build_are_told(bad_deploy):
    healthy = await bad_deploy.get("/prometheus/-/healthy")
    ready = await bad_deploy.get("/prometheus/-/ready")
    build = await bad_deploy.get(f"{API}/status/buildinfo")

    assert (healthy.status_code, ready.status_code) == (200, 200)
    assert build.json()["data"]["version"] == "2.42.0"
