"""The chat workspace and the mail server, as the outbox sees them."""

from datetime import datetime
from typing import Protocol

from incident_copilot.domain.effect import Effect, Mail, Target
from incident_copilot.domain.person import Person
from incident_copilot.domain.said import Said


class Chat(Protocol):
    """The chat workspace as the outbox sees it."""

    async def deliver(self, effect: Effect, target: Target) -> dict[str, str]:
        """Carry out one chat deed and return its result: {"channel", "ts"}, or {"file"} for an upload.

        Raises:
            ChatUnavailable: nothing happened; try again after its `retry_after_s`.
            ChatUnknown: sent, no answer.
            ChatRefused: refused for good, with the workspace's error name.
        """
        ...

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> dict[str, str] | None:
        """Return the result of an effect that may have happened, found by its id in message metadata; else None."""
        ...

    async def person(self, chat_id: str) -> Person:
        """Return the person as the workspace knows them, without roles.

        Raises:
            ChatError: could not be looked up.
        """
        ...

    async def message(self, channel: str, ts: str) -> Said | None:
        """Return a message that was marked and never heard; None where there is none.

        Raises:
            ChatError: could not be looked up.
        """
        ...

    async def end_stream(self, channel: str, thread_ts: str, ts: str, text: str) -> None:
        """End an answer that another process left open, with a last word; once, and nothing depends on it.

        Raises:
            ChatError: it was not ended, or had been.
        """
        ...


class Mailer(Protocol):
    """A mail server, for when the chat does not answer."""

    async def send(self, mail_id: str, mail: Mail) -> None:
        """Hand one e-mail over under an id that a second copy has too.

        Raises:
            VendorUnavailable: it was not taken; try again.
            OutcomeUnknown: it was handed over and not confirmed.
            VendorRefused: it was refused for good.
        """
        ...
