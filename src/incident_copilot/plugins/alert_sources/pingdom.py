"""Takes Pingdom's webhooks: a check that went down or came up again, of every type of check.

Set-up: 1. In Pingdom, open Settings, Integrations, Add integration, type Webhook. 2. Paste
`https://copilot.example.net/webhooks/pingdom?token=SECRET` as URL; Pingdom can send neither header nor signature.
3. Tick the integration in each check under "Connect integrations". A tag such as "service:shop" names the service.

API: https://www.pingdom.com/resources/webhooks/
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

# Transaction checks say success and failing.
_STATES = {
    "down": AlertStatus.FIRING,
    "failing": AlertStatus.FIRING,
    "failure": AlertStatus.FIRING,
    "unconfirmed_down": AlertStatus.FIRING,
    "up": AlertStatus.RESOLVED,
    "success": AlertStatus.RESOLVED,
    "successful": AlertStatus.RESOLVED,
}


class Options(Frozen):
    """Pingdom needs no options; its secret is the token of the address."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Pingdom(env)


class Pingdom:
    """One account of Pingdom."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "pingdom")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept the token of the address: Pingdom can send nothing else."""
        del body
        self._secrets.require_token(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one check of a body; Pingdom names no delivery."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        state = sent.text("current_state").lower()
        if state in {"paused", "unknown"}:
            return Delivery(ignored=state)
        return Delivery(alerts=(self._alert(sent),))

    def _alert(self, sent: Fields) -> Alert:
        status = sent.choice("current_state", _STATES)
        changed = sent.time("state_changed_timestamp") or sent.time("state_changed_utc_time")
        labels = alert_fields.tagged(_tags(sent)) | {
            name: text for name in ("check_type", "check_id") if (text := sent.text(name))
        }
        address = sent.text("check_params.full_url") or sent.text("check_params.url")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=sent.text("check_id"),
            name=sent.text("check_name") or sent.required("check_id"),
            status=status,
            severity=sent.text("importance_level"),
            service=alert_fields.service_in(labels) or sent.text("check_params.hostname"),
            summary=sent.text("description"),
            description=sent.text("long_description"),
            labels=labels,
            annotations={
                probe: seen for probe in ("first_probe", "second_probe") if (seen := sent.text(f"{probe}.location"))
            },
            links={"checked": address},
            starts_at=changed if status is AlertStatus.FIRING else None,
            ends_at=changed,
        )


def _tags(sent: Fields) -> tuple[str, ...]:
    """Return the names of tags, which come as texts or as objects."""
    tags = sent.raw("tags") if isinstance(sent.raw("tags"), list) else []
    return tuple(str(tag.get("name") or "") if isinstance(tag, Mapping) else str(tag) for tag in tags)
