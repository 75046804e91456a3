"""Says who is on call by a schedule of Grafana OnCall.

The secret is an API key of Grafana OnCall. A schedule in catalog.yaml is its id, such as SBM7DV7BKFUYU. OnCall knows
the Slack ids of people who linked their accounts.

API: https://grafana.com/docs/oncall/latest/oncall-api-reference/schedules/
"""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel, Field

from incident_copilot.domain.rotation import OnDuty
from incident_copilot.ports import PluginEnv, ScheduleSource
from incident_copilot.vendors import server
from incident_copilot.vendors.state_action import TargetOptions, connect


class Options(TargetOptions):
    """Where it answers, as its settings show: https://oncall-prod-eu-west-0.grafana.net/oncall, or one's own."""


def create(env: PluginEnv, options: Options) -> ScheduleSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return GrafanaOnCall(env, options)


class GrafanaOnCall:
    """One Grafana OnCall."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "grafana_oncall"
        headers = {"authorization": server.required(env, "grafana_oncall", "an API key")}
        self._http = connect(env, options, "Grafana OnCall", headers)

    async def on_duty(self, schedule: str) -> Sequence[OnDuty]:
        """Return who is on call now by a schedule."""
        found = await self._http.get(f"api/v1/schedules/{quote(schedule, safe='')}", _Schedule)
        users = await asyncio.gather(
            *(self._http.get(f"api/v1/users/{quote(one, safe='')}", _User) for one in found.on_call_now[:10])
        )
        return [
            OnDuty(name=one.username, email=one.email, chat_id=one.slack.user_id if one.slack else None)
            for one in users
        ]


class _Schedule(BaseModel):
    on_call_now: list[str] = []


class _Slack(BaseModel):
    user_id: str | None = None


class _User(BaseModel):
    username: str
    email: str | None = None
    slack: _Slack | None = Field(default=None)
