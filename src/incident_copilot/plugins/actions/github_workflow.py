"""Rolls a service back by starting a GitHub workflow that people wrote for it.

API: https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field, ValidationError

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ActionResult, DryRun, PluginEnv, SupervisedAction
from incident_copilot.vendors import github
from incident_copilot.vendors.github import REPO, Deployment, GitHubOptions, Run

_KEY_SHOWN = "(the id of this approval)"
# GitHub's clock and ours differ, and it stores whole seconds.
_CLOCK_SLACK = timedelta(minutes=2)
_STATES_READ = 5


class Options(GitHubOptions):
    """What the workflow is given; `{service}`, `{version}` and `{key}` are replaced.

    An input with `{key}` that the workflow shows in its `run-name` lets the copilot find the run again when GitHub's
    answer is lost; leave it out where the workflow declares no such input, and people are asked instead.
    The secret is a token that may read deployments and write actions. `run_link` asks GitHub for the new run's link.
    """

    inputs: dict[str, str] = Field(
        default_factory=lambda: {"service": "{service}", "version": "{version}", "request_id": "{key}"}
    )
    run_link: bool = True


class Params(Frozen):
    """What people approve."""

    service: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}$")
    repo: str = Field(pattern=rf"^{REPO}$", max_length=140)
    workflow: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")
    ref: str = Field(default="main", pattern=r"^[A-Za-z0-9][A-Za-z0-9_./+-]{0,199}$")
    environment: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,99}$")


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return GitHubWorkflow(env, options)


class GitHubWorkflow:
    """Starts workflows of one GitHub."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "github_workflow"
        self.retry = "read_back" if any("{key}" in text for text in options.inputs.values()) else "ask"
        self._options = options
        self._github = github.connect(env, options, "GitHub")

    async def check(self) -> None:
        """Read how many requests are left, which costs none and wants a token that is right. Raises VendorError."""
        await self._github.get("rate_limit", github.RateLimit)

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Return the exact request and what runs now; `params` are those of `Params`.

        Raises VendorRefused for parameters that cannot be right, VendorError where the current state cannot be read.
        """
        wanted = _checked(params)
        environment = self._options.environment(wanted.environment)
        workflow = await github.workflow(self._github, wanted.repo, wanted.workflow)
        current = await self._current(wanted.repo, environment)
        request = json.dumps(self._request(wanted, _KEY_SHOWN), indent=2, ensure_ascii=False)
        return DryRun(
            target=f"workflow {wanted.workflow} of {wanted.repo} on {wanted.ref}",
            request=f"POST {self._github.url(_path(wanted))}\n{request}",
            current=_told(wanted.service, environment, current) + _told_if_off(workflow),
            effect=f"Starts the workflow, which deploys {wanted.service} {wanted.version} to {environment}.",
            undo=f"Start the same workflow with version {current.version}."
            if current
            else "Not known, see what runs now.",
            state={"version": current.version} if current else {},
            wanted={"version": wanted.version} if current else {},
        )

    async def execute(self, approved: RunAction) -> ActionResult:
        """Start the workflow once. Raises VendorUnavailable (nothing was done) or OutcomeUnknown."""
        try:
            wanted = _checked(approved.params)
            response = await self._github.post(_path(wanted), self._request(wanted, approved.key))
        except VendorRefused as error:
            return ActionResult(ok=False, summary=str(error))
        return ActionResult(
            ok=True,
            summary=f"Started {wanted.workflow} of {wanted.repo} for {wanted.service} {wanted.version}.",
            link=_run_link(response.content) or f"{self._options.web_url}/{wanted.repo}/actions",
        )

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Return the run whose name carries the key; None: there is none yet. Raises VendorError."""
        wanted = _checked(approved.params)
        earliest = f"{since - _CLOCK_SLACK:%Y-%m-%dT%H:%M:%SZ}"
        for run in await github.workflow_runs(self._github, wanted.repo, wanted.workflow, earliest):
            if _carries(run, approved.key):
                state = run.conclusion or run.status or "started"
                return ActionResult(
                    ok=run.conclusion in {None, "success"},
                    summary=f"Run {run.id} of {wanted.workflow} of {wanted.repo}: {state.replace('_', ' ')}.",
                    link=run.html_url,
                )
        return None

    async def _current(self, repo: str, environment: str) -> Deployment | None:
        """Return the newest deployment that succeeded, among the last few."""
        for deployment in (await github.deployments(self._github, repo, environment))[:_STATES_READ]:
            if github.success_of(await github.statuses(self._github, repo, deployment)):
                return deployment
        return None

    def _request(self, params: Params, key: str) -> dict[str, Any]:
        texts = {"{service}": params.service, "{version}": params.version, "{key}": key}
        inputs = {name: _replaced(template, texts) for name, template in self._options.inputs.items()}
        wish = {"return_run_details": True} if self._options.run_link else {}
        return {"ref": params.ref, "inputs": inputs, **wish}


def _checked(params: Mapping[str, str]) -> Params:
    try:
        return Params.model_validate(params)
    except ValidationError as error:
        fields = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
        raise VendorRefused(f"GitHub: not asked, because these parameters cannot be right: {fields}", 0) from None


def _path(params: Params) -> str:
    return f"{github.workflow_path(params.repo, params.workflow)}/dispatches"


def _told(service: str, environment: str, current: Deployment | None) -> str:
    if current is None:
        return f"GitHub knows no successful deployment of {service} to {environment}."
    when = f"{current.created_at:%H:%M} UTC on {current.created_at:%-d %B}"
    return f"{service} {current.version} is deployed to {current.environment}, by {current.author} at {when}."


def _told_if_off(workflow: github.Workflow) -> str:
    return "" if workflow.state == "active" else f" The workflow cannot be started: it is {workflow.state}."


def _replaced(template: str, texts: Mapping[str, str]) -> str:
    for place, text in texts.items():
        template = template.replace(place, text)
    return template


def _run_link(content: bytes) -> str | None:
    """Return the new run's link; older servers answer 204 with nothing."""
    try:
        body = json.loads(content)
    except ValueError:
        return None
    link = body.get("html_url") if isinstance(body, dict) else None
    return link if isinstance(link, str) else None


def _carries(run: Run, key: str) -> bool:
    """Whether the key, as a word of its own, is in the run's name or inputs."""
    shown = " ".join(str(text) for text in (run.display_title, run.name, *(run.inputs or {}).values()))
    return bool(key) and re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", shown) is not None
