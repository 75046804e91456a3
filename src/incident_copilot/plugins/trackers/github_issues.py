"""Keeps action items as issues of a GitHub repository.

1. The secret is a token that may write issues of `repo`. 2. A hidden mark in an issue's text tells which action item it
is of; it is looked for before an issue is opened. 3. Whoever may read the repository reads the action items.

API: https://docs.github.com/en/rest/issues/issues
"""

from collections.abc import Mapping

from pydantic import Field

from incident_copilot.domain.ticket import TicketState, TicketText
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import PluginEnv, Receipt, Tracker
from incident_copilot.vendors import github
from incident_copilot.vendors.github import WrittenRepo
from incident_copilot.vendors.github_issues import Issue, Issues, is_marked, marked
from incident_copilot.vendors.http import Params, read

GONE = frozenset({404, 410})


class Options(WrittenRepo):
    """Which repository, and the labels of its issues."""

    labels: tuple[str, ...] = Field(default=("incident-follow-up",), min_length=1, max_length=20)


def create(env: PluginEnv, options: Options) -> Tracker:
    """Return the tracker. Raises ConfigError without a token."""
    return GitHubIssues(env, options)


class GitHubIssues:
    """Issues of one repository."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = f"issues of {options.repo}"
        self._http = github.connect_to(env, options, "github_issues", "issues")
        self._path = f"repos/{options.repo}/issues"
        self._labels = options.labels

    async def open(self, wanted: TicketText) -> Receipt:
        """Open an issue. Raises as `ports.Tracker` says."""
        labels = [*self._labels, *wanted.labels]
        asked = {"title": wanted.title, "body": marked(wanted.text, wanted.key), "labels": labels}
        return _receipt(read("GitHub", await self._http.post(self._path, asked), Issue))

    async def find(self, wanted: TicketText) -> Receipt | None:
        """Look through the newest hundred that were changed since it was wanted. Raises VendorError."""
        params: Params = {"since": f"{wanted.since:%Y-%m-%dT%H:%M:%SZ}", "state": "all", "labels": self._labels[0]}
        found = await self._http.get(self._path, Issues, {**params, "per_page": 100})
        return next((_receipt(one) for one in found.root if is_marked(one.body, wanted.key)), None)

    async def close(self, wanted: TicketText) -> Receipt:
        """Close the issue."""
        return await self._set(wanted, {"state": "closed", "state_reason": "completed"})

    async def reopen(self, wanted: TicketText) -> Receipt:
        """Open the issue again."""
        return await self._set(wanted, {"state": "open", "state_reason": "reopened"})

    async def state(self, ref: Mapping[str, str]) -> TicketState:
        """Return how the issue is; lost where it was deleted, or moved where the token does not reach."""
        try:
            found = await self._http.get(f"{self._path}/{ref['key']}", Issue)
        except VendorRefused as error:
            if error.status in GONE:
                return TicketState.LOST
            raise
        return TicketState.CLOSED if found.is_closed else TicketState.OPEN

    async def check(self) -> None:
        """Read the newest issue. Raises VendorError."""
        await self._http.get(self._path, Issues, {"per_page": 1})

    async def _set(self, wanted: TicketText, change: Mapping[str, str]) -> Receipt:
        answer = await self._http.patch(f"{self._path}/{wanted.ref['key']}", change)
        return _receipt(read("GitHub", answer, Issue))


def _receipt(issue: Issue) -> Receipt:
    return Receipt(ref={"key": str(issue.number)}, link=issue.html_url)
