"""A signed webhook: what is told, whose it is, and the same key again."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from incident_copilot.errors import ConfigError, OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.plugins.comms_channels.webhook import Options, create
from incident_copilot.vendors.signatures import require_standard

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)

URL = "https://hooks.example.net/updates"


@pytest.fixture
def hook(env):
    return create(replace(env, instance="partners"), Options(audience="external", url=URL))


async def test_update_is_handed_over_signed(hook, update, fixture, respx_mock):
    taken = respx_mock.post(URL).respond(204)

    receipt = await hook.publish(update())

    request = taken.calls.last.request
    assert json.loads(request.content) == fixture("webhook")
    assert require_standard("x", request.headers, request.content, ["s3cret"], NOW) == "publish-0192-1"
    assert (receipt.ref, hook.name) == ({"key": "0192-1"}, "Webhook partners")


async def test_correction_and_retraction_name_what_they_are_of(hook, update, respx_mock):
    taken = respx_mock.post(URL).respond(200)

    await hook.correct(update(ref={"key": "0192-1"}, key="0193-1", text="Little mail is late."))
    await hook.retract(update(ref={"key": "0192-1"}, key="0192-retract"))

    told = [json.loads(call.request.content) for call in taken.calls]
    assert [(one["type"], one["corrects"]) for one in told] == [
        ("update.correct", "0192-1"),
        ("update.retract", "0192-1"),
    ]


async def test_lost_answer_is_unknown_and_the_key_settles_it(hook, update, respx_mock):
    respx_mock.post(URL).mock(side_effect=httpx.ReadTimeout)

    with pytest.raises(OutcomeUnknown):
        await hook.publish(update())

    assert (hook.retry, await hook.find(update(), NOW), await hook.state({})) == ("keyed", None, None)


async def test_check_wants_an_answer_whichever_it_is(hook, respx_mock):
    respx_mock.head(URL).respond(405)
    await hook.check()
    respx_mock.head(URL).mock(side_effect=httpx.ConnectError)
    with pytest.raises(VendorUnavailable):
        await hook.check()
    respx_mock.head(URL).mock(side_effect=VendorRefused("it leads to 127.0.0.1", 0))
    with pytest.raises(VendorRefused):
        await hook.check()


async def test_preview_shows_the_request(hook, update):
    assert (await hook.preview(update())).startswith(f"POST {URL}\n{{")


def test_channel_without_a_secret_is_refused(env):
    with pytest.raises(ConfigError, match="webhook: name the variable of a signing secret in secret_env"):
        create(replace(env, secret=None), Options(audience="external", url=URL))
