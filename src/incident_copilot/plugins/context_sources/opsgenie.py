"""Finds who is on call for an incident's services, at Opsgenie.

1. In Opsgenie, Settings, API key management: make a key with the right to read; put it into the secret. 2. Name the
schedule of each service.

API: https://docs.opsgenie.com/docs/who-is-on-call-api#get-on-calls
"""

from collections.abc import Sequence

from pydantic import BaseModel

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import on_call, opsgenie
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.on_call import Person, Schedules
from incident_copilot.vendors.server import Server, ServerOptions, required
from incident_copilot.vendors.together import ask_all


class Options(ServerOptions, Schedules):
    """The schedule of each service by its name; `url` is https://api.eu.opsgenie.com in Europe."""

    url: BaseUrl = opsgenie.URL


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return Opsgenie(env, options)


class Opsgenie:
    """One account of Opsgenie."""

    finds = frozenset({EvidenceKind.PERSON})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        headers = opsgenie.headers(required(env, "opsgenie", "an API key that may read"))
        self._server = Server(env, options, "opsgenie", "Opsgenie", headers=headers)
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per person and schedule."""
        asked = self._options.of(question, self._options.services)
        return await ask_all(self._look_up(schedule, service, question) for schedule, service in asked.items())

    async def check(self) -> None:
        """Read the names of schedules."""
        await self._server.http.get("v2/schedules", _Schedules)

    async def _look_up(self, schedule: str, service: str, question: Question) -> list[Evidence]:
        found = await opsgenie.on_calls(self._server.http, schedule)
        people = [Person(name, schedule) for name in found.recipients]
        query = f"on-calls of {schedule}"
        return [on_call.evidence(self._server, question, service, person, query=query) for person in people]


class _Schedules(BaseModel):
    data: list[dict[str, object]]
