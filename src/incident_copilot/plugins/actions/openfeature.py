"""Turns a feature flag off, or on again, at a service that answers OpenFeature's remote evaluation protocol.

The protocol only evaluates; how a flag is changed differs. Here it is a PUT of a flag's `state`, as flagd's definitions
have it (ENABLED, DISABLED), below `write`. What the flag evaluates to is read by the protocol.

API: https://openfeature.dev/docs/reference/other-technologies/ofrep/openapi and
https://flagd.dev/reference/flag-definitions/#state
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.ports import PluginEnv, SupervisedAction
from incident_copilot.vendors.state_action import NAME, StateAction, Step, TargetOptions, checked, connect


class Options(TargetOptions):
    """Where flags are evaluated and changed; `{flag}` in `write` is the flag's key."""

    write: str = Field(default="flags/{flag}", pattern=r"^[A-Za-z0-9_.{}/-]{1,200}$")


class Params(Frozen):
    """What an entry of actions.yaml fixes, or lets people choose; `off_value` is what a flag is where it is off."""

    flag: str = Field(pattern=NAME)
    to: Literal["on", "off"] = "off"
    on_value: str = Field(default="true", max_length=100)
    off_value: str = Field(default="false", max_length=100)


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return OpenFeature(env, options)


class OpenFeature(StateAction):
    """Flags of one service."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        name = env.instance or "openfeature"
        super().__init__(name, connect(env, options, name), self._step)
        self._write = options.write

    async def _step(self, params: Mapping[str, str]) -> Step:
        asked = checked(Params, self.name, params)
        evaluated = await self._http.look_up(f"ofrep/v1/evaluate/flags/{asked.flag}", {"context": {}}, _Evaluated)
        return Step(
            target=f"flag {asked.flag}",
            method="PUT",
            path=self._write.replace("{flag}", asked.flag),
            body={"state": "ENABLED" if asked.to == "on" else "DISABLED"},
            state={"value": _said(evaluated.value)},
            wanted={"value": asked.on_value if asked.to == "on" else asked.off_value},
            effect=f"Turns the flag {asked.flag} {asked.to}.",
            undo=f"Turn it {'off' if asked.to == 'on' else 'on'} again.",
        )


class _Evaluated(BaseModel):
    value: Any = None


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)[:100]
