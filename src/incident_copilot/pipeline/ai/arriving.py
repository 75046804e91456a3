"""Take in what AI systems tell of themselves: redacted before it is kept, and scored by a job of its own."""

import asyncio
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from incident_copilot.domain.observation import Snapshot
from incident_copilot.domain.redaction import Redactor
from incident_copilot.domain.sampled import Sampled
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import AlertSource, ConfidentialSource, Delivery
from incident_copilot.store import observations
from incident_copilot.store.db import Tx

SAMPLED: TypeAdapter[tuple[Sampled, ...]] = TypeAdapter(tuple[Sampled, ...])
"""How interactions are kept until they are scored."""
_BORDER = "\n\x00\n"
"""Stands between texts; no text that came in has a NUL."""


async def without_people(delivery: Delivery, body: bytes) -> tuple[Delivery, bytes]:
    """Return a delivery whose interactions are redacted, and what is kept as its body; any other as it is.

    It lets go of the loop after each, so that alerts that come meanwhile are not held up by a batch.
    """
    if not delivery.interactions:
        return delivery, body
    safe = []
    for one in delivery.interactions:
        safe.append(redacted(one))
        await asyncio.sleep(0)
    told = delivery.model_copy(update={"interactions": tuple(safe)})
    return told, SAMPLED.dump_json(told.interactions, exclude_defaults=True)


async def to_keep(source: AlertSource, body: bytes) -> bytes:
    """Return what may be kept of a body that nobody understood."""
    if not isinstance(source, ConfidentialSource):
        return body
    # A megabyte takes a while, and a thread lets alerts through.
    text = await asyncio.to_thread(Redactor().redact, body.decode("utf-8", "replace"))
    return text.encode()


def redacted(one: Sampled) -> Sampled:
    """Return an interaction with placeholders for personal data and secrets, the same value under the same one.

    What was asked comes first: what the answer tells beyond it then has a placeholder of its own.
    """
    passages = one.retrieved or ()
    texts = [one.request, one.id, *(text for passage in passages for text in (passage.id, passage.text)), one.response]
    texts += [one.expected or "", *(one.cited or ()), *(one.relevant or ()), *one.labels.values(), *one.groups.values()]
    safe = iter(_all_redacted(texts))
    request, key = next(safe), next(safe)
    told = [passage.model_copy(update={"id": next(safe), "text": next(safe)}) for passage in passages]
    response, expected = next(safe), next(safe)
    found: dict[str, Any] = {"request": request, "id": key, "response": response}
    found["retrieved"] = None if one.retrieved is None else tuple(told)
    found["expected"] = None if one.expected is None else expected
    for name in ("cited", "relevant"):
        ids = getattr(one, name)
        found[name] = None if ids is None else tuple(next(safe) for _ in ids)
    for name in ("labels", "groups"):
        found[name] = {label: next(safe) for label in getattr(one, name)}
    return one.model_copy(update=found)


def _all_redacted(texts: Sequence[str]) -> list[str]:
    """Redact texts in one go, which takes a sixth of the time; one by one where a secret would reach over a border."""
    safe = Redactor().redact(_BORDER.join(texts)).split(_BORDER)
    if len(safe) == len(texts):
        return safe
    one_by_one = Redactor()
    return [one_by_one.redact(text) for text in texts]


async def keep(tx: Tx, deps: Deps, instance: str, key: str, delivery: Delivery) -> None:
    """Keep the figures of a delivery that is new, and have its interactions scored."""
    if delivery.snapshots:
        await observations.add_all(tx, deps.workspace_id, [_bounded(one) for one in delivery.snapshots])
        await wakeups.look_at_system(tx, deps, delivery.snapshots[0].system, deps.now())
    if delivery.interactions:
        await wakeups.score_interactions(tx, deps, instance, key)


def _bounded(snapshot: Snapshot) -> Snapshot:
    return snapshot.model_copy(update={"labels": dict(sorted(snapshot.labels.items())[:20])})
