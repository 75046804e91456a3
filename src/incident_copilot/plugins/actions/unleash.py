"""Turns a feature flag of Unleash off, or on again, in one environment.

The secret is a token that may update feature environments.

API: https://docs.getunleash.io/api/toggle-feature-environment-off
"""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from incident_copilot.errors import ConfigError
from incident_copilot.ports import PluginEnv, SupervisedAction
from incident_copilot.vendors.state_action import NAME, FlagParams, StateAction, Step, TargetOptions, checked, connect


class Options(TargetOptions):
    """Where Unleash answers, and the project that flags are in."""

    project: str = Field(default="default", pattern=NAME)


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action. Raises ConfigError: there is no secret."""
    if not env.secret:
        raise ConfigError(f"{env.instance or 'unleash'}: set secret_env to the variable that holds a token")
    return Unleash(env, options)


class Unleash(StateAction):
    """Flags of one project."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        name = env.instance or "unleash"
        headers = {"authorization": env.secret or ""}
        super().__init__(name, connect(env, options, "Unleash", headers), self._step)
        self._project = options.project

    async def _step(self, params: Mapping[str, str]) -> Step:
        asked = checked(FlagParams, "Unleash", params)
        path = f"api/admin/projects/{self._project}/features/{asked.flag}/environments/{asked.environment}"
        flag = await self._http.get(path, _Environment)
        return Step(
            target=f"flag {asked.flag} in {asked.environment}",
            method="POST",
            path=f"{path}/{asked.to}",
            state={"flag": "on" if flag.enabled else "off"},
            wanted={"flag": asked.to},
            effect=f"Turns the flag {asked.flag} {asked.to} in {asked.environment}.",
            undo=f"Turn it {'off' if asked.to == 'on' else 'on'} again.",
        )


class _Environment(BaseModel):
    enabled: bool
