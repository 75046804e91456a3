"""Takes an application of Argo CD back to what it deployed before.

The secret is a token of an account that may get and sync applications. Argo CD takes nothing back where it syncs by
itself: the proposal says so, and people turn that off first.

API: https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/ (ApplicationService_Rollback)
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import PluginEnv, SupervisedAction
from incident_copilot.vendors.state_action import NAME, StateAction, Step, TargetOptions, checked, connect

_ANSWER_BYTES = 8 * 1024 * 1024
_SHORT = 12


class Options(TargetOptions):
    """Where Argo CD answers."""


class Params(Frozen):
    """What an entry of actions.yaml fixes; without `id` it is what was deployed before, as in its history."""

    application: str = Field(pattern=NAME)
    id: int | None = Field(default=None, ge=0)


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return ArgoCd(env, options)


class ArgoCd(StateAction):
    """Applications of one Argo CD."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        name = env.instance or "argocd"
        super().__init__(name, connect(env, options, "Argo CD"), self._step)

    async def _step(self, params: Mapping[str, str]) -> Step:
        asked = checked(Params, "Argo CD", params)
        path = f"api/v1/applications/{asked.application}"
        found = await self._http.get(path, _Application, None, _ANSWER_BYTES)
        if not found.status.history:
            raise VendorRefused(f"Argo CD: {asked.application} has no history", 0)
        if found.spec.policy.get("automated") is not None:
            raise VendorRefused(f"Argo CD: {asked.application} syncs by itself; turn that off first", 0)
        now, *earlier = sorted(found.status.history, key=lambda one: one.id, reverse=True)
        back = next((one for one in earlier if asked.id in {None, one.id}), None)
        if back is None:
            raise VendorRefused(f"Argo CD: {asked.application} has deployed nothing before that", 0)
        return Step(
            target=f"application {asked.application}",
            method="POST",
            path=f"{path}/rollback",
            body={"name": asked.application, "id": back.id, "prune": False, "dryRun": False},
            state={"revision": found.status.sync.revision or now.revision, "id": str(now.id)},
            wanted={"revision": back.revision},
            effect=f"Takes {asked.application} back to {back.revision[:_SHORT]} (history {back.id}).",
            undo=f"Take it to history {now.id} again ({now.revision[:_SHORT]}).",
        )


class _Deployed(BaseModel):
    id: int
    revision: str = ""


class _Sync(BaseModel):
    revision: str = ""


class _Status(BaseModel):
    sync: _Sync = _Sync()
    history: list[_Deployed] = []


class _Spec(BaseModel):
    policy: dict[str, Any] = Field(default={}, alias="syncPolicy")


class _Application(BaseModel):
    spec: _Spec = _Spec()
    status: _Status = _Status()
