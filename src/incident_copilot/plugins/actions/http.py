"""Sends one fixed request to a service of one's own: a rollback, a model's review mode, a share of traffic.

What is sent is written in actions.yaml under `with`: method, path and body, and what is read to see how things are.

API: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header and https://jmespath.org
"""

from collections.abc import Mapping
from typing import Any, Literal

import jmespath
from pydantic import Field, Json, RootModel

from incident_copilot.ports import PluginEnv, SupervisedAction
from incident_copilot.vendors.state_action import (
    ReadBack,
    StateAction,
    Step,
    TargetOptions,
    as_written,
    checked,
    connect,
)

_PATH = r"^[A-Za-z0-9_@:][A-Za-z0-9_.:@-]*(/[A-Za-z0-9_@:][A-Za-z0-9_.:@-]*)*$"
"""Words between slashes: neither another host nor a way up."""


class Options(TargetOptions):
    """Where the service answers. `key_header` carries the id of the approval.

    With `keyed` the service is known to do the same key once only, so a lost answer is settled by sending it again.
    """

    key_header: str = Field(default="idempotency-key", pattern=r"^[a-z][a-z0-9-]{0,60}$")
    keyed: bool = False


class Params(ReadBack):
    """What an entry of actions.yaml fixes: the request, and what is read at `read`."""

    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str = Field(pattern=_PATH, max_length=400)
    body: Json[Any] | None = None
    read: str | None = Field(default=None, pattern=_PATH, max_length=400)
    effect: str = Field(default="Sends the request.", max_length=300)


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return Http(env, options)


class Http(StateAction):
    """Requests to one service."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        name = env.instance or "http"
        super().__init__(name, connect(env, options, name), self._step)
        self.retry = "keyed" if options.keyed else "read_back"
        self.keyed(options.key_header)

    async def _step(self, params: Mapping[str, str]) -> Step:
        asked = checked(Params, self.name, params)
        return Step(
            target=f"{self.name}: {asked.path}",
            method=asked.method,
            path=asked.path,
            body=asked.body,
            state=await self._read(asked),
            wanted={name: as_written(value) for name, value in asked.wanted.items()},
            effect=asked.effect,
            undo=asked.undo,
        )

    async def _read(self, asked: Params) -> dict[str, str]:
        if asked.read is None:
            return {}
        body = (await self._http.get(asked.read, _Body)).root
        return {name: as_written(jmespath.search(expression, body)) for name, expression in asked.state.items()}


class _Body(RootModel[Any]):
    pass
