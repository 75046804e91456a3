"""Finds who is on call for an incident's services, at PagerDuty.

1. In PagerDuty, Integrations, API Access Keys: make a read-only key; put it into the secret. 2. Name the escalation
policy of each service by its id, such as PANZZEQ, which ends its address.

API: https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import on_call, pagerduty
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.on_call import Person, Schedules
from incident_copilot.vendors.pagerduty import OnCall
from incident_copilot.vendors.server import Server, ServerOptions, required
from incident_copilot.vendors.together import ask_all


class Options(ServerOptions, Schedules):
    """The escalation policy of each service: its id in `schedules`, else `schedule`. `levels` is how far it is read."""

    url: BaseUrl = pagerduty.URL
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
        self._server = Server(env, options, "pagerduty", "PagerDuty", headers=pagerduty.headers(key))
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per person and escalation policy, in the order in which they are called."""
        asked = self._options.of(question, self._options.services)
        return await ask_all(self._look_up(policy, service, question) for policy, service in asked.items())

    async def check(self) -> None:
        """Read one person who is on call."""
        await pagerduty.on_calls(self._server.http, {"limit": 1})

    async def _look_up(self, policy: str, service: str, question: Question) -> list[Evidence]:
        found = await pagerduty.on_calls(self._server.http, pagerduty.of_policy(policy))
        near = [one for one in found if one.level <= self._options.levels]
        people = {one.user.summary: _person(one) for one in sorted(near, key=lambda one: one.level, reverse=True)}
        query = f"on-calls of {policy}"
        return [
            on_call.evidence(self._server, question, service, person, query=query)
            for person in reversed(people.values())
        ]


def _person(one: OnCall) -> Person:
    by = one.schedule or one.policy
    return Person(one.user.summary, f"{by.summary} (level {one.level})", one.end, one.user.html_url)
