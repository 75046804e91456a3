"""Takes the webhook alert action of Splunk Enterprise and Splunk Cloud.

Set-up: 1. In Splunk open the saved search, Edit > Edit Alert > Add Actions > Webhook.
2. URL: `https://copilot.example.net/webhooks/splunk?token=` and the secret; Splunk can send no header.
3. In Splunk Cloud, add the address to Settings > Server settings > Webhook allow list.
4. Let the search return fields named `service`, `environment` and `severity`: Splunk sends the first result only.
Splunk never says that an alert is over; the copilot's people resolve it.

API: https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_SEVERITIES = ("severity", "urgency", "priority", "level", "log_level")
# What Splunk adds to each event for itself.
_OWN = ("_", "date_", "timestartpos", "timeendpos", "punct", "linecount", "splunk_server", "eventtype")


class Options(Frozen):
    """Splunk needs no options; its secret is the token in the address."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Splunk(env)


class Splunk:
    """One Splunk; it sends no delivery id, and its search id is the same for all results of one search."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "splunk")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare `?token=`, or what a proxy in between adds as Authorization, with the secret."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return what the saved search found, as one alert."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        if not any(name in sent for name in ("search_name", "result", "sid")):
            raise sent.bad("search_name", "is missing, and so is result")
        result = sent.at("result")
        fields = {name: text for name, text in result.texts().items() if text and not name.startswith(_OWN)}
        alert = alert_fields.alert(
            sent.source,
            self._now(),
            key="|".join((sent.text("app"), sent.text("search_name"), fields.get("host", ""))),
            name=sent.text("search_name"),
            status=AlertStatus.FIRING,
            severity=alert_fields.first(fields, *_SEVERITIES),
            summary=sent.text("search_name"),
            description=result.first("_raw", "message", "description"),
            labels=fields | sent.picked(splunk_app="app", splunk_owner="owner"),
            links=sent.picked(results="results_link"),
            starts_at=result.time("_time"),
        )
        return Delivery(alerts=(alert,))
