"""Calls to vendors: bounded in time and size, repeated only where that is safe, refused in words people can use."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from pydantic import BaseModel, ValidationError

from incident_copilot.domain.base import Frozen
from incident_copilot.errors import OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.vendors.http import BaseUrl, VendorHttp, call, check_target, read

URL = "https://api.acme.test/things"


class Thing(BaseModel):
    name: str


class Place(Frozen):
    url: BaseUrl


def ask(http, method="GET", **extra):
    return call(http, "Acme", method, URL, deadline_s=extra.pop("deadline_s", 2), **extra)


async def test_answer_comes_back_whole_with_what_was_asked(http, respx_mock):
    route = respx_mock.get(URL, params={"q": "a b", "n": "2"}).respond(json={"name": "x"}, headers={"etag": "1"})

    response = await ask(http, headers={"authorization": "Bearer s"}, params={"q": "a b", "n": 2})

    assert (response.status_code, response.json(), response.headers["etag"]) == (200, {"name": "x"}, "1")
    assert route.calls.last.request.headers["authorization"] == "Bearer s"


async def test_compressed_answer_is_handed_on_decoded(http, respx_mock):
    packed = gzip.compress(b'{"name": "x"}')
    respx_mock.get(URL).respond(content=packed, headers={"content-encoding": "gzip"})

    assert (await ask(http)).json() == {"name": "x"}


@pytest.mark.parametrize("failure", [httpx.Response(503), httpx.Response(429), httpx.ConnectError("refused")])
async def test_reading_is_tried_again_after_trouble(http, respx_mock, failure):
    route = respx_mock.get(URL).mock(side_effect=[failure, httpx.Response(200, json={})])

    response = await ask(http)

    assert (response.status_code, route.call_count) == (200, 2)


async def test_reading_gives_up_after_its_retries(http, respx_mock):
    route = respx_mock.get(URL).respond(502, headers={"retry-after": "0"})

    with pytest.raises(VendorUnavailable, match=rf"^Acme: HTTP 502 for GET {URL}$"):
        await ask(http, retries=1)

    assert route.call_count == 2


async def test_retry_after_beyond_the_deadline_is_told_and_not_waited_for(http, respx_mock):
    route = respx_mock.get(URL).respond(429, headers={"retry-after": "60"})

    with pytest.raises(VendorUnavailable) as caught:
        await ask(http)

    assert (caught.value.retry_after_s, route.call_count) == (60.0, 1)


async def test_retry_after_may_be_a_date(http, respx_mock):
    at = datetime.now(UTC) + timedelta(hours=1)
    respx_mock.get(URL).respond(503, headers={"retry-after": format_datetime(at)})

    with pytest.raises(VendorUnavailable) as caught:
        await ask(http)

    assert 3590 < (caught.value.retry_after_s or 0) <= 3600


async def test_retry_after_that_says_nothing_is_ignored(http, respx_mock):
    respx_mock.get(URL).respond(503, headers={"retry-after": "soon"})

    with pytest.raises(VendorUnavailable) as caught:
        await ask(http, retries=0)

    assert caught.value.retry_after_s is None


@pytest.mark.parametrize("header", [{"retry-after": "7"}, {"x-ratelimit-remaining": "0"}])
async def test_forbidden_because_of_a_rate_limit_may_work_later(http, respx_mock, header):
    respx_mock.get(URL).respond(403, headers=header)

    with pytest.raises(VendorUnavailable):
        await ask(http, retries=0)


async def test_refusal_names_vendor_request_and_reason_but_not_the_query(http, respx_mock):
    route = respx_mock.get(URL).respond(400, json={"error": "bad\nexpression"})

    with pytest.raises(VendorRefused) as caught:
        await ask(http, params={"token": "hush"})

    assert str(caught.value) == "Acme: HTTP 400 for GET https://api.acme.test/things: bad expression"
    assert (caught.value.status, route.call_count) == (400, 1)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(404, json={"message": "Not Found"}), ": Not Found"),
        (httpx.Response(404, json=["x"]), ""),
        (httpx.Response(404, text="parse error"), ": parse error"),
        (httpx.Response(404, html="<h1>no</h1>"), ""),
        (httpx.Response(401, json={"message": "no such token s3cr3t"}), ""),
        (httpx.Response(404, json={"message": "x" * 500}), ": " + "x" * 200),
    ],
)
async def test_reason_is_short_and_never_holds_the_secret(http, respx_mock, answer, reason):
    respx_mock.get(URL).mock(return_value=answer)

    with pytest.raises(VendorRefused) as caught:
        await ask(http, headers={"authorization": "Bearer s3cr3t"})

    assert str(caught.value) == f"Acme: HTTP {answer.status_code} for GET {URL}{reason}"


async def test_redirect_is_not_followed(http, respx_mock):
    respx_mock.get(URL).respond(302, headers={"location": "http://169.254.169.254/"})

    with pytest.raises(VendorRefused) as caught:
        await ask(http)

    assert caught.value.status == 302


async def test_hanging_vendor_is_left_at_the_deadline(http, respx_mock):
    async def hang(_request):
        await asyncio.Event().wait()

    respx_mock.get(URL).mock(side_effect=hang)

    with pytest.raises(VendorUnavailable, match=f"^Acme: no answer to GET {URL}: timed out$"):
        await ask(http, deadline_s=0.05)


async def test_answer_over_the_cap_is_refused_while_reading(http, respx_mock):
    respx_mock.get(URL).respond(content=b"x" * 101)

    with pytest.raises(VendorRefused, match="is over 100 bytes"):
        await ask(http, max_bytes=100)


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
async def test_effect_that_never_left_may_be_tried_again(http, respx_mock, failure):
    route = respx_mock.post(URL).mock(side_effect=failure)

    with pytest.raises(VendorUnavailable, match="cannot connect for POST"):
        await ask(http, "POST", json={})

    assert route.call_count == 1


@pytest.mark.parametrize(
    "failure",
    [httpx.ReadTimeout("slow"), httpx.ReadError("reset"), httpx.Response(500), httpx.Response(200, text="x" * 9)],
)
async def test_effect_whose_answer_is_lost_is_unknown_and_not_repeated(http, respx_mock, failure):
    route = respx_mock.post(URL).mock(side_effect=[failure])

    with pytest.raises(OutcomeUnknown):
        await ask(http, "POST", json={}, max_bytes=8)

    assert route.call_count == 1


async def test_effect_that_was_rate_limited_did_not_happen(http, respx_mock):
    route = respx_mock.post(URL).respond(429, headers={"retry-after": "0"})

    with pytest.raises(VendorUnavailable):
        await ask(http, "POST", json={})

    assert route.call_count == 1


@pytest.mark.parametrize(
    "url", ["ftp://acme.test/", "file:///etc/passwd", "https://a:b@acme.test/", "https://", "http://[::1"]
)
def test_only_plain_http_targets_are_called(url):
    with pytest.raises(VendorRefused):
        check_target("Acme", url)


def test_base_url_is_kept_without_its_last_slash():
    assert Place(url="http://acme.test:8080/api/").url == "http://acme.test:8080/api"


@pytest.mark.parametrize(
    "url", ["acme.test", "ftp://acme.test", "https://u:p@acme.test", "https://acme.test/?a=1", "https://acme.test/#a"]
)
def test_base_url_with_anything_else_is_refused(url):
    with pytest.raises(ValidationError):
        Place(url=url)


@pytest.mark.parametrize(("body", "field"), [('{"name": 1}', "name"), ("<html>", "body")])
def test_answer_of_another_shape_is_refused_by_field(body, field):
    response = httpx.Response(200, text=body, request=httpx.Request("GET", f"{URL}?token=hush"))

    with pytest.raises(VendorRefused, match=f"^Acme: unexpected answer to GET {URL}: {field}: "):
        read("Acme", response, Thing)


async def test_vendor_reads_and_writes_below_its_base_url(http, respx_mock):
    vendor = VendorHttp(http, "Acme", "https://api.acme.test", 2, {"authorization": "Bearer s"})
    respx_mock.get(URL, params={"a": "1"}, headers={"authorization": "Bearer s"}).respond(json={"name": "x"})
    respx_mock.post(URL, json={"b": 2}).respond(204)

    assert await vendor.get("things", Thing, {"a": 1}) == Thing(name="x")
    assert (await vendor.post("things", {"b": 2})).status_code == 204
    assert "Bearer" not in repr(vendor)
