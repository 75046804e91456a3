"""Modals and home tabs: who has which open, and the triggers that allow an app to open one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from incident_copilot.sandbox.state.blocks import initial_values, merged_values, with_ids
from incident_copilot.sandbox.state.users import APP_ID, BOT_ID, TEAM_ID
from incident_copilot.sandbox.wire import Json, Refused, new_id

MODAL_STACK = 3


@dataclass(slots=True)
class View:
    """What an app asked to show to one person, with the state of its inputs."""

    id: str
    user: str
    content: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    values: Json = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.content["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        return str(self.content.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.content.get("private_metadata", ""))

    @property
    def title(self) -> str:
        return str(self.content.get("title", {}).get("text", ""))

    def wire(self) -> Json:
        """The view object of responses and payloads."""
        optional = {"title": None, "submit": None, "close": None}
        fixed: Json = {
            "id": self.id,
            "team_id": TEAM_ID,
            "private_metadata": self.private_metadata,
            "callback_id": self.callback_id,
            "external_id": self.content.get("external_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "clear_on_close": self.content.get("clear_on_close", False),
            "notify_on_close": self.content.get("notify_on_close", False),
            "root_view_id": self.root_view_id,
            "previous_view_id": self.previous_view_id,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }
        return optional | self.content | fixed


@dataclass(slots=True)
class Trigger:
    id: str
    user: str
    at: float
    used: bool = False


class Views:
    """All views by person: a stack of modals and one home tab each."""

    def __init__(self, now: Callable[[], float], trigger_s: float) -> None:
        self._now = now
        self._trigger_s = trigger_s
        self._triggers: dict[str, Trigger] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def new_trigger(self, user: str) -> str:
        fresh = {key: one for key, one in self._triggers.items() if self._now() - one.at < 60}
        trigger = Trigger(f"{int(self._now() * 1000)}.{new_id('')}", user, self._now())
        self._triggers = fresh | {trigger.id: trigger}
        return trigger.id

    def redeem(self, trigger_id: str) -> str:
        """The person whose interaction made this trigger. Raises: Refused when unknown, late or used before."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id", trigger_id)
        if trigger.used:
            raise Refused("exchanged_trigger_id", trigger_id)
        if self._now() - trigger.at > self._trigger_s:
            raise Refused("expired_trigger_id", f"{self._now() - trigger.at:.1f} s after the interaction")
        trigger.used = True
        return trigger.user

    def open(self, user: str, content: Json) -> View:
        self._no_duplicate(content)
        view = self._new(user, content, None)
        self.stacks[user] = [view]
        return view

    def push(self, user: str, content: Json) -> View:
        """Raises: Refused push_limit_reached, duplicate_external_id."""
        stack = self.stacks.setdefault(user, [])
        if len(stack) >= MODAL_STACK:
            raise Refused("push_limit_reached", f"{MODAL_STACK} views are open already")
        self._no_duplicate(content)
        view = self._new(user, content, stack[-1] if stack else None)
        stack.append(view)
        return view

    def update(self, view: View, content: Json, view_hash: str | None = None) -> View:
        """Replaces what the view shows, keeping what people typed. Raises: Refused hash_conflict."""
        if view_hash and view_hash != view.hash:
            raise Refused("hash_conflict", f"the view is at {view.hash}, not {view_hash}")
        view.content = content | {"blocks": with_ids(content["blocks"])}
        view.values = merged_values(view.blocks, view.values)
        view.hash = self._hash()
        return view

    def publish(self, user: str, content: Json, view_hash: str | None = None) -> View:
        """Raises: Refused hash_conflict."""
        home = self.homes.get(user)
        if home is not None:
            return self.update(home, content, view_hash)
        if view_hash:
            raise Refused("hash_conflict", f"{user} has no home view yet")
        self.homes[user] = self._new(user, content, None)
        return self.homes[user]

    def find(self, view_id: str | None = None, external_id: str | None = None) -> View:
        """An open modal or a home. Raises: Refused not_found."""
        for view in self._all():
            if (view_id and view.id == view_id) or (external_id and view.content.get("external_id") == external_id):
                return view
        raise Refused("not_found", f"no open view {view_id or external_id}")

    def pop(self, view: View) -> None:
        self.stacks[view.user] = [one for one in self.stacks[view.user] if one is not view]

    def clear(self, user: str) -> None:
        self.stacks[user] = []

    def _new(self, user: str, content: Json, below: View | None) -> View:
        content = content | {"blocks": with_ids(content["blocks"])}
        view_id = new_id("V")
        root = below.root_view_id if below else view_id
        values = initial_values(content["blocks"])
        return View(view_id, user, content, self._hash(), root, below.id if below else None, values)

    def _no_duplicate(self, content: Json) -> None:
        external_id = content.get("external_id")
        if external_id and any(view.content.get("external_id") == external_id for view in self._all()):
            raise Refused("duplicate_external_id", external_id)

    def _all(self) -> list[View]:
        return [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())

    def _hash(self) -> str:
        return f"{int(self._now())}.{new_id('').lower()}"
