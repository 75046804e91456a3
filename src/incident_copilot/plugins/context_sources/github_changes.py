"""Finds what was merged, released and run in the repositories of an incident's services at GitHub.

Deployments are read by github_deploys; where a team deploys without GitHub's knowing, a merge is the next best.

API: https://docs.github.com/en/rest/pulls/pulls, https://docs.github.com/en/rest/releases/releases and
https://docs.github.com/en/rest/actions/workflow-runs
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import github, made
from incident_copilot.vendors.github import GitHubOptions, Person
from incident_copilot.vendors.http import Params
from incident_copilot.vendors.made import Made
from incident_copilot.vendors.repos import RepoOptions
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 8 * 1024 * 1024
_FAILED = frozenset({"failure", "timed_out", "startup_failure"})
What = Literal["merges", "releases", "runs"]


class Options(GitHubOptions, RepoOptions):
    """What is read, how far back and how much; the secret is a token that may read contents, pull requests, actions.

    Of workflow runs those on the default branch count, which deploy or build what people use.
    """

    read: frozenset[What] = frozenset({"merges", "releases", "runs"})
    look_back_h: float = Field(default=24, ge=0, le=24 * 14)
    each: int = Field(default=6, ge=1, le=30)
    repos: int = Field(default=8, ge=1, le=50)
    deadline_s: float | None = Field(default=None, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return GitHubChanges(env, options)


class GitHubChanges:
    """The merges, releases and runs of one GitHub."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        about = ServerOptions(url=options.url, deadline_s=options.deadline_s)
        headers = github.headers(env)
        self._server = Server(env, about, "github_changes", "GitHub changes", headers=headers)
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per merge, release and run from `look_back_h` before the question's window to its end."""
        looks: dict[What, Callable[[str, str, Question], Awaitable[list[Evidence]]]] = {
            "merges": self._merges,
            "releases": self._releases,
            "runs": self._runs,
        }
        asked = list(self._options.here(question.repos).items())[: self._options.repos]
        chosen = [look for what, look in looks.items() if what in self._options.read]
        return await ask_all(look(service, repo, question) for service, repo in asked for look in chosen)

    async def check(self) -> None:
        """Read how many requests are left, which costs none and wants a token that is right."""
        await self._server.http.get("rate_limit", github.RateLimit)

    async def _merges(self, service: str, repo: str, question: Question) -> list[Evidence]:
        github.require_repo(self.name, repo)
        params: Params = {"state": "closed", "sort": "updated", "direction": "desc", "per_page": 50}
        listed = await self._server.http.get(f"repos/{repo}/pulls", _Pulls, params, _ANSWER_BYTES)
        by_number = {one.made(service, repo, at): one for one in listed.root if (at := one.merged_at)}
        chosen = made.newest(by_number, question, self._since(question), self._options.each)
        return await ask_all(self._merge(by_number[one], one, question) for one in chosen)

    async def _merge(self, pull: "_Pull", one: Made, question: Question) -> list[Evidence]:
        path = f"repos/{one.repo}/pulls/{pull.number}/files"
        files = await self._server.http.get(path, _Files, {"per_page": 100}, _ANSWER_BYTES)
        diff = made.diff_of((file.filename, file.patch or "") for file in files.root)
        told = f"{len(files.root)} files changed"
        whole = replace(one, diff=diff, told=told)
        query = f"merged pull requests of {one.repo}"
        return [made.evidence(self._server, question, whole, query=query, link=pull.html_url)]

    async def _releases(self, service: str, repo: str, question: Question) -> list[Evidence]:
        github.require_repo(self.name, repo)
        listed = await self._server.http.get(f"repos/{repo}/releases", _Releases, {"per_page": 30}, _ANSWER_BYTES)
        out = [(at, one) for one in listed.root if (at := one.published_at) and not one.draft]
        published = sorted(out, key=lambda pair: pair[0], reverse=True)
        earlier = [*(release.tag_name for _, release in published[1:]), None]
        links = {
            release.made(service, repo, at, before): release.html_url
            for (at, release), before in zip(published, earlier, strict=False)
        }
        query = f"releases of {repo}"
        chosen = made.newest(links, question, self._since(question), self._options.each)
        return [made.evidence(self._server, question, one, query=query, link=links[one]) for one in chosen]

    async def _runs(self, service: str, repo: str, question: Question) -> list[Evidence]:
        github.require_repo(self.name, repo)
        since = self._since(question)
        params: Params = {"created": f">={since:%Y-%m-%dT%H:%M:%SZ}", "exclude_pull_requests": "true", "per_page": 50}
        listed = await self._server.http.get(f"repos/{repo}/actions/runs", _Runs, params, _ANSWER_BYTES)
        ended = [one for one in listed.workflow_runs if one.status == "completed" and one.event != "pull_request"]
        links = {one.made(service, repo): one.html_url for one in ended if one.is_on_default_branch()}
        query = f"workflow runs of {repo}"
        chosen = made.newest(links, question, since, self._options.each)
        return [made.evidence(self._server, question, one, query=query, link=links[one]) for one in chosen]

    def _since(self, question: Question) -> datetime:
        return question.since - timedelta(hours=self._options.look_back_h)


class _Base(BaseModel):
    ref: str


class _Pull(BaseModel):
    number: int
    title: str
    merged_at: Utc | None = None
    merge_commit_sha: str | None = None
    user: Person | None = None
    base: _Base
    html_url: str

    def made(self, service: str, repo: str, at: datetime) -> Made:
        """Return the merge of that time."""
        sha = self.merge_commit_sha or ""
        return Made(
            service=service,
            at=at,
            kind="merge",
            title=f"Merge of #{self.number} into {self.base.ref} of {service}: {self.title}",
            author=self.user.login if self.user else "",
            version=sha[:7],
            ref=sha,
            repo=repo,
        )


class _Pulls(RootModel[list[_Pull]]):
    pass


class _File(BaseModel):
    filename: str
    patch: str | None = None


class _Files(RootModel[list[_File]]):
    pass


class _Release(BaseModel):
    tag_name: str
    published_at: Utc | None = None
    draft: bool = False
    author: Person | None = None
    body: str | None = None
    html_url: str

    def made(self, service: str, repo: str, at: datetime, before: str | None) -> Made:
        """Return the release of that time, with its notes as what is told of it."""
        return Made(
            service=service,
            at=at,
            kind="release",
            title=f"Release of {service} {self.tag_name}",
            author=self.author.login if self.author else "",
            version=self.tag_name,
            previous=before,
            ref=self.tag_name,
            repo=repo,
            told=" ".join((self.body or "").split())[:300],
        )


class _Releases(RootModel[list[_Release]]):
    pass


class _Repository(BaseModel):
    default_branch: str | None = None


class _Run(BaseModel):
    name: str | None = None
    display_title: str | None = None
    head_branch: str | None = None
    head_sha: str
    event: str
    status: str | None = None
    conclusion: str | None = None
    updated_at: Utc
    actor: Person | None = None
    html_url: str
    repository: _Repository = _Repository()

    def is_on_default_branch(self) -> bool:
        """Whether it ran on the default branch, or on a tag; where GitHub does not say, by the usual names."""
        default = self.repository.default_branch
        usual = {default} if default else {"main", "master", "trunk", "develop"}
        return self.head_branch in usual or self.event in {"release", "workflow_dispatch", "schedule"}

    def made(self, service: str, repo: str) -> Made:
        """Return the run."""
        ended = self.conclusion or "ended"
        what = f"failed ({ended})" if ended in _FAILED else ended
        return Made(
            service=service,
            at=self.updated_at,
            kind="run",
            title=f"Run of {self.name or 'a workflow'} of {service}: {what}",
            author=self.actor.login if self.actor else "",
            version=self.head_sha[:7],
            ref=self.head_sha,
            repo=repo,
            told=self.display_title or "",
        )


class _Runs(BaseModel):
    workflow_runs: list[_Run]
