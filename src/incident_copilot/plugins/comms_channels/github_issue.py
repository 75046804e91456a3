"""Keeps an issue of a GitHub repository for each incident: its first update opens it, later ones are comments.

1. The secret is a token that may write issues of `repo`. 2. Whoever may read the repository reads the updates. The
issue is closed with the update that says that it is over.

API: https://docs.github.com/en/rest/issues/issues
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.ports import CommsChannel, PluginEnv, Receipt
from incident_copilot.vendors import github
from incident_copilot.vendors.github import REPO, GitHubOptions
from incident_copilot.vendors.github_issues import Issue, Issues, is_marked, marked
from incident_copilot.vendors.http import BaseUrl, read
from incident_copilot.vendors.telling import ChannelOptions, known, request


class Options(ChannelOptions):
    """Which repository; for GitHub Enterprise Server `url` ends in /api/v3."""

    repo: str = Field(pattern=rf"^{REPO}$")
    labels: tuple[str, ...] = ("incident",)
    url: BaseUrl = "https://api.github.com"
    deadline_s: float = Field(default=10, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> CommsChannel:
    """Return the channel."""
    return GitHubIssue(env, options)


class GitHubIssue:
    """Issues of one repository; a hidden mark in each text tells which update it is."""

    retry = "read_back"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = f"GitHub issues of {options.repo}"
        self.audiences: frozenset[Audience] = frozenset(options.audience)
        at = GitHubOptions(url=options.url, deadline_s=options.deadline_s)
        self._http = github.connect(env, at, "GitHub")
        self._path = f"repos/{options.repo}/issues"
        self._labels = options.labels

    async def preview(self, update: Update) -> str:
        """Return the request of the first update, or of a later one."""
        if number := update.ref.get("issue"):
            return request(
                "POST", self._http.url(f"{self._path}/{number}/comments"), {"body": marked(update.text, update.key)}
            )
        return request("POST", self._http.url(self._path), self._issue(update))

    async def publish(self, update: Update) -> Receipt:
        """Open the issue, or comment on it; closed first, which may be repeated, where it is over."""
        number = update.ref.get("issue")
        if number is None:
            made = read(self._http.vendor, await self._http.post(self._path, self._issue(update)), Issue)
            return Receipt(ref={"issue": str(made.number)}, link=made.html_url)
        if update.state is PublicState.RESOLVED:
            await self._http.patch(f"{self._path}/{number}", {"state": "closed", "state_reason": "completed"})
        response = await self._http.post(f"{self._path}/{number}/comments", {"body": marked(update.text, update.key)})
        said = read(self._http.vendor, response, _Comment)
        return Receipt(ref={"issue": number, "comment": str(said.id)}, link=said.html_url)

    async def correct(self, update: Update) -> Receipt:
        """Put other words into the issue or comment."""
        (number,) = known("GitHub", update, "issue")
        comment = update.ref.get("comment")
        path = f"{self._path}/comments/{comment}" if comment else f"{self._path}/{number}"
        await self._http.patch(path, {"body": marked(update.text, update.key)})
        return Receipt(ref=dict(update.ref))

    async def retract(self, update: Update) -> Receipt:
        """Leave a line in the place of the words."""
        return await self.correct(update)

    async def find(self, update: Update, since: datetime) -> Receipt | None:
        """Look for the update's mark in what was written since. Raises VendorError."""
        params: dict[str, str | int] = {"since": f"{since:%Y-%m-%dT%H:%M:%SZ}", "per_page": 100}
        if number := update.ref.get("issue"):
            comments = await self._http.get(f"{self._path}/{number}/comments", _Comments, params)
            said = next((one for one in comments.root if is_marked(one.body, update.key)), None)
            return Receipt(ref={"issue": number, "comment": str(said.id)}, link=said.html_url) if said else None
        issues = await self._http.get(self._path, Issues, {**params, "state": "all"})
        made = next((one for one in issues.root if is_marked(one.body, update.key)), None)
        return Receipt(ref={"issue": str(made.number)}, link=made.html_url) if made else None

    async def state(self, ref: Mapping[str, str]) -> PublicState | None:
        """Return resolved for a closed issue, else that somebody is at it. Raises VendorError."""
        if "issue" not in ref:
            return None
        found = await self._http.get(f"{self._path}/{ref['issue']}", Issue)
        return PublicState.RESOLVED if found.is_closed else PublicState.INVESTIGATING

    async def check(self) -> None:
        """Read the newest issue. Raises VendorError."""
        await self._http.get(self._path, Issues, {"per_page": 1})

    def _issue(self, update: Update) -> dict[str, Any]:
        return {"title": update.name, "body": marked(update.text, update.key), "labels": list(self._labels)}


class _Comment(BaseModel):
    id: int
    body: str | None = None
    html_url: str | None = None


class _Comments(RootModel[Sequence[_Comment]]):
    pass
