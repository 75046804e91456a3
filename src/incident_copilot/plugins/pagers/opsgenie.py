"""Pages people at Opsgenie, or Jira Service Management; what they do there comes back by the alert source of that name.

In Opsgenie add an API integration to a team; its key is the secret. The alias of an alert makes several tellings one.

API: https://docs.opsgenie.com/docs/alert-api
"""

from urllib.parse import quote

from pydantic import BaseModel, Field

from incident_copilot.domain.effect import Page
from incident_copilot.domain.incident import Severity
from incident_copilot.ports import Pager, PluginEnv
from incident_copilot.vendors import opsgenie, server
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.state_action import TargetOptions, connect

_PRIORITIES = {Severity.P0: "P1", Severity.P1: "P2", Severity.P2: "P3", Severity.P3: "P4"}
_ACTS = {"acknowledge": "acknowledge", "resolve": "close"}
_MESSAGE = 130  # the longest that it takes


class Options(TargetOptions):
    """The account's address; `https://api.eu.opsgenie.com` in Europe."""

    url: BaseUrl = opsgenie.URL


def create(env: PluginEnv, options: Options) -> Pager:
    """Return the pager. Raises ConfigError: there is no secret."""
    return Opsgenie(env, options)


class Opsgenie:
    """One integration of Opsgenie."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "opsgenie"
        headers = opsgenie.headers(server.required(env, "opsgenie", "the key of an API integration"))
        self._http = connect(env, options, "Opsgenie", headers)

    async def send(self, page: Page) -> None:
        """Open, acknowledge or close the alert of this alias. Raises VendorUnavailable or VendorRefused."""
        if page.event == "trigger":
            details = {"link": page.link} if page.link else {}
            body: dict[str, object] = {
                "message": page.summary[:_MESSAGE],
                "alias": page.key,
                "description": page.summary,
                "priority": _PRIORITIES[page.severity],
                "source": "incident-copilot",
                "entity": page.service or "",
                "details": details,
            }
            await self._http.look_up("v2/alerts", body, _Taken)
        else:
            path = f"v2/alerts/{quote(page.key, safe='')}/{_ACTS[page.event]}"
            said = {"source": "incident-copilot", "note": page.summary}
            await self._http.look_up(path, said, _Taken, params={"identifierType": "alias"})


class _Taken(BaseModel):
    request_id: str = Field(alias="requestId")
