"""Finds what Argo CD rolled out for an incident's services, with the revision before.

The secret is a token of an account that may get applications.

API: https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/ (ApplicationService_Get)
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import made, series
from incident_copilot.vendors.made import Made
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 8 * 1024 * 1024


class Options(ServerOptions):
    """Where Argo CD answers, and what a service's application is called: by `applications`, else by `application`.

    `look_back_h` is how long before the question's window a rollout still counts, `each` how many of an application.
    """

    application: str = Field(default="{service}", min_length=1, max_length=200)
    applications: dict[str, str] = Field(default_factory=dict, max_length=500)
    look_back_h: float = Field(default=24, ge=0, le=24 * 14)
    each: int = Field(default=6, ge=1, le=30)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return ArgoCd(env, options)


class ArgoCd:
    """One Argo CD, asked for the histories of applications."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "argocd", "Argo CD")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per rollout from `look_back_h` before the question's window to its end."""
        wanted = list(dict.fromkeys([*question.services, *question.repos]))[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in wanted)

    async def check(self) -> None:
        """Read whose the token is; without one Argo CD says so."""
        who = await self._server.http.get("api/v1/session/userinfo", _Who)
        if not who.is_known:
            raise VendorRefused(
                f"{self.name}: the token is of nobody; make one with `argocd account generate-token`", 200
            )

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        name = self._options.applications.get(service) or series.filled(self._options.application, service)
        try:
            path = f"api/v1/applications/{quote(name, safe='')}"
            application = await self._server.http.get(path, _Application, None, _ANSWER_BYTES)
        except VendorRefused as error:
            if error.status == 404:
                return []
            raise
        history = sorted(application.status.history, key=lambda entry: entry.at)
        found = [
            entry.made(service, before, application.status)
            for before, entry in zip([None, *history], history, strict=False)
        ]
        since = question.since - timedelta(hours=self._options.look_back_h)
        link = f"{self._options.url}/applications/{quote(name, safe='')}"
        return [
            made.evidence(self._server, question, one, query=f"history of {name}", link=link)
            for one in made.newest(found, question, since, self._options.each)
        ]


class _Source(BaseModel):
    repo: str = Field(default="", alias="repoURL")
    path: str = ""
    chart: str = ""
    target: str = Field(default="", alias="targetRevision")


class _Initiator(BaseModel):
    username: str = ""
    automated: bool = False


class _Entry(BaseModel):
    """One rollout; an application of several sources has lists of both."""

    at: Utc = Field(alias="deployedAt")
    revision: str = ""
    revisions: list[str] = []
    source: _Source = _Source()
    sources: list[_Source] = []
    by: _Initiator = Field(default=_Initiator(), alias="initiatedBy")

    @property
    def version(self) -> str:
        """The revisions, of commits their beginnings."""
        shown = [one[:7] if len(one) == 40 else one for one in (self.revisions or [self.revision]) if one]
        return ", ".join(shown) or "unknown"

    def made(self, service: str, before: "_Entry | None", status: "_Status") -> Made:
        """Return the rollout."""
        first = self.sources[0] if self.sources else self.source
        where = first.path or first.chart
        return Made(
            service=service,
            at=self.at,
            kind="rollout",
            title=f"Rollout of {service} {self.version}",
            author=self.by.username or ("Argo CD by itself" if self.by.automated else ""),
            version=self.version,
            previous=before.version if before else None,
            ref=self.revision or ", ".join(self.revisions),
            repo=first.repo,
            told=f"{where} of {first.repo}; the application is {status.health.status}, {status.sync.status} now",
        )


class _Health(BaseModel):
    status: str = "Unknown"


class _Sync(BaseModel):
    status: str = "Unknown"


class _Status(BaseModel):
    history: list[_Entry] = []
    health: _Health = _Health()
    sync: _Sync = _Sync()


class _Application(BaseModel):
    status: _Status = _Status()


class _Who(BaseModel):
    is_known: bool = Field(default=False, alias="loggedIn")
