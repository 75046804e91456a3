"""Says who is on call by an escalation policy of PagerDuty.

Make a read-only key in PagerDuty under Integrations, API Access Keys; put it into the secret. A schedule in
catalog.yaml is the escalation policy's id, such as PANZZEQ, which ends its address.

API: https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls
"""

from collections.abc import Sequence

from incident_copilot.domain.rotation import OnDuty
from incident_copilot.ports import PluginEnv, ScheduleSource
from incident_copilot.vendors import pagerduty, server
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.state_action import TargetOptions, connect


class Options(TargetOptions):
    """The account's address; `https://api.eu.pagerduty.com` in Europe."""

    url: BaseUrl = pagerduty.URL


def create(env: PluginEnv, options: Options) -> ScheduleSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return PagerDuty(env, options)


class PagerDuty:
    """One account of PagerDuty."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "pagerduty"
        key = server.required(env, "pagerduty", "a read-only API key")
        self._http = connect(env, options, "PagerDuty", pagerduty.headers(key))

    async def on_duty(self, schedule: str) -> Sequence[OnDuty]:
        """Return who is on call now by an escalation policy, each person once, on their first level."""
        found = await pagerduty.on_calls(self._http, pagerduty.of_policy(schedule) | {"include[]": ["users"]})
        people: dict[str, OnDuty] = {}
        for one in found:
            duty = OnDuty(name=one.user.summary, level=one.level, email=one.user.email, until=one.end)
            people.setdefault(one.user.summary, duty)
        return list(people.values())
