"""Says who is on call by a schedule of Opsgenie, or of Jira Service Management, which answers in the same way.

Make a key with the right to read in Opsgenie under Settings, API key management; put it into the secret. Recipients are
the addresses that people sign in with. The next to come is called second.

API: https://docs.opsgenie.com/docs/who-is-on-call-api#get-on-calls
"""

import asyncio
from collections.abc import Sequence

from incident_copilot.domain.rotation import OnDuty
from incident_copilot.ports import PluginEnv, ScheduleSource
from incident_copilot.vendors import opsgenie, server
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.state_action import TargetOptions, connect


class Options(TargetOptions):
    """The account's address; `https://api.eu.opsgenie.com` in Europe."""

    url: BaseUrl = opsgenie.URL


def create(env: PluginEnv, options: Options) -> ScheduleSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return Opsgenie(env, options)


class Opsgenie:
    """One account of Opsgenie."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "opsgenie"
        headers = opsgenie.headers(server.required(env, "opsgenie", "an API key that may read"))
        self._http = connect(env, options, "Opsgenie", headers)

    async def on_duty(self, schedule: str) -> Sequence[OnDuty]:
        """Return who is on call now by a schedule, by its name; then who comes next."""
        now, then = await asyncio.gather(
            opsgenie.on_calls(self._http, schedule), opsgenie.on_calls(self._http, schedule, "next-on-calls")
        )
        later = [one for one in then.next if one not in now.recipients]
        levels = [*((one, 1) for one in now.recipients), *((one, 2) for one in later)]
        return [OnDuty(name=who, level=level, email=who if "@" in who else None) for who, level in levels]
