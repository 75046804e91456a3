"""Reads which errors of an incident's services are new or came back, from Sentry.

1. In Sentry, make an internal integration that may read issues and events; put its token into the secret. 2. Where a
project is not called as its service, name it in `projects`.

API: https://docs.sentry.io/api/events/list-an-organizations-issues/
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors.environments import EnvironmentOptions
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.server import Server, ServerOptions, required
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 4 * 1024 * 1024
_LISTED = 25
State = Literal["new", "regressed", "ongoing"]
_ORDER: dict[State, int] = {"new": 0, "regressed": 1, "ongoing": 2}


class Options(ServerOptions, EnvironmentOptions):
    """Which `organization` is read, and the project of each service that has another name.

    `each` is how many errors of a service are told: new ones first, then those that came back, then the most frequent.
    """

    url: BaseUrl = "https://sentry.io"
    organization: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")
    projects: dict[str, str] = Field(default_factory=dict, max_length=500)
    each: int = Field(default=5, ge=1, le=_LISTED)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: there is no secret."""
    required(env, "sentry", "a token that may read issues and events")
    return Sentry(env, options)


class Sentry:
    """One organization of Sentry."""

    finds = frozenset({EvidenceKind.ERROR})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "sentry", "Sentry")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per error that occurred in the question's window."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Read one issue."""
        await self._issues({"query": "is:unresolved", "limit": 1})

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        project = self._options.projects.get(service, service)
        query = f'is:unresolved project:"{project.replace(chr(34), "")}"'
        params: Params = {
            "query": query,
            "environment": self._options.environment(question.incident.environment),
            "start": f"{question.since:%Y-%m-%dT%H:%M:%S}",
            "end": f"{question.until:%Y-%m-%dT%H:%M:%S}",
            "sort": "freq",
            "limit": _LISTED,
        }
        listed = (await self._issues(params)).root
        states = [(issue.state(question), issue) for issue in listed]
        chosen = sorted(states, key=lambda pair: (_ORDER[pair[0]], -pair[1].count))[: self._options.each]
        return [self._evidence(service, state, issue, query, question) for state, issue in chosen]

    async def _issues(self, params: Params) -> "_Issues":
        path = f"api/0/organizations/{self._options.organization}/issues/"
        return await self._server.http.get(path, _Issues, params, _ANSWER_BYTES)

    def _evidence(self, service: str, state: State, issue: "_Issue", query: str, question: Question) -> Evidence:
        where = f" in {issue.culprit}" if issue.culprit else ""
        seen = f"first seen {_told(issue.first_seen)}, last {_told(issue.last_seen)}"
        return self._server.evidence(
            question,
            EvidenceKind.ERROR,
            title=issue.title,
            summary=f"{state.capitalize()}: {issue.title}{where}, {issue.count} times, {issue.users} users, {seen}.",
            data={
                "service": service,
                "state": state,
                "count": issue.count,
                "users": issue.users,
                "first_seen": issue.first_seen.timestamp(),
                "last_seen": issue.last_seen.timestamp(),
                "level": issue.level,
                "where": issue.culprit or "",
                "id": issue.short_id,
            },
            link=issue.permalink,
            query=query,
        )


class _Issue(BaseModel):
    """An issue; `count` is a number in a text, of the time that was asked about."""

    short_id: str = Field(default="", alias="shortId")
    title: str
    culprit: str | None = None
    permalink: str | None = None
    level: str = "error"
    substatus: str | None = None
    count: int
    users: int = Field(default=0, alias="userCount")
    first_seen: Utc = Field(alias="firstSeen")
    last_seen: Utc = Field(alias="lastSeen")

    def state(self, question: Question) -> State:
        """Return whether it is new in the window, came back, or has been there."""
        if self.first_seen >= question.since:
            return "new"
        return "regressed" if self.substatus == "regressed" else "ongoing"


class _Issues(RootModel[list[_Issue]]):
    pass


def _told(at: Utc) -> str:
    return f"{at:%H:%M} UTC on {at:%-d %B}"
