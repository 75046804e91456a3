"""Keeps action items as tickets of a Jira Cloud project.

1. `url` is the site's, such as https://example.atlassian.net; `user` is the mail address of the account whose API token
is the secret. 2. A label tells which action item a ticket is of; it is looked for before one is opened. 3. Closing and
reopening take the workflow's own transition into, or out of, the category "done".

API: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.ticket import TicketState, TicketText
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import PluginEnv, Receipt, Tracker
from incident_copilot.vendors import atlassian
from incident_copilot.vendors.atlassian import SiteOptions
from incident_copilot.vendors.http import read

NOT_FOUND = 404
DONE = "done"


class Options(SiteOptions):
    """Which project, by its key, and the type of its tickets by name."""

    project: str = Field(pattern=r"^[A-Z][A-Z0-9_]{1,50}$")
    issue_type: str = Field(default="Task", min_length=1, max_length=60)
    labels: tuple[str, ...] = Field(default=("incident-follow-up",), max_length=20)


def create(env: PluginEnv, options: Options) -> Tracker:
    """Return the tracker. Raises ConfigError without an API token."""
    return Jira(env, options)


class Jira:
    """Tickets of one project."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = f"Jira project {options.project}"
        self._http = atlassian.connect(env, options, "Jira", "rest/api/3")
        self._options = options

    async def open(self, wanted: TicketText) -> Receipt:
        """Open a ticket. Raises as `ports.Tracker` says."""
        fields = {
            "project": {"key": self._options.project},
            "issuetype": {"name": self._options.issue_type},
            "summary": wanted.title,
            "description": _document(wanted.text),
            "labels": [*self._options.labels, *wanted.labels, _label(wanted)],
        }
        return self._receipt(read("Jira", await self._http.post("issue", {"fields": fields}), _Issue).key)

    async def find(self, wanted: TicketText) -> Receipt | None:
        """Search by the label. Raises VendorError."""
        query = f'project = "{self._options.project}" AND labels = "{_label(wanted)}"'
        asked = {"jql": query, "fields": ["status"], "maxResults": 1}
        found = await self._http.look_up("search/jql", asked, _Found)
        return self._receipt(found.issues[0].key) if found.issues else None

    async def close(self, wanted: TicketText) -> Receipt:
        """Take the transition that leads to done. Raises VendorRefused where the workflow has none from here."""
        return await self._move(wanted, TicketState.CLOSED)

    async def reopen(self, wanted: TicketText) -> Receipt:
        """Take a transition that leads away from done."""
        return await self._move(wanted, TicketState.OPEN)

    async def state(self, ref: Mapping[str, str]) -> TicketState:
        """Return how the ticket is; lost where it was deleted, or where the account may not see it."""
        try:
            found = await self._http.get(f"issue/{ref['key']}", _Issue, {"fields": "status"})
        except VendorRefused as error:
            if error.status == NOT_FOUND:
                return TicketState.LOST
            raise
        return _state(found.fields.status)

    async def check(self) -> None:
        """Read the project. Raises VendorError; VendorRefused where there is none that the account may see."""
        await self._http.get(f"project/{self._options.project}", _Project)

    async def _move(self, wanted: TicketText, to: TicketState) -> Receipt:
        key = wanted.ref["key"]
        if await self.state(wanted.ref) is to:
            return self._receipt(key)
        offered = await self._http.get(f"issue/{key}/transitions", _Transitions)
        fitting = next((one for one in offered.transitions if _state(one.to) is to), None)
        if fitting is None:
            raise VendorRefused(
                f"Jira: the workflow of {key} has no transition to {to} from where it is; move it there", 0
            )
        await self._http.post(f"issue/{key}/transitions", {"transition": {"id": fitting.id}})
        return self._receipt(key)

    def _receipt(self, key: str) -> Receipt:
        return Receipt(ref={"key": key}, link=f"{self._options.url}/browse/{key}")


class _Category(BaseModel):
    key: str = ""


class _Status(BaseModel):
    category: _Category = Field(default=_Category(), alias="statusCategory")


class _Fields(BaseModel):
    status: _Status = _Status()


class _Issue(BaseModel):
    key: str
    fields: _Fields = _Fields()


class _Found(BaseModel):
    issues: list[_Issue]


class _Transition(BaseModel):
    id: str
    to: _Status


class _Transitions(BaseModel):
    transitions: list[_Transition]


class _Project(BaseModel):
    key: str


def _state(status: _Status) -> TicketState:
    return TicketState.CLOSED if status.category.key == DONE else TicketState.OPEN


def _label(wanted: TicketText) -> str:
    return f"copilot-{wanted.key}"


def _document(text: str) -> dict[str, Any]:
    """Return plain paragraphs in the Atlassian Document Format, in which nothing of the text is markup."""
    paragraphs = [part for part in text.split("\n") if part.strip()]
    content = [{"type": "paragraph", "content": [{"type": "text", "text": part}]} for part in paragraphs]
    return {"type": "doc", "version": 1, "content": content}
