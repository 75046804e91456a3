"""Pages people at PagerDuty, by its Events API; what they do there comes back by the alert source of the same name.

In PagerDuty add the integration Events API v2 to the service of a team; its integration key is the secret.

API: https://developer.pagerduty.com/docs/send-alert-event
"""

from pydantic import BaseModel

from incident_copilot.domain.effect import Page
from incident_copilot.domain.incident import Severity
from incident_copilot.ports import Pager, PluginEnv
from incident_copilot.vendors import server
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.state_action import TargetOptions, connect

_SEVERITIES = {Severity.P0: "critical", Severity.P1: "error", Severity.P2: "warning", Severity.P3: "info"}


class Options(TargetOptions):
    """The address of the Events API; `https://events.eu.pagerduty.com` in Europe."""

    url: BaseUrl = "https://events.pagerduty.com"


def create(env: PluginEnv, options: Options) -> Pager:
    """Return the pager. Raises ConfigError: there is no secret."""
    return PagerDuty(env, options)


class PagerDuty:
    """One service of PagerDuty."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "pagerduty"
        self._key = server.required(env, "pagerduty", "an integration key")
        self._http = connect(env, options, "PagerDuty", {})

    async def send(self, page: Page) -> None:
        """Send one event; the same dedup_key makes several one. Raises VendorUnavailable or VendorRefused."""
        event: dict[str, object] = {"routing_key": self._key, "event_action": page.event, "dedup_key": page.key}
        if page.event == "trigger":
            event["payload"] = {
                "summary": page.summary,
                "source": "incident-copilot",
                "severity": _SEVERITIES[page.severity],
                "component": page.service,
            }
            event["client"] = "incident-copilot"
            event["links"] = [{"href": page.link, "text": "The incident"}] if page.link else []
        # What is sent twice under one key is one event there, so it may be repeated.
        await self._http.look_up("v2/enqueue", event, _Taken)


class _Taken(BaseModel):
    status: str
