"""Hands updates to an address of yours as signed JSON, for pages and systems that have no plugin.

1. `url` takes a POST of JSON and answers 2xx. 2. The secret signs each request after standard-webhooks (HMAC-SHA256;
headers webhook-id, webhook-timestamp, webhook-signature); begin it with whsec_ and base64, or write any text. What
comes twice under one webhook-id is one update: the copilot repeats a request whose answer was lost.

API: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import Act, PublicState, Update
from incident_copilot.errors import ConfigError, VendorRefused
from incident_copilot.ports import CommsChannel, PluginEnv, Receipt
from incident_copilot.vendors.http import BaseUrl, call
from incident_copilot.vendors.signatures import sign_standard
from incident_copilot.vendors.telling import ChannelOptions, request


class Options(ChannelOptions):
    """Where to."""

    url: BaseUrl
    deadline_s: float = Field(default=10, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> CommsChannel:
    """Return the channel. Raises ConfigError without a secret: nobody could tell its requests from others."""
    return Webhook(env, options)


class Webhook:
    """An address that takes updates."""

    retry = "keyed"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        if not env.secret:
            raise ConfigError(f"{env.instance or 'webhook'}: name the variable of a signing secret in secret_env")
        self.name = f"Webhook {env.instance or 'webhook'}".removesuffix(" webhook")
        self.audiences: frozenset[Audience] = frozenset(options.audience)
        self._env, self._options, self._secret = env, options, env.secret

    async def preview(self, update: Update) -> str:
        """Return the request without its signature."""
        return request("POST", self._options.url, _body(Act.PUBLISH, update))

    async def publish(self, update: Update) -> Receipt:
        """Hand it over. Raises as `ports.CommsChannel` says."""
        return await self._send(Act.PUBLISH, update)

    async def correct(self, update: Update) -> Receipt:
        """Hand the correction over."""
        return await self._send(Act.CORRECT, update)

    async def retract(self, update: Update) -> Receipt:
        """Hand over that it is taken back."""
        return await self._send(Act.RETRACT, update)

    async def find(self, update: Update, since: datetime) -> Receipt | None:
        """Return None: the same key again is safe, so nothing has to be looked up."""
        del update, since
        return None

    async def state(self, ref: Mapping[str, str]) -> PublicState | None:
        """Return None: what came of it cannot be read."""
        del ref
        return None

    async def check(self) -> None:
        """See that somebody answers there; which answer does not matter. Raises VendorError."""
        try:
            await call(
                self._env.http, self.name, "HEAD", self._options.url, deadline_s=self._options.deadline_s, retries=0
            )
        except VendorRefused as error:
            if not error.status:
                raise

    async def _send(self, act: Act, update: Update) -> Receipt:
        content = json.dumps(_body(act, update), ensure_ascii=False).encode()
        headers = sign_standard(f"{act}-{update.key}", content, self._secret, self._env.now())
        await call(
            self._env.http,
            self.name,
            "POST",
            self._options.url,
            deadline_s=self._options.deadline_s,
            headers={"content-type": "application/json", **headers},
            content=content,
        )
        return Receipt(ref={"key": update.key})


def _body(act: Act, update: Update) -> dict[str, Any]:
    """Return what is told; which update a correction is of stands in `corrects`."""
    told: dict[str, Any] = {
        "type": f"update.{act}",
        "id": update.key,
        "incident": {
            "id": update.incident_id,
            "name": update.name,
            "state": update.state.value,
            "severity": update.severity.value,
            "started_at": update.started_at.isoformat(),
        },
        "audience": update.audience.value,
        "text": update.text,
    }
    return told if act is Act.PUBLISH else told | {"corrects": update.ref.get("key")}
