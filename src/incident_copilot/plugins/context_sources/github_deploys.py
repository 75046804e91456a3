"""Finds what was deployed to an incident's services, with the diff to the version before, at GitHub.

API: https://docs.github.com/en/rest/deployments/deployments and https://docs.github.com/en/rest/commits/commits
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from pydantic import BaseModel, Field

from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorError
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import github
from incident_copilot.vendors.github import Deployment, GitHubOptions
from incident_copilot.vendors.repos import RepoOptions
from incident_copilot.vendors.together import ask_all

_DIFF = 64 * 1024
# A lock file or a generated one must not crowd out the rest.
_FILE = 16 * 1024
_COMPARISON_BYTES = 8 * 1024 * 1024


class Options(GitHubOptions, RepoOptions):
    """How far back and how much; the secret is a token that may read deployments and contents.

    `deadline_s` is for one request; by default it is a little under the deadline of the brief, so that a slow one does
    not lose the others.
    """

    look_back_h: float = Field(default=24, ge=0, le=24 * 14)
    deployments_per_repo: int = Field(default=6, ge=1, le=30)
    repos: int = Field(default=8, ge=1, le=50)
    deadline_s: float | None = Field(default=None, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return GitHubDeploys(env, options)


class GitHubDeploys:
    """The deployments of one GitHub."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = "GitHub" if env.instance in {"", "github_deploys"} else f"GitHub {env.instance}"
        self._now, self._options = env.now, options
        self._github = github.connect(env, options, self.name)

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per deployment from `look_back_h` before the question's window to its end."""
        asked = list(self._options.here(question.repos).items())[: self._options.repos]
        return await ask_all(self._look_up(service, repo, question) for service, repo in asked)

    async def check(self) -> None:
        """Read how many requests are left, which costs none and wants a token that is right."""
        await self._github.get("rate_limit", github.RateLimit)

    async def _look_up(self, service: str, repo: str, question: Question) -> Sequence[Evidence]:
        environment = self._options.environment(question.incident.environment)
        listed = await github.deployments(self._github, repo, environment)
        since = question.since - timedelta(hours=self._options.look_back_h)
        recent = [
            (deployment, _previous(deployment, listed[place + 1 :]))
            for place, deployment in enumerate(listed)
            if since <= deployment.created_at <= question.until
        ]
        chosen = recent[: self._options.deployments_per_repo]
        return await ask_all(self._evidence(service, repo, *deployed, question) for deployed in chosen)

    async def _evidence(
        self, service: str, repo: str, deployment: Deployment, previous: Deployment | None, question: Question
    ) -> list[Evidence]:
        statuses = await github.statuses(self._github, repo, deployment)
        success = github.success_of(statuses)
        at = success.created_at if success else deployment.created_at
        state = "" if success else f" ({statuses[0].state if statuses else 'no status yet'})"
        change = await self._change(repo, deployment, previous)
        now = self._now()
        return [
            Evidence(
                id=new_id(now),
                incident_id=question.incident.id,
                source=self.name,
                kind=EvidenceKind.CHANGE,
                title=f"Deploy of {service} {deployment.version}{state}",
                summary=_summary(service, deployment, previous, at, change),
                taken_at=now,
                link=change.link or f"{self._options.web_url}/{repo}/deployments",
                query=f"deployments of {repo} to {deployment.environment}",
                data={
                    "service": service,
                    "at": at.timestamp(),
                    "version": deployment.version,
                    "previous": previous.version if previous else None,
                    "author": deployment.author,
                    "diff": change.diff,
                    "kind": "deploy",
                    "ref": deployment.ref,
                    "repo": repo,
                },
            )
        ]

    async def _change(self, repo: str, deployment: Deployment, previous: Deployment | None) -> "_Change":
        """Return the diff; a deployment is worth knowing without it, so a failure only says so."""
        if previous is None:
            return _Change(told="the version before is not known")
        base, head = quote(previous.sha, safe=""), quote(deployment.sha, safe="")
        try:
            path = f"repos/{repo}/compare/{base}...{head}"
            comparison = await self._github.get(path, _Comparison, max_bytes=_COMPARISON_BYTES)
        except VendorError as error:
            return _Change(told=f"its diff could not be read ({error})")
        return comparison.change()


class _Change(BaseModel):
    """What a deployment changed: paths with added and removed lines, in words, and where people see it."""

    told: str
    diff: str = ""
    link: str | None = None


class _File(BaseModel):
    filename: str
    patch: str | None = None

    def changed_lines(self) -> str:
        """Return the path in diff notation and the added and removed lines."""
        lines = [line for line in (self.patch or "").splitlines() if line.startswith(("+", "-"))]
        return "\n".join([f"+++ b/{self.filename}", *lines])[:_FILE]


class _Comparison(BaseModel):
    """GitHub's answer to base...head; a head that is behind has no files."""

    status: str
    total_commits: int = 0
    behind_by: int = 0
    html_url: str | None = None
    files: list[_File] = []

    def change(self) -> _Change:
        diff = "\n".join(file.changed_lines() for file in self.files)
        if self.status == "behind":
            told = f"goes back by {self.behind_by} commits"
        else:
            told = f"{_counted(self.total_commits, 'commit')}, {_counted(len(self.files), 'file')} changed"
        cut = f"; only the first {_DIFF // 1024} KB of the diff are kept" if len(diff) > _DIFF else ""
        return _Change(told=told + cut, diff=diff[:_DIFF], link=self.html_url)


def _previous(deployment: Deployment, older: Sequence[Deployment]) -> Deployment | None:
    """Return what ran in the same environment before; the same commit again, as after a canary, is no change."""
    return next(
        (other for other in older if other.environment == deployment.environment and other.sha != deployment.sha), None
    )


def _summary(service: str, deployment: Deployment, previous: Deployment | None, at: datetime, change: _Change) -> str:
    before = f" after {previous.version}" if previous else ""
    when = f"at {at:%H:%M:%S} UTC on {at:%-d %B}"
    return f"{deployment.author} deployed {service} {deployment.version}{before} {when}: {change.told}."


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
