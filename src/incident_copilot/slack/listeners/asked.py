"""One use of /incident, and how it is answered: told right away, or by a form that opens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import NOT_OPENED, Act, attempt, open_modal
from incident_copilot.slack.listeners.wording import Wish
from incident_copilot.slack.text import to_one_person


@dataclass(frozen=True)
class Asked:
    """One use of the command, with everything its answer needs."""

    deps: Deps
    client: AsyncWebClient
    command: dict[str, Any]
    wish: Wish
    url: str = ""
    """Where the workspace is, for links to its messages."""
    afterwards: list[Callable[[], Awaitable[dict[str, Any] | None]]] = field(default_factory=list)
    """What may take longer than Slack waits: each is begun after the answer, and says something more or nothing."""

    @property
    def user(self) -> str:
        """Who typed it."""
        return str(self.command["user_id"])

    @property
    def channel(self) -> str:
        """Where it was typed."""
        return str(self.command["channel_id"])


async def attempted(asked: Asked, act: Act) -> dict[str, Any]:
    """Do what was asked for and say what came of it."""
    answered = await attempt(asked.deps, asked.user, act)
    return {"text": to_one_person(answered.text)}


async def show_form(asked: Asked, view: dict[str, Any]) -> dict[str, Any]:
    """Open a form instead of an answer."""
    return {} if await open_modal(asked.client, asked.command, view) else {"text": NOT_OPENED}
