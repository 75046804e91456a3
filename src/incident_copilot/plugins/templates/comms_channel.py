"""The texts of a new channel of status updates."""

MODULE = '''"""Publishes status updates on $Vendor.

1. Put a token that may publish into the secret. 2. Name the address in `url`.

API: https://vendor.test/docs/updates (write the address of the vendor's API page here)
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.ports import CommsChannel, PluginEnv, Receipt
from incident_copilot.vendors.http import BaseUrl, VendorHttp, read
from incident_copilot.vendors.telling import ChannelOptions, known, request


class Options(ChannelOptions):
    """Where $Vendor answers."""

    url: BaseUrl
    deadline_s: float = Field(default=10, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> CommsChannel:
    """Return the channel."""
    return $Class(env, options)


class $Class:
    """Updates at $Vendor, which keeps our key with each."""

    retry = "keyed"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "$Vendor"
        self.audiences: frozenset[Audience] = frozenset(options.audience)
        headers = {"authorization": f"Bearer {env.secret}"}
        self._http = VendorHttp(env.http, self.name, options.url, options.deadline_s, headers)

    async def preview(self, update: Update) -> str:
        """Return the request that `publish` would make."""
        return request("POST", self._http.url("updates"), _body(update))

    async def publish(self, update: Update) -> Receipt:
        """Publish it once. Raises as `ports.CommsChannel` says."""
        told = read(self.name, await self._http.post("updates", _body(update)), _Told)
        return Receipt(ref={"id": told.id}, link=told.link)

    async def correct(self, update: Update) -> Receipt:
        """Put other words in the place of those that are out."""
        (one,) = known(self.name, update, "id")
        await self._http.put(f"updates/{one}", {"text": update.text})
        return Receipt(ref=dict(update.ref))

    async def retract(self, update: Update) -> Receipt:
        """Leave a line in the place of the words."""
        return await self.correct(update)

    async def find(self, update: Update, since: datetime) -> Receipt | None:
        """Return None: the same key again is safe, so nothing has to be looked up."""
        del update, since
        return None

    async def state(self, ref: Mapping[str, str]) -> PublicState | None:
        """Return None: what came of it cannot be read."""
        del ref
        return None

    async def check(self) -> None:
        """Read the updates. Raises VendorError."""
        await self._http.text("updates")


class _Told(BaseModel):
    """An update at the vendor; fields it adds later are ignored."""

    id: str
    link: str | None = None


def _body(update: Update) -> dict[str, Any]:
    return {"key": update.key, "title": update.name, "text": update.text, "state": update.state.value}
'''

TEST = '''"""$Vendor: told once under its key, corrected where it is, a lost answer is unknown."""

import json

import pytest

from incident_copilot.errors import OutcomeUnknown, VendorRefused
from incident_copilot.plugins import discover
from incident_copilot.plugins.comms_channels.$name import Options, create
from incident_copilot.ports import Receipt

URL = "https://vendor.test/updates"


@pytest.fixture
def channel(env):
    return create(env, Options(audience="customers", url="https://vendor.test"))


def test_module_is_found_by_its_folder():
    assert "$name" in discover("$kind")


async def test_update_is_told_under_its_key(channel, update, fixture, respx_mock):
    told = respx_mock.post(URL).respond(201, json=fixture("$name"))

    receipt = await channel.publish(update())

    assert receipt == Receipt(ref={"id": "77"}, link="https://vendor.test/77")
    assert json.loads(told.calls.last.request.content)["key"] == "0192-1"
    assert (await channel.preview(update())).startswith(f"POST {URL}")


async def test_correction_and_retraction_go_where_the_words_are(channel, update, respx_mock):
    changed = respx_mock.put(f"{URL}/77").respond(json={})

    await channel.correct(update(text="Little mail is late.", ref={"id": "77"}))
    await channel.retract(update(text="This update was withdrawn.", ref={"id": "77"}))

    assert json.loads(changed.calls.last.request.content) == {"text": "This update was withdrawn."}
    with pytest.raises(VendorRefused):
        await channel.correct(update())


async def test_lost_answer_is_unknown_and_the_key_settles_it(channel, update, respx_mock):
    respx_mock.post(URL).respond(502)

    with pytest.raises(OutcomeUnknown):
        await channel.publish(update())

    assert (channel.retry, await channel.find(update(), None), await channel.state({})) == ("keyed", None, None)


async def test_check_sends_the_secret(channel, respx_mock):
    asked = respx_mock.get(URL).respond(json=[])

    await channel.check()

    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"
'''

FIXTURE = """{"id": "77", "link": "https://vendor.test/77"}
"""
