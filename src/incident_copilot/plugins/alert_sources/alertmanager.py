"""Takes the webhooks of Prometheus Alertmanager, version 4 of their body.

API: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from collections.abc import Mapping

from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import bodies
from incident_copilot.vendors.alert_group import AlertGroup
from incident_copilot.vendors.secrets import Secrets


class Options(Frozen):
    """Alertmanager needs no options; its secret is the password or bearer token of `http_config`."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Alertmanager(env)


class Alertmanager:
    """One Alertmanager; its secret may be two, separated by a comma, while they are being changed."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "alertmanager")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept a bearer token, or basic auth whose password (or "user:password") is the secret."""
        del body
        self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the alerts, each with its own status; Alertmanager sends no delivery id."""
        del headers
        source = self._secrets.source
        return Delivery(alerts=AlertGroup(source, bodies.load(source, body), self._now()).alerts())
