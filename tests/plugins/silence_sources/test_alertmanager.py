"""Silences of Alertmanager and Grafana: those that are active, with matchers as we look at alerts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.plugins.silence_sources.alertmanager import Options, create

URL = "http://alertmanager.example.net:9093"
SILENCES = f"{URL}/api/v2/silences"


async def test_active_silences_are_read_those_that_end_last_first(env, fixture, respx_mock):
    respx_mock.get(SILENCES).respond(json=fixture("alertmanager_silences")["silences"])
    source = create(replace(env, instance="am"), Options(url=URL, alert_sources=("prod",)))

    odd, racks = await source.silences()

    assert (racks.source, racks.ref, racks.by, racks.reason) == ("am", racks.id, "rosa", "racks are moved")
    assert racks.text == 'alertname=~"Disk.*|NodeDown", rack="r7"'
    assert [matcher.values for matcher in racks.matchers] == [("Disk*", "NodeDown"), ("r7",)]
    assert (racks.until, racks.alert_sources) == (datetime(2026, 11, 21, 11, tzinfo=UTC), ("prod",))
    assert racks.link == f"{URL}/#/silences/{racks.ref}"
    assert (odd.by, odd.reason, odd.text) == ("somebody", "no reason given", 'pod=~"web-[0-9]+" (not applied here)')
    assert odd.matchers[0].fits("web-1") is False


@pytest.mark.parametrize(("secret", "header"), [("tok", "Bearer tok"), ("ana:pw", "Basic YW5hOnB3"), (None, None)])
async def test_secret_is_a_token_or_user_and_password(env, respx_mock, secret, header):
    route = respx_mock.get(SILENCES).respond(json=[])

    assert await create(replace(env, secret=secret), Options(url=URL)).silences() == []
    assert route.calls.last.request.headers.get("authorization") == header


async def test_grafana_has_a_page_of_its_own_for_a_silence(env, fixture, respx_mock):
    url = "https://grafana.example.net/api/alertmanager/grafana"
    respx_mock.get(f"{url}/api/v2/silences").respond(json=fixture("alertmanager_silences")["silences"][:1])

    [one] = await create(env, Options(url=url)).silences()

    assert one.link == f"https://grafana.example.net/alerting/silence/{one.ref}/edit"


async def test_source_that_does_not_answer_or_says_something_else_says_so(env, respx_mock):
    source = create(env, Options(url=URL))
    respx_mock.get(SILENCES).respond(503)
    with pytest.raises(VendorUnavailable, match="alertmanager: HTTP 503"):
        await source.silences()

    respx_mock.get(SILENCES).respond(json=[{"id": 1}])
    with pytest.raises(VendorRefused, match="unexpected answer"):
        await source.silences()
