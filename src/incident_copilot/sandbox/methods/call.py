"""One call of a Web API method: its arguments as they came, read with Slack's own refusals."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.users import BOT_USER_ID, User
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json, Refused

TRUE = {"1", "true", "True"}


@dataclass(frozen=True, slots=True)
class Call:
    """`args` come from query, form or JSON: strings, or values where JSON carried them."""

    workspace: Workspace
    method: str
    args: Json
    scopes: frozenset[str] | None = None

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        return default if value is None else value is True or str(value) in TRUE

    def number(self, name: str, default: int) -> int:
        """Raises: Refused invalid_arguments."""
        try:
            return int(self.args.get(name) or default)
        except ValueError:
            raise Refused("invalid_arguments", f"{name} is not a number") from None

    def names(self, name: str) -> list[str]:
        """A comma-separated argument, or a list where JSON carried one."""
        value = self.args.get(name) or ""
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def json(self, name: str, error: str) -> Any:
        """A structured argument, parsed where it came as text. Raises: Refused with `error`."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused(error, f"{name} is not JSON") from None

    def objects(self, name: str, error: str) -> list[Json] | None:
        """A structured argument that is a list of objects. Raises: Refused with `error`."""
        value = self.json(name, error)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise Refused(error, f"{name} is not a list of objects")
        return value

    def channel(self, name: str = "channel") -> Channel:
        """A conversation that the bot may see. Raises: Refused channel_not_found."""
        channel = self.workspace.channel(self.text(name))
        if (channel.is_private or channel.is_im) and not channel.has(BOT_USER_ID):
            raise Refused("channel_not_found", f"the bot cannot see {channel.id}")
        return channel

    def joined(self, name: str = "channel") -> Channel:
        """A conversation that the bot is in. Raises: Refused channel_not_found, not_in_channel."""
        channel = self.channel(name)
        if not channel.has(BOT_USER_ID):
            raise Refused("not_in_channel", f"the bot is not in #{channel.name}")
        return channel

    def living(self, name: str = "channel") -> Channel:
        """A conversation the bot is in and that is not archived. Raises: Refused is_archived and those of joined."""
        channel = self.joined(name)
        if channel.is_archived:
            raise Refused("is_archived", f"#{channel.name} is archived")
        return channel

    def user(self, name: str = "user") -> User:
        """By id only, as Slack wants it. Raises: Refused user_not_found."""
        user = self.workspace.users.get(self.text(name))
        if user is None:
            raise Refused("user_not_found", self.text(name))
        return user


@dataclass(frozen=True, slots=True)
class Method:
    """A method the sandbox answers: its arguments, scopes (any of them will do) and tier (calls a minute)."""

    name: str
    answer: Callable[[Call], Json]
    needs: frozenset[str]
    takes: frozenset[str]
    scopes: tuple[str, ...] = ()
    per_minute: int = 50
    reads: bool = False
    app_token: bool = False


def method(
    name: str, answer: Callable[[Call], Json], needs: str = "", takes: str = "", *scopes: str, **more: Any
) -> Method:
    """`needs` and `takes` list argument names with spaces between."""
    return Method(name, answer, frozenset(needs.split()), frozenset(takes.split()), scopes, **more)
