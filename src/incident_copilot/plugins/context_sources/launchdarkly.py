"""Finds which feature flags were changed in LaunchDarkly, by its audit log.

1. In LaunchDarkly, make an access token with the role Reader; put it into the secret. 2. Where the names of flags do
not hold the services they switch, name them in `services_of`, by the flag's key.

API: https://launchdarkly.com/docs/api/audit-log/get-audit-log-entries
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import made, times
from incident_copilot.vendors.environments import EnvironmentOptions
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.made import Made
from incident_copilot.vendors.server import Server, ServerOptions, required

_MOST = 20  # more are not given at once
_SWITCHED = {"turned on the flag": ("off", "on"), "turned off the flag": ("on", "off")}


class Options(ServerOptions, EnvironmentOptions):
    """Which `project` is read, in the environment of an incident, and which service a flag belongs to.

    A flag that is not listed belongs to the service whose name its own name holds, else to none that is known.
    `look_back_h` is how long before the question's window a change still counts.
    """

    url: BaseUrl = "https://app.launchdarkly.com"
    project: str = Field(default="*", pattern=r"^[A-Za-z0-9*._-]{1,100}$")
    services_of: dict[str, str] = Field(default_factory=dict, max_length=500)
    look_back_h: float = Field(default=24, ge=0, le=24 * 14)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return LaunchDarkly(env, options)


class LaunchDarkly:
    """One account of LaunchDarkly."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        # LaunchDarkly wants the token alone, without the word Bearer.
        headers = {"authorization": required(env, "launchdarkly", "an access token")}
        self._server = Server(env, options, "launchdarkly", "LaunchDarkly", headers=headers)
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per change of a flag in the incident's environment, newest first, at most twenty."""
        environment = self._options.environment(question.incident.environment)
        since = question.since - timedelta(hours=self._options.look_back_h)
        listed = await self._entries(f"proj/{self._options.project}:env/{environment}:flag/*", since, question.until)
        found = {
            one.made(self._service(one, question), at): self._link(one)
            for one in listed.items
            if one.kind == "flag" and (at := times.read(one.date))
        }
        query = f"audit log of flags in {environment}"
        return [
            made.evidence(self._server, question, one, query=query, link=found[one])
            for one in made.newest(found, question, since, _MOST)
        ]

    async def check(self) -> None:
        """Read the entries of the last minute."""
        until = self._server.now()
        await self._entries("proj/*:env/*:flag/*", until - timedelta(minutes=1), until)

    async def _entries(self, spec: str, since: datetime, until: datetime) -> "_Entries":
        window = {"after": round(since.timestamp() * 1000), "before": round(until.timestamp() * 1000)}
        params: Params = {"spec": spec, "limit": _MOST, **window}
        return await self._server.http.get("api/v2/auditlog", _Entries, params)

    def _service(self, entry: "_Entry", question: Question) -> str:
        known = [*question.services, *question.repos]
        named = self._options.services_of.get(entry.key)
        return named or made.service_named(f"{entry.key} {entry.name}", known) or "feature flags"

    def _link(self, entry: "_Entry") -> str | None:
        site = entry.target.links.site if entry.target and entry.target.links else None
        return f"{self._options.url}{site.href}" if site else None


class _Member(BaseModel):
    email: str = ""


class _Link(BaseModel):
    href: str


class _Links(BaseModel):
    site: _Link | None = None


class _Target(BaseModel):
    links: _Links | None = Field(default=None, alias="_links")
    resources: list[str] = []


class _Entry(BaseModel):
    """An entry; `date` is in milliseconds, the flag's key is in the names of resources only."""

    date: int
    kind: str = ""
    name: str = ""
    verb: str = Field(default="", alias="titleVerb")
    description: str = ""
    comment: str = ""
    member: _Member | None = None
    target: _Target | None = None

    @property
    def key(self) -> str:
        """The flag's key, or its name where no resource is named."""
        resource = next(iter(self.target.resources), "") if self.target else ""
        return resource.rpartition(":flag/")[2].partition(";")[0] or self.name

    def made(self, service: str, at: datetime) -> Made:
        """Return the change of that time."""
        what = self.verb or "changed the flag"
        before, after = _SWITCHED.get(self.verb, (None, self.description or None))
        return Made(
            service=service,
            at=at,
            kind="flag",
            title=f"Flag {self.key}: {what}",
            author=self.member.email if self.member else "",
            version=what,
            diff=f"+++ b/flags/{self.key}\n{made.setting(self.key, before, after)}",
            ref=self.key,
            told=" ".join((self.comment or self.description).split())[:300],
        )


class _Entries(BaseModel):
    items: list[_Entry] = []
