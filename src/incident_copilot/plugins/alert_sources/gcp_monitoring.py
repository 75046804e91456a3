"""Takes the incidents of Google Cloud Monitoring (once Stackdriver), versions 1.0 to 1.2 of their body.

Set-up: 1. In Google Cloud, open Monitoring, Alerting, Edit notification channels. 2. Under Webhooks, add
`https://copilot.example.net/webhooks/gcp_monitoring`, tick "Use HTTP basic auth", and give any user name with the
secret as password. Where basic auth cannot be used, add `?token=SECRET` to the address instead. 3. "Test connection"
shows whether it arrives. 4. Choose the channel in your alerting policies.

API: https://cloud.google.com/monitoring/support/notification-options#webhooks
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {"open": AlertStatus.FIRING, "acknowledged": AlertStatus.FIRING, "closed": AlertStatus.RESOLVED}
_NO_SEVERITY = {"no severity", "severity_unspecified"}
# What a resource's labels call the thing that people know.
_SERVICES = ("service_name", "function_name", "container_name", "job_name", "queue_id", "database_id", "cluster_name")


class Options(Frozen):
    """Google Cloud Monitoring needs no options; its secret is the password of basic auth, or the address's token."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return GcpMonitoring(env)


class GcpMonitoring:
    """The notification channels that send to one address."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "gcp_monitoring")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept basic auth whose password is the secret, or the token of the address."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one incident of a body; Google names no delivery."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        if "incident" not in sent:
            return Delivery(unknown="a body without an incident")
        # The button "Test connection" sends version "test", mostly with an incident that can be told.
        if sent.text("version").lower() == "test" and not sent.text("incident.state"):
            return Delivery(ignored="test")
        return Delivery(alerts=(self._alert(sent.at("incident")),))

    def _alert(self, said: Fields) -> Alert:
        labels = _labels(said)
        severity = said.text("severity")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=said.text("incident_id"),
            name=said.first("condition_name", "condition.displayName", "policy_name") or said.required("summary"),
            status=said.choice("state", _STATES),
            severity=None if severity.lower() in _NO_SEVERITY else severity,
            service=_service(said, labels),
            summary=said.text("summary"),
            description=_documentation(said),
            labels=labels,
            annotations={name: text for name, text in _measured(said).items() if text},
            links={"incident": said.text("url"), **_linked(said)},
            starts_at=said.time("started_at"),
            ends_at=said.time("ended_at"),
            expression=said.text("condition.conditionPrometheusQueryLanguage.query"),
        )


def _labels(said: Fields) -> dict[str, str]:
    """Return all labels, those that people set last, so that they win."""
    given = {"project": said.text("scoping_project_id"), "metric": said.text("metric.type")}
    labels = {name: text for name, text in given.items() if text}
    for place in (
        "resource.labels", "metric.labels", "metadata.system_labels", "metadata.user_labels", "policy_user_labels",
    ):  # fmt: skip
        labels |= said.texts(place)
    return labels


def _service(said: Fields, labels: Mapping[str, str]) -> str:
    # From version 1.2 on the resource's name is a sentence, except for resources that have a path.
    name = said.text("resource_name").rpartition("/")[2]
    return (
        alert_fields.first(labels, "service", "app", "application")
        or alert_fields.first(said.texts("resource.labels"), *_SERVICES)
        or ("" if " " in name else name)
        or said.first("resource_display_name", "resource_id", "resource_name")
    )


def _documentation(said: Fields) -> str:
    """Return what the policy's author wrote; in version 1.0 it may be a plain text."""
    written = said.raw("documentation")
    return (
        said.first("documentation.content", "documentation.subject")
        if isinstance(written, Mapping)
        else (said.text("documentation"))
    )


def _measured(said: Fields) -> dict[str, str]:
    return {
        "policy": said.text("policy_name"),
        "observed": said.text("observed_value"),
        "threshold": said.text("threshold_value"),
        "filter": said.text("condition.conditionThreshold.filter"),
    }


def _linked(said: Fields) -> dict[str, str]:
    """Return the links of the documentation, by their names."""
    listed = said.each("documentation.links") if isinstance(said.raw("documentation"), Mapping) else ()
    return {one.first("displayName", "display_name") or "documentation": one.text("url") for one in listed}
