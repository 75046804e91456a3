"""Couriers: carry one effect to the chat or to an action's adapter, and say in common words how it went."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import Effect, EffectClass, RunAction, Show, Target
from incident_copilot.errors import (
    ChatError,
    ChatRefused,
    ChatUnavailable,
    ChatUnknown,
    OutcomeUnknown,
    VendorError,
    VendorUnavailable,
)
from incident_copilot.ports import ActionResult, Chat, SupervisedAction

_MESSAGE_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_CHANNEL_GONE = frozenset({"channel_not_found", "is_archived"})


class Verdict(StrEnum):
    """How an attempt to send or to look up went."""

    DONE = "done"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"
    MESSAGE_GONE = "message_gone"
    CHANNEL_GONE = "channel_gone"


class Outcome(Frozen):
    """What came of an attempt; `retry_after_s` belongs to LATER."""

    verdict: Verdict
    result: dict[str, Any] = Field(default_factory=dict)
    error: str = ""
    retry_after_s: float = 0


class Courier(Protocol):
    """One way out of the outbox."""

    async def send(self, effect: Effect, target: Target) -> Outcome:
        """Do it now."""
        ...

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:
        """Find out whether an earlier attempt happened."""
        ...

    def is_repeatable(self, effect: Effect, target: Target) -> bool:
        """Whether doing it again after an unknown outcome does no harm."""
        ...

    def patience_s(self, effect: Effect, settle_s: float) -> float:
        """How long "not found" is no proof, where `settle_s` is what is usual."""
        ...


class ChatCourier:
    """To the chat workspace."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    async def send(self, effect: Effect, target: Target) -> Outcome:
        """Deliver it."""
        try:
            return Outcome(verdict=Verdict.DONE, result=dict(await self._chat.deliver(effect, target)))
        except ChatUnavailable as error:
            return Outcome(verdict=Verdict.LATER, error=str(error), retry_after_s=error.retry_after_s)
        except (ChatUnknown, TimeoutError) as error:
            return Outcome(verdict=Verdict.UNKNOWN, error=_text(error))
        except ChatRefused as error:
            return Outcome(verdict=_refusal(effect, target, error.code), result={"code": error.code}, error=str(error))

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:
        """Look for it by its id."""
        try:
            found = await self._chat.look_up(effect, target, since)
        except (ChatError, TimeoutError) as error:
            return Outcome(verdict=Verdict.UNKNOWN, error=_text(error))
        if found is None:
            return Outcome(verdict=Verdict.NOT_FOUND, error="not found in the chat")
        return Outcome(verdict=Verdict.DONE, result=dict(found))

    def is_repeatable(self, effect: Effect, target: Target) -> bool:
        """Edits are, whatever their class says; a first post is not."""
        return effect.effect_class in {EffectClass.IDEMPOTENT, EffectClass.KEYED} or target.message_ts is not None

    def patience_s(self, effect: Effect, settle_s: float) -> float:  # noqa: ARG002 -- Courier's signature
        """What the chat has taken may show only later."""
        return settle_s


class ActionCourier:
    """To the adapter of a supervised action."""

    def __init__(self, actions: Mapping[str, SupervisedAction]) -> None:
        self._actions = actions

    async def send(self, effect: Effect, target: Target) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Execute it with its key."""
        approved = _approved(effect)
        action = self._actions.get(approved.action)
        if action is None:
            return Outcome(verdict=Verdict.REFUSED, error=f"there is no action {approved.action} any more")
        try:
            return _outcome(await action.execute(approved))
        except VendorUnavailable as error:
            return Outcome(verdict=Verdict.LATER, error=str(error), retry_after_s=error.retry_after_s or 0)
        except (OutcomeUnknown, TimeoutError) as error:
            return Outcome(verdict=Verdict.UNKNOWN, error=_text(error))
        except VendorError as error:
            return Outcome(verdict=Verdict.REFUSED, error=str(error))

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Ask the other side whether it happened."""
        approved = _approved(effect)
        action = self._actions.get(approved.action)
        try:
            found = await action.find(approved, since) if action else None
        except (VendorError, TimeoutError) as error:
            return Outcome(verdict=Verdict.UNKNOWN, error=_text(error))
        if found is None:
            return Outcome(verdict=Verdict.NOT_FOUND, error="no trace of it at the other side")
        return _outcome(found)

    def is_repeatable(self, effect: Effect, target: Target) -> bool:  # noqa: ARG002 -- Courier's signature
        """Only where the adapter says that the same key again is safe."""
        action = self._actions.get(_approved(effect).action)
        return action is not None and action.retry == "keyed"

    def patience_s(self, effect: Effect, settle_s: float) -> float:
        """Where looking is of no use, people are asked at once."""
        action = self._actions.get(_approved(effect).action)
        return settle_s if action and action.retry == "read_back" else 0


def _refusal(effect: Effect, target: Target, code: str) -> Verdict:
    if code in _CHANNEL_GONE:
        return Verdict.CHANNEL_GONE
    is_edit = isinstance(effect.deed, Show) and target.message_ts is not None
    return Verdict.MESSAGE_GONE if is_edit and code in _MESSAGE_GONE else Verdict.REFUSED


def _approved(effect: Effect) -> RunAction:
    return RunAction.model_validate(effect.deed.model_dump())


def _outcome(result: ActionResult) -> Outcome:
    verdict = Verdict.DONE if result.ok else Verdict.REFUSED
    return Outcome(verdict=verdict, result=result.model_dump(mode="json"), error="" if result.ok else result.summary)


def _text(error: Exception) -> str:
    return str(error) or "no answer in time"
