"""Keep webhooks that nobody understood where people see them, and take them in again once a plugin was mended."""

import logging
from collections.abc import Mapping, Sequence

from incident_copilot.domain.base import new_id
from incident_copilot.domain.dead_letter import DeadLetter, DeadLetterCounts, DeadLetterState
from incident_copilot.errors import BadPayload, DecisionRefused
from incident_copilot.pipeline import receive
from incident_copilot.pipeline.ai import arriving
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import AlertSource, Delivery
from incident_copilot.store import dead_letters
from incident_copilot.store.db import INGEST

log = logging.getLogger(__name__)

_LONGEST_WHY = 500
_LONGEST_HEADER = 200
# What plugins read beside the body. A list of names that may be kept: secrets and signatures come under any name.
_KEPT_HEADERS = frozenset(
    {
        "content-type", "user-agent", "x-request-id", "x-github-event", "x-github-delivery", "x-gitlab-event",
        "x-gitlab-event-uuid", "x-event-key", "sentry-hook-resource", "sentry-hook-timestamp", "request-id",
        "webhook-id", "webhook-timestamp", "x-webhook-id", "x-event-type", "x-amz-sns-message-type",
        "x-amz-sns-message-id", "x-amz-sns-topic-arn", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time",
        "ce-specversion", "x-zendesk-webhook-id", "x-zendesk-webhook-invocation-id", "x-opsgenie-event",
        "x-honeycomb-webhook-delivery-id",
    }
)  # fmt: skip


def parsed(instance: str, source: AlertSource, headers: Mapping[str, str], body: bytes) -> Delivery:
    """Return what a body says; where the plugin itself fails on it, that is an unknown event.

    Raises:
        BadPayload: the body is not what the source sends.
    """
    try:
        return source.parse(headers, body)
    except BadPayload:
        raise
    except Exception as error:
        log.exception("alert source %s failed on a body", instance)
        return Delivery(unknown=f"the plugin failed with {type(error).__name__}; see the copilot's log")


async def keep(deps: Deps, instance: str, why: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keep the body of an authenticated request.

    Raises:
        StoreUnavailable: it is not kept.
    """
    kept = {name: headers[name][:_LONGEST_HEADER] for name in sorted(_KEPT_HEADERS & {*headers})}
    now = deps.now()
    letter = DeadLetter(
        id=new_id(now), source=instance, received_at=now, why=why[:_LONGEST_WHY], headers=kept, body=body
    )
    async with deps.db.transaction(INGEST) as tx:
        await dead_letters.keep(tx, deps.workspace_id, letter)


async def waiting(deps: Deps, limit: int) -> tuple[Sequence[DeadLetter], Sequence[DeadLetterCounts]]:
    """Return those that wait, newest first and without their bodies, and how many there are by source."""
    async with deps.db.read() as db:
        found = await dead_letters.waiting(db, deps.workspace_id, limit)
        return found, await dead_letters.counts(db, deps.workspace_id)


async def get(deps: Deps, letter_id: str) -> DeadLetter:
    """Return one.

    Raises:
        UnknownThing: there is none with this id.
    """
    async with deps.db.read() as db:
        return await dead_letters.get(db, deps.workspace_id, letter_id)


async def drop(deps: Deps, letter_id: str) -> None:
    """Forget the body of one that waits.

    Raises:
        UnknownThing: there is none with this id.
        DecisionRefused: it does not wait.
    """
    async with deps.db.transaction() as tx:
        letter = _require_waiting(await dead_letters.get(tx, deps.workspace_id, letter_id))
        await dead_letters.settle(tx, deps.workspace_id, letter, DeadLetterState.DROPPED)


async def replay(deps: Deps, source: AlertSource, letter: DeadLetter) -> str:
    """Take one in as a delivery of its own, once; returns in words what came of it.

    Raises:
        DecisionRefused: it does not wait.
        StoreUnavailable: it waits on, and may be replayed again.
    """
    _require_waiting(letter)
    try:
        delivery = parsed(letter.source, source, letter.headers, letter.body)
    except BadPayload as error:
        return f"waits on: {error}"
    changed = 0
    if is_news(delivery):
        # The sender's id may be known already, with nothing taken from it; this one is known only after a replay.
        told = delivery.model_copy(update={"delivery_id": f"dead:{letter.id}:{letter.times}"})
        changed = await receive.receive(deps, letter.source, *await arriving.without_people(told, letter.body))
    if delivery.unknown:
        return f"waits on: {delivery.unknown}"
    async with deps.db.transaction() as tx:
        await dead_letters.settle(tx, deps.workspace_id, letter, DeadLetterState.REPLAYED)
    return f"replayed: {outcome(delivery, changed)}"


def is_news(delivery: Delivery) -> bool:
    """Whether there is anything in a delivery to take in."""
    return bool(delivery.alerts or delivery.changes or delivery.snapshots or delivery.interactions)


def outcome(delivery: Delivery, changed: int) -> str:
    """Return in words what a delivery said."""
    parts = [f"{len(delivery.alerts)} alerts, {changed} changed"] if delivery.alerts else []
    parts += [f"{len(delivery.changes)} changes"] if delivery.changes else []
    parts += [f"{sum(len(one.figures) for one in delivery.snapshots)} figures"] if delivery.snapshots else []
    parts += [f"{len(delivery.interactions)} interactions"] if delivery.interactions else []
    parts += [f"ignored: {delivery.ignored}"] if delivery.ignored else []
    return "; ".join(parts) or "nothing to take in"


def lines(letters: Sequence[DeadLetter], counted: Sequence[DeadLetterCounts]) -> list[str]:
    """Return a line for each that waits, and one for each source."""
    listed = [
        f"{one.id}  {one.received_at:%Y-%m-%d %H:%M}  {one.source}{f'  {one.times} times' if one.times > 1 else ''}"
        f"  {one.why}"
        for one in letters
    ]
    return listed + [
        f"{one.source}: {one.waiting} wait, {one.replayed} replayed, {one.dropped} dropped, {one.left_out} left out"
        for one in counted
    ]


def _require_waiting(letter: DeadLetter) -> DeadLetter:
    if letter.state is not DeadLetterState.WAITING:
        raise DecisionRefused(f"dead letter {letter.id} was {letter.state} before; nothing happened")
    return letter
