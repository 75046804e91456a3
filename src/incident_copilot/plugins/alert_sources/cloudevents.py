"""Takes CloudEvents 1.0 by HTTP, structured, batched or binary; CDEvents among them become changes and incidents.

Set-up: 1. Let the producer or broker (Knative, Tekton, Keptn, Argo Events, EventBridge) send to
`https://copilot.example.net/webhooks/cloudevents` with the header `Authorization: Bearer SECRET`, or, where it can send
no header, to that address with `?token=SECRET`. 2. CDEvents need nothing else. For events of your own say in the option
`types` what each becomes: `com.acme.alarm.raised: {becomes: firing, name: alarm.title}`; the fields are paths in the
event's data, and a type may end with "*".

API: https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import unquote

from pydantic import Field

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_ATTRIBUTES = ("id", "source", "type", "subject", "time", "specversion")
_CDEVENTS = "dev.cdevents."
_RUNS = {
    "success": ChangeStatus.SUCCEEDED,
    "succeeded": ChangeStatus.SUCCEEDED,
    "failure": ChangeStatus.FAILED,
    "failed": ChangeStatus.FAILED,
    "error": ChangeStatus.FAILED,
    "cancel": ChangeStatus.CANCELLED,
    "cancelled": ChangeStatus.CANCELLED,
}


class Rule(Frozen):
    """What an event type becomes; the other fields are paths in the event's data.

    The status of a change is read at `status`; without one the change has succeeded.
    """

    becomes: Literal[
        "firing",
        "resolved",
        "nothing",
        "deployment",
        "merge",
        "run",
        "release",
        "configuration",
        "model",
        "prompt",
        "dataset",
    ]
    name: str = "name"
    status: str = "status"
    key: str = ""
    severity: str = "severity"
    service: str = "service"
    environment: str = "environment"
    summary: str = "summary"
    version: str = "version"
    link: str = "url"


class Options(Frozen):
    """What types of events become that are not CDEvents."""

    types: dict[str, Rule] = Field(default_factory=dict)


def _cd(becomes: str, **paths: str) -> Rule:
    usual = {"name": "subject.id", "status": "subject.content.outcome", "environment": "subject.content.environment.id"}
    more = {"version": "subject.content.artifactId", "link": "subject.content.uri", "key": "subject.id"}
    return Rule.model_validate({"becomes": becomes, "service": "subject.id"} | usual | more | paths)


# By the type without its version, which stands at its end.
_CD_RULES = {
    "service.deployed": _cd("deployment"),
    "service.upgraded": _cd("deployment"),
    "service.rolledback": _cd("deployment"),
    "service.removed": _cd("deployment"),
    "service.published": _cd("release"),
    "artifact.published": _cd("release", service=""),
    "environment.modified": _cd("configuration", environment="subject.id", service=""),
    "change.merged": _cd("merge", service="subject.content.repository.id"),
    "pipelinerun.started": _cd("run", name="subject.content.pipelineName", service="", link="subject.content.url"),
    "pipelinerun.finished": _cd("run", name="subject.content.pipelineName", service="", link="subject.content.url"),
    "incident.detected": _cd(
        "firing", name="subject.content.description", service="subject.content.service.id", summary=""
    ),
    "incident.reported": _cd(
        "firing",
        name="subject.content.description",
        service="subject.content.service.id",
        link="subject.content.ticketURI",
    ),
    "incident.resolved": _cd("resolved", name="subject.content.description", service="subject.content.service.id"),
}


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return CloudEvents(env, options)


class CloudEvents:
    """The producers that send to one address."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now, self._types = env.now, options.types
        self._secrets = Secrets(env, "cloudevents")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept a bearer token, basic auth, or the token of the address."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return what the events say; source and id of an event name a delivery, except for a batch."""
        events = self._events(headers, body)
        told = [self._told(event) for event in events]
        return Delivery(
            alerts=tuple(alert for one in told for alert in one.alerts),
            changes=tuple(change for one in told for change in one.changes),
            delivery_id=f"{events[0].text('source')}|{events[0].required('id')}" if len(events) == 1 else None,
            ignored=", ".join(one.ignored for one in told if one.ignored) or None,
            unknown=", ".join(one.unknown for one in told if one.unknown) or None,
        )

    def _events(self, headers: Mapping[str, str], body: bytes) -> tuple[Fields, ...]:
        """Return events with their attributes and `data`, whichever way they came."""
        source = self._secrets.source
        if "ce-type" not in headers:
            return Fields.each_of(source, body)
        attributes = {name: unquote(headers[f"ce-{name}"]) for name in _ATTRIBUTES if f"ce-{name}" in headers}
        is_json = "json" in headers.get("content-type", "json") and body.strip()
        return (Fields(source, attributes | {"data": Fields.of(source, body).data if is_json else {}}),)

    def _told(self, event: Fields) -> Delivery:
        kind = event.required("type")
        # Data that is no JSON says nothing that a path could name.
        data = event.at("data") if isinstance(event.raw("data"), Mapping) else Fields(event.source, {}, "data")
        rule = self._rule(kind)
        if rule is None:
            is_mute = kind.startswith(_CDEVENTS)
            return Delivery(ignored=kind) if is_mute else Delivery(unknown=kind)
        if rule.becomes == "nothing":
            return Delivery(ignored=kind)
        if rule.becomes in {"firing", "resolved"}:
            return Delivery(alerts=(self._alert(event, data, rule),))
        return Delivery(changes=(self._change(event, data, rule),))

    def _rule(self, kind: str) -> Rule | None:
        """Return the rule of a type: the exact one, else the longest that ends with "*", else that of CDEvents."""
        if kind in self._types:
            return self._types[kind]
        starts = [pattern for pattern in self._types if pattern.endswith("*") and kind.startswith(pattern[:-1])]
        if starts:
            return self._types[max(starts, key=len)]
        name = kind.removeprefix(_CDEVENTS) if kind.startswith(_CDEVENTS) else ""
        return _CD_RULES.get(".".join(name.split(".")[:2]))

    def _alert(self, event: Fields, data: Fields, rule: Rule) -> Alert:
        status, at = AlertStatus(rule.becomes), _time(event, data)
        name = _said(data, rule.name) or event.text("subject") or event.required("type")
        own = _said(data, rule.key) or event.text("subject") or name
        labels = data.texts("labels") if isinstance(data.raw("labels"), Mapping) else {}
        return alert_fields.alert(
            event.source,
            self._now(),
            key=f"{event.text('source')}|{own}",
            name=name,
            status=status,
            severity=_said(data, rule.severity),
            service=_said(data, rule.service),
            environment=_said(data, rule.environment),
            summary=_said(data, rule.summary),
            labels=labels,
            links={"event": _said(data, rule.link)},
            starts_at=at if status is AlertStatus.FIRING else None,
            ends_at=at,
        )

    def _change(self, event: Fields, data: Fields, rule: Rule) -> Change:
        kind, what = event.required("type"), _said(data, rule.name) or event.text("subject")
        verb = _verb(kind)
        return alert_fields.change(
            event.source,
            self._now(),
            key=self._change_key(event, data, rule),
            kind=ChangeKind(rule.becomes),
            title=f"{what} {verb}",
            status=_status(_said(data, rule.status), verb),
            service=_said(data, rule.service),
            environment=_said(data, rule.environment),
            version=_said(data, rule.version),
            link=_said(data, rule.link),
            at=_time(event, data),
        )

    def _change_key(self, event: Fields, data: Fields, rule: Rule) -> str:
        """Return the id of a run, which begins and ends; every other event is a change of its own."""
        own = _said(data, rule.key) if rule.becomes == "run" else ""
        return f"{event.text('source')}|{own or event.required('id')}"


def _verb(kind: str) -> str:
    """Return what happened: the last word of a type, or the one before the version of a CDEvent."""
    parts = kind.removeprefix(_CDEVENTS).split(".")
    return parts[1] if kind.startswith(_CDEVENTS) and len(parts) > 1 else parts[-1]


def _time(event: Fields, data: Fields) -> datetime | None:
    return event.time("time") or data.time("context.timestamp")


def _said(data: Fields, path: str) -> str:
    """Return the text at a path; "" without a path, and where something else than a text is there."""
    return "" if not path or isinstance(data.raw(path), Mapping | list) else data.text(path)


def _status(word: str, verb: str) -> ChangeStatus:
    if verb in {"started", "queued"}:
        return ChangeStatus.STARTED
    return _RUNS.get(word.lower(), ChangeStatus.SUCCEEDED)
