"""Take a webhook in: the delivery, its alerts and the job that looks at them, in one transaction."""

import hashlib

from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import Delivery
from incident_copilot.store import alerts, deliveries
from incident_copilot.store.db import INGEST


async def receive(deps: Deps, instance: str, delivery: Delivery, body: bytes) -> int:
    """Store what one request carried and return how many alerts changed; only then may it be answered (P1).

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    now = deps.now()
    async with deps.db.transaction(INGEST) as tx:
        new = await deliveries.add(
            tx,
            workspace_id=deps.workspace_id,
            source=instance,
            key=_key_of(delivery),
            body=body.decode("utf-8", "replace").replace("\x00", "\ufffd"),
            now=now,
        )
        if not new and delivery.delivery_id is not None:
            return 0
        in_one_order = sorted(delivery.alerts, key=lambda alert: (alert.fingerprint, alert.starts_at))
        changed = [await alerts.record(tx, deps.workspace_id, alert, now) for alert in in_one_order]
        if any(changed):
            await wakeups.correlate(tx, deps, now)
    return sum(changed)


def _key_of(delivery: Delivery) -> str:
    """The sender's id, or for a source that sends none the states of its alerts (promise P2)."""
    if delivery.delivery_id is not None:
        return f"id:{delivery.delivery_id}"[:300]
    states = "\n".join(sorted(alert.state_key for alert in delivery.alerts))
    return "state:" + hashlib.sha256(states.encode()).hexdigest()
