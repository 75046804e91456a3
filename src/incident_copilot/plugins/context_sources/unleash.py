"""Finds which feature flags were changed in Unleash.

1. In Unleash, make an admin token or a personal access token of a viewer; put it into the secret. 2. Where the names of
flags do not hold the services they switch, name them in `services_of`, by flag or project.

API: https://docs.getunleash.io/reference/api/unleash/search-events
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.redaction import redact
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import made
from incident_copilot.vendors.environments import EnvironmentOptions
from incident_copilot.vendors.http import Params
from incident_copilot.vendors.made import Made
from incident_copilot.vendors.server import Server, ServerOptions, required

_ANSWER_BYTES = 8 * 1024 * 1024
_SWITCHED = {"feature-environment-enabled": ("off", "on"), "feature-environment-disabled": ("on", "off")}
# What only keeps order among flags changes nothing for users.
_TIDYING = ("feature-stale", "feature-potentially", "feature-tag", "feature-untag", "feature-fav", "feature-unfav")
_VALUE = 1000


class Options(ServerOptions, EnvironmentOptions):
    """Where Unleash answers, and which service a flag or a project of flags belongs to.

    A flag that is not listed belongs to the service whose name its own name holds, else to none that is known.
    `look_back_h` is how long before the question's window a change still counts, `each` how many changes are told.
    """

    services_of: dict[str, str] = Field(default_factory=dict, max_length=500)
    look_back_h: float = Field(default=24, ge=0, le=24 * 14)
    each: int = Field(default=10, ge=1, le=50)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return Unleash(env, options)


class Unleash:
    """One Unleash, asked for events."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        # Unleash wants the token alone, without the word Bearer.
        headers = {"authorization": required(env, "unleash", "a token of Unleash")}
        self._server = Server(env, options, "unleash", "Unleash", headers=headers)
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per change of a flag in the incident's environment, newest first."""
        environment = self._options.environment(question.incident.environment)
        listed = await self._events(200)
        events = [one for one in listed.events if one.is_change() and one.environment in {None, environment}]
        links = {one.made(self._service(one, question)): self._link(one) for one in events}
        since = question.since - timedelta(hours=self._options.look_back_h)
        return [
            made.evidence(self._server, question, one, query=f"events of flags in {environment}", link=links[one])
            for one in made.newest(links, question, since, self._options.each)
        ]

    async def check(self) -> None:
        """Read the newest event."""
        await self._events(1)

    async def _events(self, most: int) -> "_Events":
        params: Params = {"limit": most, "offset": 0}
        return await self._server.http.get("api/admin/search/events", _Events, params, _ANSWER_BYTES)

    def _service(self, event: "_Event", question: Question) -> str:
        named = self._options.services_of
        told = named.get(event.flag or "") or named.get(event.project or "")
        known = [*question.services, *question.repos]
        return told or made.service_named(event.flag or "", known) or event.project or "feature flags"

    def _link(self, event: "_Event") -> str:
        return f"{self._options.url}/projects/{event.project or 'default'}/features/{event.flag}"


class _Event(BaseModel):
    type: str
    flag: str | None = Field(default=None, alias="featureName")
    project: str | None = None
    environment: str | None = None
    at: Utc = Field(alias="createdAt")
    by: str = Field(default="", alias="createdBy")
    before: Any = Field(default=None, alias="preData")
    after: Any = Field(default=None, alias="data")

    def is_change(self) -> bool:
        """Whether it may have changed what users get."""
        return bool(self.flag) and self.type.startswith("feature-") and not self.type.startswith(_TIDYING)

    def made(self, service: str) -> Made:
        """Return the change."""
        what = self.type.removeprefix("feature-").removeprefix("environment-").replace("-", " ")
        before, after = _SWITCHED.get(self.type) or (_text(self.before), _text(self.after))
        where = f" in {self.environment}" if self.environment else ""
        return Made(
            service=service,
            at=self.at,
            kind="flag",
            title=f"Flag {self.flag} {what}{where}",
            author=self.by,
            version=what,
            diff=f"+++ b/flags/{self.flag}\n{made.setting(str(self.flag), before, after)}",
            ref=str(self.flag),
            repo=self.project or "",
        )


class _Events(BaseModel):
    events: list[_Event]


def _text(value: Any) -> str | None:
    return redact(str(value)[:_VALUE]) if value else None
