"""Finds rollouts and warnings of an incident's services in a Kubernetes cluster.

1. Let a service account list events, and replicasets of apps, in the namespaces. 2. In the cluster the account's own
token is read, from `token_file` and anew each time, as it changes every hour; outside, put a token into the secret. 3.
Set COPILOT_CA_FILE to the cluster's certificate.

API: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/ and
https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.redaction import redact
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import log_pages, made, series
from incident_copilot.vendors.http import Params, VendorHttp
from incident_copilot.vendors.made import Made
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 16 * 1024 * 1024
_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"


class Options(ServerOptions):
    """Where the cluster answers, and where in it a service is: its namespace, and the labels of its pods.

    `url` is https://kubernetes.default.svc from within. `namespaces` names the namespace of a service, `namespace` that
    of all others. `{service}` in both and in `selector` is the service's name. `look_back_h` is how long before the
    question's window a rollout still counts.
    """

    token_file: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
    namespace: str = "default"
    namespaces: dict[str, str] = Field(default_factory=dict, max_length=500)
    selector: str = Field(default="app.kubernetes.io/name={service}", max_length=300)
    look_back_h: float = Field(default=24, ge=0, le=24 * 14)
    each: int = Field(default=6, ge=1, le=30)
    events: int = Field(default=500, ge=1, le=5000)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Kubernetes(env, options)


class Kubernetes:
    """One cluster."""

    finds = frozenset({EvidenceKind.CHANGE, EvidenceKind.LOG})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options, self._secret = options, env.secret
        self._server = Server(env, options, "kubernetes", "Kubernetes", headers={})
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per rollout and service, and one of the warnings about each service."""
        http = await self._signed_in()
        wanted = list(dict.fromkeys([*question.services, *question.repos]))[: self._options.services]
        return await ask_all(self._look_up(http, service, question) for service in wanted)

    async def check(self) -> None:
        """List one event of the namespace."""
        await self._events(await self._signed_in(), self._namespace("check"), 1)

    async def _look_up(self, http: VendorHttp, service: str, question: Question) -> list[Evidence]:
        namespace = self._namespace(service)
        selector = series.filled(self._options.selector, service)
        path = f"apis/apps/v1/namespaces/{namespace}/replicasets"
        sets, events = await asyncio.gather(
            http.get(path, _ReplicaSets, {"labelSelector": selector, "limit": 500}, _ANSWER_BYTES),
            self._events(http, namespace, self._options.events),
        )
        owners = {service, *(one.owner for one in sets.items if one.owner)}
        rollouts = [
            made.evidence(self._server, question, one, query=f"replicasets of {selector} in {namespace}")
            for one in self._rollouts(service, namespace, sets.items, question)
        ]
        return [*rollouts, *self._warnings(service, namespace, events.about(owners), question)]

    async def _events(self, http: VendorHttp, namespace: str, most: int) -> "_Events":
        params: Params = {"fieldSelector": "type=Warning", "limit": most}
        return await http.get(f"api/v1/namespaces/{namespace}/events", _Events, params, _ANSWER_BYTES)

    def _rollouts(
        self, service: str, namespace: str, sets: Sequence["_ReplicaSet"], question: Question
    ) -> Sequence[Made]:
        by_owner: defaultdict[str, list[_ReplicaSet]] = defaultdict(list)
        for one in sets:
            by_owner[one.owner].append(one)
        found = []
        for owner, several in by_owner.items():
            ordered = sorted(several, key=lambda one: one.revision)
            for before, one in zip([None, *ordered], ordered, strict=False):
                found.append(one.made(service, f"{namespace}/{owner or one.metadata.name}", before))
        since = question.since - timedelta(hours=self._options.look_back_h)
        return made.newest(found, question, since, self._options.each)

    def _warnings(self, service: str, namespace: str, events: Sequence["_Event"], question: Question) -> list[Evidence]:
        """Return the warnings as lines, in the order in which they were last seen."""
        seen = [
            (at.timestamp(), one.line()) for one in events if (at := one.at) and question.since <= at <= question.until
        ]
        if not seen:
            return []
        lines = [list(line) for line in sorted(seen)]
        data = {
            "lines": lines,
            "events": True,
            "truncated": len(events) >= self._options.events,
            "service": service,
            "since": question.since.timestamp(),
            "until": question.until.timestamp(),
        }
        return [
            self._server.evidence(
                question,
                EvidenceKind.LOG,
                title=f"Kubernetes warnings about {service}",
                summary=f"{len(lines)} warnings, the newest: {lines[-1][1]}",
                data=data,
                query=f"events of type Warning in {namespace}",
            )
        ]

    def _namespace(self, service: str) -> str:
        return self._options.namespaces.get(service) or series.filled(self._options.namespace, service)

    async def _signed_in(self) -> VendorHttp:
        token = self._secret or await asyncio.to_thread(self._read_token)
        return replace(self._server.http, headers={"authorization": f"Bearer {token}"})

    def _read_token(self) -> str:
        try:
            return self._options.token_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            problem = f"{self.name}: {self._options.token_file}: {error.strerror}; set secret_env outside of a cluster"
            raise VendorRefused(problem, 0) from None


class _Owner(BaseModel):
    kind: str
    name: str


class _Metadata(BaseModel):
    name: str
    created: Utc = Field(alias="creationTimestamp")
    annotations: dict[str, str] = {}
    owners: list[_Owner] = Field(default=[], alias="ownerReferences")


class _Container(BaseModel):
    """A container of a pod: what people change of it."""

    name: str
    image: str = ""
    args: list[str] | None = None
    env: list[dict[str, Any]] | None = None
    resources: dict[str, Any] = {}

    def settings(self) -> Iterator[tuple[str, str]]:
        """Yield each setting by name, without the values of secrets."""
        yield f"{self.name}.image", self.image
        yield f"{self.name}.args", redact(" ".join(self.args or []))
        for variable in self.env or []:
            value = variable.get("value", "") if "valueFrom" not in variable else f"from {variable['valueFrom']}"
            yield f"{self.name}.env.{variable.get('name')}", redact(str(value))
        for what, amounts in self.resources.items():
            if isinstance(amounts, Mapping):
                yield from ((f"{self.name}.resources.{what}.{key}", str(value)) for key, value in amounts.items())


class _PodSpec(BaseModel):
    containers: list[_Container] = []


class _Template(BaseModel):
    spec: _PodSpec = _PodSpec()


class _Spec(BaseModel):
    template: _Template = _Template()


class _ReplicaSet(BaseModel):
    """One version of a deployment."""

    metadata: _Metadata
    spec: _Spec = _Spec()

    @property
    def owner(self) -> str:
        """The deployment, or an empty text for a set of its own."""
        return next((one.name for one in self.metadata.owners if one.kind == "Deployment"), "")

    @property
    def revision(self) -> int:
        told = self.metadata.annotations.get(_REVISION, "")
        return int(told) if told.isascii() and told.isdigit() else 0

    @property
    def version(self) -> str:
        """The tags of the images."""
        images = [one.image.rpartition("/")[2] for one in self.spec.template.spec.containers]
        return ", ".join(image.partition(":")[2].partition("@")[0] or image for image in images) or "unknown"

    def settings(self) -> dict[str, str]:
        """Return what people may have changed, by name."""
        return dict(pair for one in self.spec.template.spec.containers for pair in one.settings())

    def made(self, service: str, where: str, before: "_ReplicaSet | None") -> Made:
        """Return the rollout, with what it changed since the version before."""
        old, new = before.settings() if before else {}, self.settings()
        changed = [
            made.setting(name, old.get(name), new.get(name))
            for name in dict.fromkeys([*old, *new])
            if old.get(name) != new.get(name)
        ]
        diff = "\n".join([f"+++ b/{where}", *changed]) if before and changed else ""
        return Made(
            service=service,
            at=self.metadata.created,
            kind="rollout",
            title=f"Rollout of {service} {self.version}",
            version=self.version,
            previous=before.version if before else None,
            diff=diff,
            ref=str(self.revision),
            repo=where,
            told=self.metadata.annotations.get(_CAUSE) or f"revision {self.revision} of {where}",
        )


class _ReplicaSets(BaseModel):
    items: list[_ReplicaSet]


class _Object(BaseModel):
    kind: str = ""
    name: str = ""


class _Repeated(BaseModel):
    count: int | None = None
    last: Utc | None = Field(default=None, alias="lastObservedTime")


class _Event(BaseModel):
    """A warning; one that repeats is counted, in the way of old clusters or of new ones."""

    about: _Object = Field(alias="involvedObject")
    reason: str = ""
    message: str | None = None
    count: int | None = None
    last: Utc | None = Field(default=None, alias="lastTimestamp")
    event_time: Utc | None = Field(default=None, alias="eventTime")
    series: _Repeated | None = None

    @property
    def at(self) -> datetime | None:
        """When it was last seen."""
        return (self.series.last if self.series else None) or self.last or self.event_time

    def line(self) -> str:
        """Return what it says."""
        times = (self.series.count if self.series else None) or self.count or 1
        more = f" ({times} times)" if times > 1 else ""
        said = f"Warning {self.reason} {self.about.kind}/{self.about.name}: {self.message or ''}"
        return log_pages.line(0, " ".join(said.split())).text + more


class _Events(BaseModel):
    items: list[_Event]

    def about(self, owners: set[str]) -> list[_Event]:
        """Return those about a deployment, or about the sets and pods that are named after it."""
        beginnings = tuple(f"{name}-" for name in owners)
        return [one for one in self.items if f"{one.about.name}-".startswith(beginnings)]
