"""What the app's manifest allows it: scopes, events, commands and shortcuts. Without a manifest, everything."""

from collections.abc import Sequence
from dataclasses import dataclass

from incident_copilot.sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Manifest:
    """None means that nothing was declared, so nothing is refused."""

    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None
    commands: Sequence[Json] | None = None
    shortcuts: Sequence[Json] | None = None
    unfurl_domains: tuple[str, ...] = ()

    @classmethod
    def read(cls, manifest: Json | None) -> "Manifest":
        """From a manifest as Slack takes it; None allows everything."""
        if manifest is None:
            return cls()
        features = manifest.get("features", {})
        subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
        return cls(
            frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            frozenset(subscriptions.get("bot_events", [])),
            features.get("slash_commands", []),
            features.get("shortcuts", []),
            tuple(features.get("unfurl_domains", [])),
        )

    def subscribes(self, event: str) -> bool:
        return self.events is None or event in self.events

    def grants(self, wanted: Sequence[str]) -> bool:
        """True when any of the wanted scopes was granted, or none is needed."""
        return self.scopes is None or not wanted or any(scope in self.scopes for scope in wanted)

    def knows_command(self, command: str) -> bool:
        return self.commands is None or any(one["command"] == command for one in self.commands)

    def escapes(self, command: str) -> bool:
        """Whether `@ana` and `#general` come to the app as ids."""
        return any(one["command"] == command and one.get("should_escape") for one in self.commands or ())

    def knows_shortcut(self, kind: str, callback_id: str) -> bool:
        """`kind` is global or message."""
        if self.shortcuts is None:
            return True
        return any(one["callback_id"] == callback_id and one["type"] == kind for one in self.shortcuts)
