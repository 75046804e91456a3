"""Requests to services of one's own: exactly as written in actions.yaml, once, and read back."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from incident_copilot.errors import OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.plugins.actions.http import Options, create
from incident_copilot.ports import ActionResult

from .acting import approved, request_of, sent

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
URL = "http://models.example.net"
READ = f"{URL}/v1/models/summariser"
PARAMS = {
    "path": "v1/models/summariser/review",
    "body": '{"review": true}',
    "read": "v1/models/summariser",
    "state": json.dumps({"review": "review", "version": "serving.version", "owner": "owner"}),
    "wanted": '{"review": true}',
    "effect": "People look at every answer before it is shown.",
}
WANTED = {"review": "true"}


@pytest.fixture
def action(env):
    return create(replace(env, instance="models"), Options(url=URL))


@pytest.fixture
def there(respx_mock, fixture):
    """Let the service say how it is, changed by keyword."""

    def says(**change):
        respx_mock.get(READ).respond(json=fixture("http_models_summariser") | change)

    return says


async def test_dry_run_shows_the_exact_request_and_what_is_there_now(action, there):
    there()

    shown = await action.dry_run(PARAMS)

    assert request_of(shown) == (f"POST {URL}/v1/models/summariser/review", {"review": True})
    assert shown.state == {"review": "false", "version": "2026-11-18", "owner": "none"}
    assert (shown.current, shown.wanted) == ("review: false, version: 2026-11-18, owner: none", WANTED)


async def test_dry_run_says_when_it_is_so_already(action, there):
    there(review=True)

    assert (await action.dry_run(PARAMS)).current.endswith("It is so already.")


async def test_what_was_approved_is_sent_once_with_the_id_of_the_approval(action, there, respx_mock):
    there()
    route = respx_mock.post(f"{URL}/v1/models/summariser/review").respond(202)

    done = await action.execute(approved(PARAMS, WANTED))

    assert (route.call_count, sent(route)) == (1, {"review": True})
    headers = route.calls.last.request.headers
    assert (headers["idempotency-key"], headers["authorization"]) == ("key-1", "Bearer s3cret")
    assert done == ActionResult(ok=True, summary="People look at every answer before it is shown: models took it.")


async def test_nothing_is_sent_where_it_is_so_already_or_is_not_what_was_approved(action, there):
    there(review=True)

    assert (await action.execute(approved(PARAMS, WANTED))).summary.startswith("Nothing to do: ")
    other = await action.execute(approved(PARAMS, {"review": "false"}))
    assert (other.ok, "is not what was approved" in other.summary) == (False, True)


async def test_refusal_is_a_result_and_a_lost_answer_an_unknown_outcome(action, there, respx_mock):
    there()
    route = respx_mock.post(f"{URL}/v1/models/summariser/review")
    route.side_effect = [httpx.Response(409, json={"error": "frozen"}), httpx.ReadTimeout("late"), httpx.Response(429)]

    refused = await action.execute(approved(PARAMS, WANTED))
    with pytest.raises(OutcomeUnknown):
        await action.execute(approved(PARAMS, WANTED))
    with pytest.raises(VendorUnavailable):
        await action.execute(approved(PARAMS, WANTED))

    assert (refused.ok, "frozen" in refused.summary) == (False, True)


async def test_what_might_be_repeated_is_sent_once_too_lest_it_finds_its_own_doing(action, there, respx_mock):
    there()
    route = respx_mock.put(f"{URL}/v1/models/summariser/review").mock(side_effect=httpx.ReadTimeout("late"))

    with pytest.raises(OutcomeUnknown):
        await action.execute(approved(PARAMS | {"method": "PUT"}, WANTED))

    assert route.call_count == 1


@pytest.mark.parametrize(("review", "found"), [(True, True), (False, False)])
async def test_earlier_request_is_found_by_what_it_led_to(action, there, review, found):
    there(review=review)

    result = await action.find(approved(PARAMS, WANTED), NOW)

    assert (result is not None) is found


async def test_what_cannot_be_read_is_never_found(env):
    blind = create(env, Options(url=URL, keyed=True))
    params = {"path": "v1/rollback", "method": "PUT"}

    shown = await blind.dry_run(params)

    assert (request_of(shown), shown.current) == ((f"PUT {URL}/v1/rollback", None), "It cannot be read.")
    assert (await blind.find(approved(params), NOW), blind.retry) == (None, "keyed")


@pytest.mark.parametrize(
    "change",
    [
        {"path": "http://evil.example.net/"},
        {"path": "/etc"},
        {"path": "a?b"},
        {"path": "a/../b"},
        {"method": "GET"},
        {"body": "no json"},
        {"headers": "x"},
    ],
)
async def test_what_no_entry_may_say_is_refused_before_anybody_is_asked(action, change):
    with pytest.raises(VendorRefused, match=next(iter(change))):
        await action.dry_run(PARAMS | change)
