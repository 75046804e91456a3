"""Couriers: carry one effect to the chat or to an action's adapter, and say in common words how it went."""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import Effect, EffectClass, Mail, Rewrite, RunAction, Show, Target
from incident_copilot.domain.refusal import Remedy, remedy_for
from incident_copilot.errors import (
    ChatBarred,
    ChatError,
    ChatLimited,
    ChatRefused,
    ChatUnavailable,
    ChatUnknown,
    OutcomeUnknown,
    VendorError,
    VendorUnavailable,
)
from incident_copilot.ports import ActionResult, Chat, Mailer, SupervisedAction

_ONE_SCOPE = frozenset({"missing_scope", "no_permission", "not_allowed_token_type"})
"""Refusals of one kind of call: only messages are worth waiting for until somebody repairs that."""


class Verdict(StrEnum):
    """How an attempt to send or to look up went."""

    DONE = "done"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"
    MESSAGE_GONE = "message_gone"
    CHANNEL_GONE = "channel_gone"


class Hearing(StrEnum):
    """What an attempt says about the chat: it answers, it does not, or it refuses the copilot itself."""

    THERE = "there"
    SILENT = "silent"
    BARRED = "barred"


class Outcome(Frozen):
    """What came of an attempt; `retry_after_s` belongs to LATER, `settled_after_s` to UNKNOWN where it is known."""

    verdict: Verdict
    result: dict[str, Any] = Field(default_factory=dict)
    error: str = ""
    retry_after_s: float = 0
    settled_after_s: float | None = None
    hearing: Hearing | None = Hearing.THERE


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
            return Outcome(
                verdict=Verdict.LATER, error=str(error), retry_after_s=error.retry_after_s, hearing=hearing_of(error)
            )
        except ChatUnknown as error:
            return Outcome(
                verdict=Verdict.UNKNOWN,
                error=str(error),
                settled_after_s=error.settled_after_s,
                hearing=Hearing.SILENT,
            )
        except ChatRefused as error:
            return _refused(effect, target, error)

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:
        """Look for it by its id."""
        try:
            found = await self._chat.look_up(effect, target, since)
        except ChatError as error:
            return _not_seen(error)
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


class UnderKey:
    """What ways out share whose deeds carry a key: a second telling is dropped or folded, so nothing is looked for."""

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Say that it is told again, over looking for it."""
        return Outcome(verdict=Verdict.NOT_FOUND, error="it is told again under its key")

    def is_repeatable(self, effect: Effect, target: Target) -> bool:  # noqa: ARG002 -- Courier's signature
        """The key makes it one."""
        return True

    def patience_s(self, effect: Effect, settle_s: float) -> float:  # noqa: ARG002 -- Courier's signature
        """Nothing is ever looked up."""
        return 0


class MailCourier(UnderKey):
    """To people's mailboxes; a second copy has the same Message-ID."""

    def __init__(self, mailer: Mailer | None) -> None:
        self._mailer = mailer

    async def send(self, effect: Effect, target: Target) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Send it under the effect's id."""
        if self._mailer is None:
            return Outcome(verdict=Verdict.REFUSED, error="no mail server is set: COPILOT_SMTP_URL")
        return await at_vendor(self._mailer.send(effect.id, Mail.model_validate(effect.deed.model_dump())))


def hearing_of(error: ChatError) -> Hearing:
    """Return what an error says about the chat."""
    if isinstance(error, ChatBarred):
        return Hearing.BARRED
    return Hearing.THERE if isinstance(error, ChatLimited | ChatRefused) else Hearing.SILENT


def _refused(effect: Effect, target: Target, error: ChatRefused) -> Outcome:
    said: dict[str, Any] = {"result": _code(error), "error": str(error)}
    is_message = isinstance(effect.deed, Show)
    if isinstance(error, ChatBarred) and (is_message or error.code not in _ONE_SCOPE):
        return Outcome(verdict=Verdict.LATER, hearing=Hearing.BARRED, **said)
    if isinstance(effect.deed, Rewrite):
        return Outcome(verdict=Verdict.DONE if error.code == "message_not_found" else Verdict.REFUSED, **said)
    remedy = remedy_for(error.code)
    if remedy is Remedy.MOVE:
        return Outcome(verdict=Verdict.CHANNEL_GONE, **said)
    is_edit = is_message and target.message_ts is not None
    is_gone = is_edit and remedy is Remedy.POST_ANEW
    return Outcome(verdict=Verdict.MESSAGE_GONE if is_gone else Verdict.REFUSED, **said)


def _not_seen(error: ChatError) -> Outcome:
    """Who may not look will not see it later either: what is for a place that is gone goes elsewhere."""
    said: dict[str, Any] = {"result": _code(error), "error": str(error)}
    if not isinstance(error, ChatRefused) or (isinstance(error, ChatBarred) and error.code not in _ONE_SCOPE):
        return Outcome(verdict=Verdict.UNKNOWN, hearing=hearing_of(error), **said)
    is_gone = remedy_for(error.code) is Remedy.MOVE
    return Outcome(verdict=Verdict.CHANNEL_GONE if is_gone else Verdict.REFUSED, **said)


def _code(error: ChatError) -> dict[str, Any]:
    return {"code": error.code} if isinstance(error, ChatRefused) else {}


async def looked_for(call: Awaitable[Frozen | None] | None, nowhere: str) -> Outcome:
    """Return in common words what came of looking for what may have happened; `nowhere` says that it was not found.

    Without a call nobody can be asked.
    """
    try:
        found = await call if call else None
    except (VendorError, TimeoutError) as error:
        return Outcome(verdict=Verdict.UNKNOWN, error=_text(error))
    if found is None:
        return Outcome(verdict=Verdict.NOT_FOUND, error=nowhere)
    return Outcome(verdict=Verdict.DONE, result=found.model_dump(mode="json"))


async def at_vendor(call: Awaitable[Frozen | None]) -> Outcome:
    """Return in common words how a call of a plugin ended; what it answered, if anything, is the result."""
    try:
        answered = await call
        return Outcome(verdict=Verdict.DONE, result=answered.model_dump(mode="json") if answered else {})
    except VendorUnavailable as error:
        return Outcome(verdict=Verdict.LATER, error=str(error), retry_after_s=error.retry_after_s or 0)
    except (OutcomeUnknown, TimeoutError) as error:
        return Outcome(verdict=Verdict.UNKNOWN, error=_text(error))
    except VendorError as error:
        return Outcome(verdict=Verdict.REFUSED, error=str(error))


def _approved(effect: Effect) -> RunAction:
    return RunAction.model_validate(effect.deed.model_dump())


def _outcome(result: ActionResult) -> Outcome:
    verdict = Verdict.DONE if result.ok else Verdict.REFUSED
    return Outcome(verdict=verdict, result=result.model_dump(mode="json"), error="" if result.ok else result.summary)


def _text(error: Exception) -> str:
    return str(error) or "no answer in time"
