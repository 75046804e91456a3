"""Calls one tool of a server of the Model Context Protocol: one that copilot.yaml allows, as actions.yaml says.

Tool and arguments are written in actions.yaml under `with`; what the server says of its tools decides nothing. What
is read to see how things are must be a tool that the server marks as read-only, and answer with JSON.

API: https://modelcontextprotocol.io/specification/2025-06-18/server/tools
"""

import json
from collections.abc import Mapping
from typing import Any

import jmespath
from pydantic import Field, Json

from incident_copilot.errors import VendorRefused
from incident_copilot.ports import PluginEnv, SupervisedAction
from incident_copilot.vendors.bodies import clean
from incident_copilot.vendors.mcp import Called, Session
from incident_copilot.vendors.state_action import (
    ReadBack,
    StateAction,
    Step,
    TargetOptions,
    as_written,
    checked,
    connect,
)

_TOOL = r"^[A-Za-z0-9][A-Za-z0-9_./:-]{0,99}$"
Arguments = Json[dict[str, str | int | float | bool]]


class Options(TargetOptions):
    """Where the server answers, and which of its tools may be called to change something."""

    tools: tuple[str, ...] = Field(min_length=1, max_length=50)


class Params(ReadBack):
    """What an entry of actions.yaml fixes: the call, and the tool that reads."""

    tool: str = Field(pattern=_TOOL)
    arguments: Arguments = Field(default_factory=dict)
    read: str | None = Field(default=None, pattern=_TOOL)
    read_arguments: Arguments = Field(default_factory=dict)
    effect: str = Field(default="Calls the tool.", max_length=300)


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return Mcp(env, options)


class Mcp(StateAction):
    """Tools of one server."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        name = env.instance or "mcp"
        super().__init__(name, connect(env, options, name), self._step)
        self._allowed = options.tools

    async def check(self) -> None:
        """See whether the server has the tools that are named. Raises VendorError."""
        offered = await (await self._begun()).tools()
        if missing := [one for one in self._allowed if one not in offered]:
            raise VendorRefused(f"{self.name}: there is no tool {missing[0]}", 200)

    async def _step(self, params: Mapping[str, str]) -> Step:
        asked = checked(Params, self.name, params)
        if asked.tool not in self._allowed:
            raise VendorRefused(f"{self.name}: copilot.yaml does not allow the tool {asked.tool}", 0)
        return Step(
            target=f"{self.name}: {asked.tool}",
            method="tools/call",
            path=asked.tool,
            body=asked.arguments,
            state=await self._read(asked),
            wanted={name: as_written(value) for name, value in asked.wanted.items()},
            effect=asked.effect,
            undo=asked.undo,
        )

    async def _read(self, asked: Params) -> dict[str, str]:
        if asked.read is None:
            return {}
        session = await self._begun()
        offered = (await session.tools()).get(asked.read)
        if offered is None or not offered.hints.read_only:
            raise VendorRefused(f"{self.name}: {asked.read} is not marked as read-only, so it is not asked", 200)
        answer = self._taken(asked.read, await session.call(asked.read, asked.read_arguments))
        try:
            body = json.loads(answer.text)
        except ValueError:
            raise VendorRefused(f"{self.name}: {asked.read}: its answer is not JSON", 200) from None
        return {name: as_written(jmespath.search(expression, body)) for name, expression in asked.state.items()}

    def _request(self, step: Step) -> str:
        written = json.dumps(step.body, indent=2, ensure_ascii=False)
        return f"{step.method} {step.path} at {self._http.base_url}\n{written}"

    async def _send(self, step: Step, key: str) -> None:
        del key  # the protocol has no place for one
        arguments: Mapping[str, Any] = step.body
        self._taken(step.path, await (await self._begun()).act(step.path, arguments))

    async def _begun(self) -> Session:
        session = Session(self._http)
        await session.begin()
        return session

    def _taken(self, tool: str, answer: Called) -> Called:
        """Return the answer. Raises VendorRefused where the tool says that it failed."""
        if answer.is_error:
            raise VendorRefused(f"{self.name}: {tool}: {' '.join(clean(answer.text, 1000).split())}"[:300], 200)
        return answer
