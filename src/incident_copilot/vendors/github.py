"""GitHub's deployments and workflow runs, as two plugins need them.

API: https://docs.github.com/en/rest/deployments and https://docs.github.com/en/rest/actions/workflows
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import PluginEnv
from incident_copilot.vendors.environments import EnvironmentOptions
from incident_copilot.vendors.http import BaseUrl, Params, VendorHttp
from incident_copilot.vendors.server import required

REPO = r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]*[A-Za-z0-9_-]"
_PUBLIC_API = "https://api.github.com"
_BRANCHES = frozenset({"main", "master", "trunk", "develop", "HEAD"})
_SHA = re.compile(r"[0-9a-f]{40}")


class GitHubOptions(EnvironmentOptions):
    """Where GitHub answers; for GitHub Enterprise Server `url` ends in /api/v3."""

    url: BaseUrl = _PUBLIC_API
    deadline_s: float | None = Field(default=10, gt=0, le=60)

    @property
    def web_url(self) -> str:
        """Where people open repositories."""
        return "https://github.com" if self.url == _PUBLIC_API else self.url.removesuffix("/api/v3")


class Person(BaseModel):
    """Somebody at GitHub."""

    login: str


class Deployment(BaseModel):
    """A deployment as GitHub lists it, newest first."""

    id: int
    sha: str
    ref: str
    environment: str
    created_at: Utc
    creator: Person | None = None
    payload: Any = None
    description: str | None = None

    @property
    def version(self) -> str:
        """The version in its payload, else its tag, else the beginning of its commit."""
        named = self._payload().get("version") or self._payload().get("tag")
        if named:
            return str(named)[:100]
        return (
            self.sha[:7] if self.ref in _BRANCHES or _SHA.fullmatch(self.ref) else self.ref.removeprefix("refs/tags/")
        )

    @property
    def author(self) -> str:
        """Who deployed."""
        return self.creator.login if self.creator else "unknown"

    def _payload(self) -> Mapping[str, Any]:
        """Return the payload, which GitHub gives as an object or as JSON text, as it was sent."""
        payload = self.payload
        if isinstance(payload, str):
            try:
                payload = json.loads(payload)
            except ValueError:
                return {}
        return payload if isinstance(payload, dict) else {}


class DeploymentStatus(BaseModel):
    """A step in the life of a deployment."""

    state: str
    created_at: Utc


class Workflow(BaseModel):
    """A workflow; `state` is active, or says why it cannot be started."""

    state: str


class Run(BaseModel):
    """A workflow run; `conclusion` is None while it runs."""

    id: int
    name: str | None = None
    display_title: str | None = None
    status: str | None = None
    conclusion: str | None = None
    html_url: str | None = None
    created_at: Utc
    inputs: dict[str, Any] | None = None


class _Deployments(RootModel[list[Deployment]]):
    pass


class _Statuses(RootModel[list[DeploymentStatus]]):
    pass


class _Runs(BaseModel):
    workflow_runs: list[Run]


class RateLimit(BaseModel):
    """How many requests are left; asking costs none."""

    resources: dict[str, Any]


def headers(env: PluginEnv) -> dict[str, str]:
    """Return what every request carries; the secret is a token."""
    sent = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
    return {**sent, "authorization": f"Bearer {env.secret}"} if env.secret else sent


def connect(env: PluginEnv, options: GitHubOptions, name: str) -> VendorHttp:
    """Return GitHub under the name people read."""
    return VendorHttp(env.http, name, options.url, options.deadline_s or env.request_deadline_s, headers(env))


class WrittenRepo(Frozen):
    """One repository that is written to; for GitHub Enterprise Server `url` ends in /api/v3."""

    repo: str = Field(pattern=rf"^{REPO}$")
    url: BaseUrl = _PUBLIC_API
    deadline_s: float = Field(default=8, gt=0, le=60)


def connect_to(env: PluginEnv, options: WrittenRepo, plugin: str, what: str) -> VendorHttp:
    """Return GitHub for one repository. Raises ConfigError without a token that may write `what`."""
    required(env, plugin, f"a token that may write {what} of {options.repo}")
    return connect(env, GitHubOptions(url=options.url, deadline_s=options.deadline_s), "GitHub")


def require_repo(vendor: str, repo: str) -> None:
    """Look at a repository's name before it becomes a path. Raises VendorRefused unless it is owner/name."""
    if not re.fullmatch(REPO, repo):
        raise VendorRefused(f"{vendor}: {repo!r} is not owner/name; correct the service's repo in catalog.yaml", 0)


async def deployments(github: VendorHttp, repo: str, environment: str) -> list[Deployment]:
    """Return the last deployments, newest first: of the environment, or of all where the repository has no such one.

    Raises VendorError.
    """
    require_repo(github.vendor, repo)
    listed = await github.get(f"repos/{repo}/deployments", _Deployments, {"per_page": 100})
    newest = sorted(listed.root, key=lambda deployment: deployment.created_at, reverse=True)
    return [found for found in newest if found.environment.lower() == environment.lower()] or newest


async def statuses(github: VendorHttp, repo: str, deployment: Deployment) -> list[DeploymentStatus]:
    """Return the statuses of a deployment, newest first. Raises VendorError."""
    path = f"repos/{repo}/deployments/{deployment.id}/statuses"
    found = await github.get(path, _Statuses, {"per_page": 100})
    return sorted(found.root, key=lambda status: status.created_at, reverse=True)


def success_of(statuses: Sequence[DeploymentStatus]) -> DeploymentStatus | None:
    """Return when a deployment first succeeded, whatever became of it later; None: it has not."""
    return next((status for status in reversed(statuses) if status.state == "success"), None)


def workflow_path(repo: str, workflow: str) -> str:
    """Return where the API has a workflow, given by file name or number."""
    return f"repos/{repo}/actions/workflows/{quote(workflow, safe='')}"


async def workflow(github: VendorHttp, repo: str, name: str) -> Workflow:
    """Return the workflow. Raises VendorError; VendorRefused where there is none."""
    return await github.get(workflow_path(repo, name), Workflow)


async def workflow_runs(github: VendorHttp, repo: str, name: str, since: str) -> list[Run]:
    """Return the runs started by hand since an ISO 8601 time, newest first. Raises VendorError."""
    params: Params = {"event": "workflow_dispatch", "created": f">={since}", "per_page": 100}
    return (await github.get(f"{workflow_path(repo, name)}/runs", _Runs, params)).workflow_runs
