"""Loki's HTTP API as the world answers it."""

import pytest

API = "/loki/loki/api/v1"
POOL = '{service="payments"} |= "QueuePool limit of size 4"'


def nanoseconds(running, at_s):
    return str(round((running.world.alert_at.timestamp() + at_s) * 1_000_000_000))


async def ask(running, query, start_s, end_s, **params):
    answer = await running.get(
        f"{API}/query_range",
        query=query,
        start=nanoseconds(running, start_s),
        end=nanoseconds(running, end_s),
        **params,
    )
    assert answer.status_code == 200
    assert answer.json()["status"] == "success"
    return answer.json()["data"]


def lines(data):
    return [(at, line) for stream in data["result"] for at, line in stream["values"]]


@pytest.mark.parametrize(("start_s", "expected"), [(-600, 0), (-240, 0), (-180, 1240), (-60, 1240)])
async def test_new_error_goes_from_nothing_to_1240_a_minute(bad_deploy, start_s, expected):
    data = await ask(bad_deploy, POOL, start_s, start_s + 50 if start_s < -200 else start_s + 60, limit=5000)

    assert data["resultType"] == "streams"
    assert len(lines(data)) == pytest.approx(expected, abs=2)


async def test_streams_carry_labels_and_nanoseconds(bad_deploy):
    data = await ask(bad_deploy, POOL, -60, 0, limit=1)
    [stream] = data["result"]
    [[at, line]] = stream["values"]

    assert stream["stream"] == {"cluster": "eu-1", "env": "production", "service": "payments", "level": "error"}
    assert len(at) == 19
    assert int(nanoseconds(bad_deploy, -1)) < int(at) < int(nanoseconds(bad_deploy, 0))
    assert line.startswith("ERROR [payments] sqlalchemy.exc.TimeoutError: QueuePool limit of size 4 overflow 0 reached")


async def test_newest_come_first_unless_asked_otherwise(bad_deploy):
    everything = lines(await ask(bad_deploy, POOL, -120, -60, limit=5000))
    newest = lines(await ask(bad_deploy, POOL, -120, -60))
    oldest = lines(await ask(bad_deploy, POOL, -120, -60, limit=10, direction="forward"))

    assert newest == everything[:100]
    assert oldest == everything[::-1][:10]


async def test_pages_of_lines_neither_overlap_nor_leave_gaps(bad_deploy):
    everything = lines(await ask(bad_deploy, POOL, -180, -120, limit=5000, direction="forward"))
    paged, start = [], nanoseconds(bad_deploy, -180)
    while page := lines(
        (
            await bad_deploy.get(
                f"{API}/query_range",
                query=POOL,
                start=start,
                end=nanoseconds(bad_deploy, -120),
                limit=300,
                direction="forward",
            )
        ).json()["data"]
    ):
        paged += page
        start = str(int(page[-1][0]) + 1)

    assert len(everything) == 1240
    assert paged == everything


async def test_standing_noise_is_the_same_before_and_after(bad_deploy):
    noise = '{service="payments"} |= "signature verification"'
    counts = [len(lines(await ask(bad_deploy, noise, start_s, start_s + 600))) for start_s in (-1200, -570)]

    assert counts == [60, 60]


async def test_window_defaults_to_the_last_hour_and_ends_now(bad_deploy):
    answer = await bad_deploy.get(f"{API}/query_range", query='{service="search"}', limit=5000)
    future = await ask(bad_deploy, '{service="search"}', 0, 3600, limit=5000)

    assert len(lines(answer.json()["data"])) == pytest.approx(660, abs=2)
    assert len(lines(future)) == pytest.approx(5, abs=2)


async def test_seconds_and_rfc3339_are_taken_as_times(bad_deploy):
    at = bad_deploy.world.alert_at.timestamp()
    seconds = await bad_deploy.get(f"{API}/query_range", query='{service="search"}', start=str(at - 60), end=str(at))
    written = await bad_deploy.get(
        f"{API}/query_range", query='{service="search"}', start="2026-11-21T08:59:00Z", end="2026-11-21T09:00:00Z"
    )

    assert lines(seconds.json()["data"]) == lines(written.json()["data"])
    assert len(lines(seconds.json()["data"])) == 11


async def test_lines_older_than_the_retention_are_gone(bad_deploy):
    data = await ask(bad_deploy, '{service="search"}', -30 * 86_400, -29 * 86_400)

    assert data["result"] == []


async def test_lines_are_counted_over_time(bad_deploy):
    data = await ask(bad_deploy, f"sum by (service) (count_over_time({POOL}[1m]))", -300, -60, step="60s")
    [counted] = data["result"]
    counts = {round(at - bad_deploy.world.alert_at.timestamp()): int(count) for at, count in counted["values"]}

    assert data["resultType"] == "matrix"
    assert counted["metric"] == {"service": "payments"}
    assert counts == {-120: 1240, -60: 1240}


async def test_rate_is_told_per_second_and_per_stream(bad_deploy):
    answer = await bad_deploy.get(f"{API}/query", query='rate({service="payments"} |= "QueuePool"[1m])')
    [sample] = answer.json()["data"]["result"]

    assert answer.json()["data"]["resultType"] == "vector"
    assert sample["metric"] == {"cluster": "eu-1", "env": "production", "service": "payments", "level": "error"}
    assert float(sample["value"][1]) == pytest.approx(1240 / 60, abs=0.1)


async def test_count_of_nothing_is_empty(bad_deploy):
    at = bad_deploy.world.alert_at.timestamp() - 600
    answer = await bad_deploy.get(f"{API}/query", query=f"sum(count_over_time({POOL}[1m]))", time=str(at))
    later = await ask(bad_deploy, 'sum(count_over_time({service="search"}[1s]))', -2000, -1999.5, step="1s")

    assert answer.json()["data"]["result"] == []
    assert later["result"] == []


async def test_labels_can_be_discovered(bad_deploy):
    names = await bad_deploy.get(f"{API}/labels")
    services = await bad_deploy.get(f"{API}/label/service/values")

    assert names.json() == {"status": "success", "data": ["cluster", "env", "level", "service"]}
    assert services.json()["data"] == ["checkout", "payments", "search"]


async def test_readiness_is_told(bad_deploy):
    assert (await bad_deploy.get("/loki/ready")).text == "ready\n"


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"limit": "0"}, "limit must be a positive value"),
        ({"limit": "ten"}, "limit must be a positive value"),
        ({"limit": "5001"}, "max entries limit per query exceeded, limit > max_entries_limit (5001 > 5000)"),
        ({"start": "noon"}, "could not parse 'start' parameter: noon"),
        ({"start": "200", "end": "100"}, "end timestamp must not be before or equal to start time"),
        (
            {"query": '{service="a"'},
            'parse error at line 1, col 13: syntax error: unexpected end of input, expected "}"',
        ),
        ({"query": 'rate({service="a"}[1m])', "step": "often"}, "could not parse 'step' parameter: often"),
        (
            {"query": 'rate({service="a"}[1m])', "step": "1ms"},
            (
                "exceeded maximum resolution of 11,000 points per time series. "
                "Try increasing the value of the step parameter"
            ),
        ),
    ],
)
async def test_bad_parameter_is_refused_in_lokis_words(bad_deploy, params, error):
    answer = await bad_deploy.get(f"{API}/query_range", **({"query": '{service="payments"}'} | params))

    assert (answer.status_code, answer.text) == (400, error)


async def test_lines_are_no_instant_query(bad_deploy):
    answer = await bad_deploy.get(f"{API}/query", query='{service="payments"}')

    assert answer.status_code == 400
    assert answer.text.startswith("log queries are not supported as an instant query type")
