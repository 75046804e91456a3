"""Finds who is on call for an incident's services, at PagerDuty.

1. In PagerDuty, Integrations, API Access Keys: make a read-only key; put it into the secret. 2. Name the escalation
policy of each service by its id, such as PANZZEQ, which ends its address.

API: https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls
"""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import on_call
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.on_call import Person, Schedules
from incident_copilot.vendors.server import Server, ServerOptions, required
from incident_copilot.vendors.together import ask_all


class Options(ServerOptions, Schedules):
    """The escalation policy of each service: its id in `schedules`, else `schedule`. `levels` is how far it is read."""

    url: BaseUrl = "https://api.pagerduty.com"
    levels: int = Field(default=2, ge=1, le=20)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return PagerDuty(env, options)


class PagerDuty:
    """One account of PagerDuty."""

    finds = frozenset({EvidenceKind.PERSON})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        key = required(env, "pagerduty", "a read-only API key")
        headers = {"authorization": f"Token token={key}", "accept": "application/vnd.pagerduty+json;version=2"}
        self._server = Server(env, options, "pagerduty", "PagerDuty", headers=headers)
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per person and escalation policy, in the order in which they are called."""
        asked = self._options.of(question, self._options.services)
        return await ask_all(self._look_up(policy, service, question) for policy, service in asked.items())

    async def check(self) -> None:
        """Read one person who is on call."""
        await self._on_calls({"limit": 1})

    async def _look_up(self, policy: str, service: str, question: Question) -> list[Evidence]:
        answer = await self._on_calls({"escalation_policy_ids[]": [policy], "earliest": "true", "limit": 100})
        near = [one for one in answer.oncalls if one.level <= self._options.levels]
        people = {one.user.summary: one.person() for one in sorted(near, key=lambda one: one.level, reverse=True)}
        query = f"on-calls of {policy}"
        return [
            on_call.evidence(self._server, question, service, person, query=query)
            for person in reversed(people.values())
        ]

    async def _on_calls(self, params: Params) -> "_OnCalls":
        return await self._server.http.get("oncalls", _OnCalls, params)


class _Reference(BaseModel):
    summary: str
    html_url: str | None = None


class _OnCall(BaseModel):
    """Somebody on call; one without a schedule always is."""

    level: int = Field(alias="escalation_level")
    policy: _Reference = Field(alias="escalation_policy")
    schedule: _Reference | None = None
    user: _Reference
    end: Utc | None = None

    def person(self) -> Person:
        """Return who it is."""
        by = self.schedule or self.policy
        return Person(self.user.summary, f"{by.summary} (level {self.level})", self.end, self.user.html_url)


class _OnCalls(BaseModel):
    oncalls: list[_OnCall]
