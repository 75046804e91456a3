"""Takes a deployment of Kubernetes back to an earlier revision, or gives it another number of replicas.

Let a service account get and patch deployments, and list replicasets, of apps. In the cluster the account's own token
is read, from `token_file` and anew each time; outside, put a token into the secret.

API: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import PluginEnv, SupervisedAction
from incident_copilot.vendors.http import VendorHttp
from incident_copilot.vendors.state_action import StateAction, Step, TargetOptions, checked, connect

_REVISION = "deployment.kubernetes.io/revision"
_EARLIER = "deployment.kubernetes.io/revision-history"
_HASH = "pod-template-hash"
_LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_ANSWER_BYTES = 16 * 1024 * 1024


class Options(TargetOptions):
    """Where the cluster answers: https://kubernetes.default.svc from within."""

    token_file: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class Params(Frozen):
    """What an entry fixes: `undo` to `revision`, by default the one before, or `scale` to `replicas`."""

    do: Literal["undo", "scale"]
    namespace: str = Field(pattern=_LABEL)
    deployment: str = Field(pattern=_LABEL)
    revision: int | None = Field(default=None, ge=1)
    replicas: int = Field(default=1, ge=1, le=1000)


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return Kubernetes(env, options)


class Kubernetes(StateAction):
    """Deployments of one cluster."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        name = env.instance or "kubernetes"
        super().__init__(name, connect(env, options, "Kubernetes", {}), self._step)
        self._options, self._secret = options, env.secret

    async def _step(self, params: Mapping[str, str]) -> Step:
        asked = checked(Params, "Kubernetes", params)
        self._http = await self._signed_in()
        path = f"apis/apps/v1/namespaces/{asked.namespace}/deployments/{asked.deployment}"
        deployment = await self._http.get(path, _Deployment)
        if asked.do == "scale":
            return _scale(asked, path, deployment)
        sets = await self._http.get(
            f"apis/apps/v1/namespaces/{asked.namespace}/replicasets", _ReplicaSets, {"limit": 500}, _ANSWER_BYTES
        )
        return _undo(asked, path, deployment, [one for one in sets.items if one.is_of(asked.deployment)])

    async def _signed_in(self) -> VendorHttp:
        token = self._secret or await asyncio.to_thread(self._read_token)
        return replace(self._http, headers={"authorization": f"Bearer {token}"})

    def _read_token(self) -> str:
        try:
            return self._options.token_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            problem = f"Kubernetes: {self._options.token_file}: {error.strerror}; set secret_env outside of a cluster"
            raise VendorRefused(problem, 0) from None


class _Owner(BaseModel):
    kind: str
    name: str


class _Metadata(BaseModel):
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}
    owners: list[_Owner] = Field(default=[], alias="ownerReferences")

    @property
    def revision(self) -> int:
        """The number that a rollout gave it; 0 where it has none."""
        return next(iter(_numbers(self.annotations.get(_REVISION, ""))), 0)

    @property
    def served(self) -> Sequence[int]:
        """The numbers that it ever had: a rollout back to it gives it another one."""
        return [self.revision, *_numbers(self.annotations.get(_EARLIER, ""))]


class _Spec(BaseModel):
    replicas: int = 1
    template: dict[str, Any] = {}


class _Deployment(BaseModel):
    metadata: _Metadata
    spec: _Spec

    @property
    def images(self) -> str:
        """What runs, in the order of the containers."""
        return _images(self.spec.template)


class _ReplicaSet(BaseModel):
    metadata: _Metadata
    spec: _Spec

    def is_of(self, deployment: str) -> bool:
        """Whether it is a version of this deployment."""
        return any((one.kind, one.name) == ("Deployment", deployment) for one in self.metadata.owners)


class _ReplicaSets(BaseModel):
    items: list[_ReplicaSet]


def _scale(asked: Params, path: str, deployment: _Deployment) -> Step:
    return Step(
        target=f"deployment {asked.namespace}/{asked.deployment}",
        method="PATCH",
        path=f"{path}/scale",
        body={"spec": {"replicas": asked.replicas}},
        content_type="application/merge-patch+json",
        state={"replicas": str(deployment.spec.replicas)},
        wanted={"replicas": str(asked.replicas)},
        effect=f"Scales {asked.deployment} from {deployment.spec.replicas} to {asked.replicas} replicas.",
        undo=f"Scale it to {deployment.spec.replicas} again.",
    )


def _undo(asked: Params, path: str, deployment: _Deployment, sets: Sequence[_ReplicaSet]) -> Step:
    """As `kubectl rollout undo`: the template of the earlier set, without the label that its controller adds."""
    now = deployment.metadata.revision
    wanted = [one for one in sets if asked.revision in one.metadata.served]
    earlier = [one for one in sets if one.metadata.revision not in {0, now}]
    chosen = sorted(wanted if asked.revision else earlier, key=lambda one: one.metadata.revision)
    if not chosen:
        raise VendorRefused(
            f"Kubernetes: {asked.deployment} has no earlier revision {asked.revision or ''}".rstrip(), 0
        )
    back = chosen[-1]
    number = asked.revision or back.metadata.revision
    template = dict(back.spec.template)
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {name: value for name, value in (metadata.get("labels") or {}).items() if name != _HASH}
    return Step(
        target=f"deployment {asked.namespace}/{asked.deployment}",
        method="PATCH",
        path=path,
        body=[{"op": "replace", "path": "/spec/template", "value": template | {"metadata": metadata}}],
        shown=[{"op": "replace", "path": "/spec/template", "value": f"(the template of revision {number})"}],
        content_type="application/json-patch+json",
        state={"revision": str(now), "images": deployment.images},
        wanted={"images": _images(back.spec.template)},
        effect=f"Takes {asked.deployment} back to revision {number} ({_images(back.spec.template)}).",
        undo=f"Take it to the revision that has {deployment.images} again.",
    )


def _numbers(told: str) -> list[int]:
    return [int(one) for one in told.split(",") if one.isascii() and one.isdigit()]


def _images(template: Mapping[str, Any]) -> str:
    containers = (template.get("spec") or {}).get("containers") or []
    return ", ".join(str(one.get("image", "")).rpartition("/")[2] for one in containers) or "unknown"
