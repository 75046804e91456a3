"""Finds what was deployed, merged and released in the projects of an incident's services at GitLab.

The secret is a token with the scope read_api.

API: https://docs.gitlab.com/api/deployments/, https://docs.gitlab.com/api/merge_requests/,
https://docs.gitlab.com/api/releases/ and https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorError
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import made
from incident_copilot.vendors.environments import EnvironmentOptions
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.made import Made
from incident_copilot.vendors.repos import RepoOptions
from incident_copilot.vendors.server import Server, ServerOptions, required
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 8 * 1024 * 1024
What = Literal["deployments", "merges", "releases"]


class Options(ServerOptions, EnvironmentOptions, RepoOptions):
    """Where GitLab answers (`url` without /api/v4), what is read, how far back and how much.

    `projects` names the project of a service, as group/name, where the catalogue's `repo` does not.
    """

    url: BaseUrl = "https://gitlab.com"
    projects: dict[str, str] = Field(default_factory=dict, max_length=500)
    read: frozenset[What] = frozenset({"deployments", "merges", "releases"})
    look_back_h: float = Field(default=24, ge=0, le=24 * 14)
    each: int = Field(default=6, ge=1, le=30)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return GitLab(env, options)


class GitLab:
    """One GitLab, asked for changes."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        headers = {"private-token": required(env, "gitlab", "a token with the scope read_api")}
        about = options.model_copy(update={"url": f"{options.url}/api/v4"})
        self._server = Server(env, about, "gitlab", "GitLab", headers=headers)
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per deployment, merge and release from `look_back_h` before the window to its end."""
        named = {**self._options.here(question.repos), **self._options.projects}
        wanted = [*question.services, *question.repos]
        asked = {name: named[name] for name in wanted if name in named}
        looks = {"deployments": self._deployments, "merges": self._merges, "releases": self._releases}
        chosen = [look for what, look in looks.items() if what in self._options.read]
        first = list(asked.items())[: self._options.services]
        return await ask_all(look(service, project, question) for service, project in first for look in chosen)

    async def check(self) -> None:
        """Read whose the token is."""
        await self._server.http.get("user", _Person)

    async def _deployments(self, service: str, project: str, question: Question) -> list[Evidence]:
        environment = self._options.environment(question.incident.environment)
        params: Params = {
            "environment": environment,
            "status": "success",
            "order_by": "created_at",
            "sort": "desc",
            "per_page": 30,
        }
        listed = (await self._server.http.get(_path(project, "deployments"), _Deployments, params)).root
        previous = {
            one.id: next((other for other in listed[place + 1 :] if other.sha != one.sha), None)
            for place, one in enumerate(listed)
        }
        by_made = {one.made(service, project, previous[one.id]): one for one in listed}
        chosen = made.newest(by_made, question, self._since(question), self._options.each)
        return await ask_all(self._deployed(by_made[one], one, previous[by_made[one].id], question) for one in chosen)

    async def _deployed(
        self, deployment: "_Deployment", one: Made, before: "_Deployment | None", question: Question
    ) -> list[Evidence]:
        told, diff, link = "the version before is not known", "", f"{self._options.url}/{one.repo}/-/environments"
        if before:
            try:
                params: Params = {"from": before.sha, "to": deployment.sha}
                path = _path(one.repo, "repository/compare")
                compared = await self._server.http.get(path, _Comparison, params, _ANSWER_BYTES)
            except VendorError as error:
                # A deployment is worth knowing without its diff.
                told = f"its diff could not be read ({error})"
            else:
                diff = made.diff_of((file.new_path, file.diff) for file in compared.diffs)
                told = f"{len(compared.commits)} commits, {len(compared.diffs)} files changed"
                link = compared.web_url or link
        query = f"deployments of {one.repo}"
        return [made.evidence(self._server, question, replace(one, diff=diff, told=told), query=query, link=link)]

    async def _merges(self, service: str, project: str, question: Question) -> list[Evidence]:
        since = self._since(question)
        params: Params = {
            "state": "merged",
            "updated_after": f"{since:%Y-%m-%dT%H:%M:%SZ}",
            "order_by": "updated_at",
            "per_page": 50,
        }
        listed = await self._server.http.get(_path(project, "merge_requests"), _Merges, params, _ANSWER_BYTES)
        by_made = {one.made(service, project, at): one for one in listed.root if (at := one.merged_at)}
        chosen = made.newest(by_made, question, since, self._options.each)
        return await ask_all(self._merged(by_made[one], one, question) for one in chosen)

    async def _merged(self, merge: "_Merge", one: Made, question: Question) -> list[Evidence]:
        path = _path(one.repo, f"merge_requests/{merge.iid}/diffs")
        files = (await self._server.http.get(path, _Files, {"per_page": 100}, _ANSWER_BYTES)).root
        whole = replace(
            one, diff=made.diff_of((file.new_path, file.diff) for file in files), told=f"{len(files)} files changed"
        )
        query = f"merged requests of {one.repo}"
        return [made.evidence(self._server, question, whole, query=query, link=merge.web_url)]

    async def _releases(self, service: str, project: str, question: Question) -> list[Evidence]:
        listed = (await self._server.http.get(_path(project, "releases"), _Releases, {"per_page": 20})).root
        earlier = [*(one.tag_name for one in listed[1:]), None]
        found = [one.made(service, project, before) for one, before in zip(listed, earlier, strict=False)]
        chosen = made.newest(found, question, self._since(question), self._options.each)
        query = f"releases of {project}"
        link = f"{self._options.url}/{project}/-/releases"
        return [made.evidence(self._server, question, one, query=query, link=link) for one in chosen]

    def _since(self, question: Question) -> datetime:
        return question.since - timedelta(hours=self._options.look_back_h)


class _Person(BaseModel):
    username: str


class _Deployable(BaseModel):
    finished_at: Utc | None = None


class _Deployment(BaseModel):
    id: int
    ref: str
    sha: str
    created_at: Utc
    user: _Person | None = None
    deployable: _Deployable | None = None

    @property
    def version(self) -> str:
        """Its tag or branch, or of a branch's name that says nothing the beginning of its commit."""
        return self.sha[:8] if self.ref in {"main", "master", "trunk", "develop"} else self.ref

    def made(self, service: str, project: str, before: "_Deployment | None") -> Made:
        """Return the deployment, at the time at which its job ended."""
        finished = self.deployable.finished_at if self.deployable else None
        return Made(
            service=service,
            at=finished or self.created_at,
            kind="deploy",
            title=f"Deploy of {service} {self.version}",
            author=self.user.username if self.user else "",
            version=self.version,
            previous=before.version if before else None,
            ref=self.sha,
            repo=project,
        )


class _Deployments(RootModel[list[_Deployment]]):
    pass


class _File(BaseModel):
    new_path: str
    diff: str = ""


class _Comparison(BaseModel):
    commits: list[dict[str, object]] = []
    diffs: list[_File] = []
    web_url: str | None = None


class _Merge(BaseModel):
    iid: int
    title: str
    merged_at: Utc | None = None
    merge_user: _Person | None = None
    author: _Person | None = None
    target_branch: str
    merge_commit_sha: str | None = None
    sha: str | None = None
    web_url: str

    def made(self, service: str, project: str, at: datetime) -> Made:
        """Return the merge of that time."""
        sha = self.merge_commit_sha or self.sha or ""
        by = self.author or self.merge_user
        return Made(
            service=service,
            at=at,
            kind="merge",
            title=f"Merge of !{self.iid} into {self.target_branch} of {service}: {self.title}",
            author=by.username if by else "",
            version=sha[:8],
            ref=sha,
            repo=project,
        )


class _Merges(RootModel[list[_Merge]]):
    pass


class _Files(RootModel[list[_File]]):
    pass


class _Release(BaseModel):
    tag_name: str
    released_at: Utc
    author: _Person | None = None
    description: str | None = None

    def made(self, service: str, project: str, before: str | None) -> Made:
        """Return the release, with its notes as what is told of it."""
        return Made(
            service=service,
            at=self.released_at,
            kind="release",
            title=f"Release of {service} {self.tag_name}",
            author=self.author.username if self.author else "",
            version=self.tag_name,
            previous=before,
            ref=self.tag_name,
            repo=project,
            told=" ".join((self.description or "").split())[:300],
        )


class _Releases(RootModel[list[_Release]]):
    pass


def _path(project: str, rest: str) -> str:
    return f"projects/{quote(project, safe='')}/{rest}"
