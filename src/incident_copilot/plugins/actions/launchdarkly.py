"""Turns a feature flag of LaunchDarkly off, or on again, in one environment.

The secret is an access token that may update flags.

API: https://launchdarkly.com/docs/api/feature-flags/patch-feature-flag (semantic patch)
"""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from incident_copilot.errors import ConfigError, VendorRefused
from incident_copilot.ports import PluginEnv, SupervisedAction
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.state_action import NAME, FlagParams, StateAction, Step, TargetOptions, checked, connect

_SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"


class Options(TargetOptions):
    """The project that flags are in; `url` differs for the EU and federal instances."""

    url: BaseUrl = "https://app.launchdarkly.com"
    project: str = Field(default="default", pattern=NAME)


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action. Raises ConfigError: there is no secret."""
    if not env.secret:
        raise ConfigError(f"{env.instance or 'launchdarkly'}: set secret_env to the variable that holds a token")
    return LaunchDarkly(env, options)


class LaunchDarkly(StateAction):
    """Flags of one project."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        name = env.instance or "launchdarkly"
        headers = {"authorization": env.secret or ""}
        super().__init__(name, connect(env, options, "LaunchDarkly", headers), self._step)
        self._project = options.project

    async def _step(self, params: Mapping[str, str]) -> Step:
        asked = checked(FlagParams, "LaunchDarkly", params)
        path = f"api/v2/flags/{self._project}/{asked.flag}"
        found = await self._http.get(path, _Flag, {"env": asked.environment})
        here = found.environments.get(asked.environment)
        if here is None:
            raise VendorRefused(f"LaunchDarkly: {asked.flag} has no environment {asked.environment}", 404)
        kind = "turnFlagOn" if asked.to == "on" else "turnFlagOff"
        return Step(
            target=f"flag {asked.flag} in {asked.environment}",
            method="PATCH",
            path=path,
            body={"environmentKey": asked.environment, "instructions": [{"kind": kind}]},
            content_type=_SEMANTIC,
            state={"flag": "on" if here.on else "off"},
            wanted={"flag": asked.to},
            effect=f"Turns the flag {asked.flag} {asked.to} in {asked.environment}.",
            undo=f"Turn it {'off' if asked.to == 'on' else 'on'} again.",
        )


class _Environment(BaseModel):
    on: bool


class _Flag(BaseModel):
    environments: dict[str, _Environment] = {}
