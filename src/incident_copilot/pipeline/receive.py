"""Take webhooks in: deliveries, their alerts and changes, and the job that looks at them, in one transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from incident_copilot.domain import drill, verdict
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.page import PageHeard
from incident_copilot.pipeline import wakeups, watch
from incident_copilot.pipeline.ai import arriving
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import Delivery
from incident_copilot.store import alerts, changes, deliveries, heard, muted_alerts
from incident_copilot.store.db import INGEST, Tx
from incident_copilot.store.deliveries import Arrived

LONGEST_KEY = 300  # the column's length
HEARD_EVERY = timedelta(seconds=10)
_OURS = {drill.SOURCE, verdict.SOURCE}


@dataclass(frozen=True)
class Arrival:
    """One authenticated request: where it came in, what it means, what it said."""

    instance: str
    delivery: Delivery
    body: bytes


async def receive(deps: Deps, instance: str, delivery: Delivery, body: bytes) -> int:
    """Store what one request carried and return how many alerts changed; only then may it be answered (P1).

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    return (await receive_all(deps, [Arrival(instance, delivery, body)]))[0]


async def receive_all(deps: Deps, arrivals: Sequence[Arrival]) -> list[int]:
    """Store what several requests carried in one transaction; return for each how many alerts changed.

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    now = deps.now()
    arrived = [Arrived(one.instance, _key_of(one.delivery), _text_of(one.body)) for one in arrivals]

    async def store(tx: Tx) -> list[int]:
        new = await deliveries.add_all(tx, deps.workspace_id, arrived, now)
        told = [_told(one, is_new) for one, is_new in zip(arrivals, new, strict=True)]
        told = [await _without_beats(tx, deps, one, some) for one, some in zip(arrivals, told, strict=True)]
        made = [change for one, is_new in zip(arrivals, new, strict=True) if is_new for change in one.delivery.changes]
        if made:
            await changes.record_all(tx, deps.workspace_id, made)
        for one, came, is_new in zip(arrivals, arrived, new, strict=True):
            if is_new:
                await arriving.keep(tx, deps, one.instance, came.key, one.delivery)
        for heard_of in _pages(arrivals, new):
            await wakeups.hear_page(tx, deps, heard_of)
        every = list(chain.from_iterable(told))
        changed = await alerts.record_all(tx, deps.workspace_id, every, now)
        await _mark_sources(tx, deps, every)
        if any(changed):
            await wakeups.correlate(tx, deps, now)
        await _note_heard(tx, deps, arrivals, now)
        rest = iter(changed)
        return [sum(islice(rest, len(some))) for some in told]

    return await deps.db.in_one_go(store, INGEST)


async def _mark_sources(tx: Tx, deps: Deps, told: Sequence[Alert]) -> None:
    """Note which alerts mute others before any is placed: a cluster and its pods come in any order."""
    grouping = deps.catalog.correlation
    muting = {alert.fingerprint for alert in told if grouping.may_inhibit(alert)}
    if muting:
        await muted_alerts.mark_sources(tx, deps.workspace_id, muting)


async def _note_heard(tx: Tx, deps: Deps, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Note at times which sources deliver: in a storm more often would cost more than it tells."""
    lags: dict[str, float | None] = {}
    for arrival in arrivals:
        if arrival.instance in _OURS:  # no source that could fall silent
            continue
        last = deps.sources_heard.get(arrival.instance)
        if last is None or now - last >= HEARD_EVERY:
            started = [alert.starts_at for alert in arrival.delivery.alerts if alert.status is AlertStatus.FIRING]
            lag = max(0.0, (now - max(started)).total_seconds()) if started else lags.get(arrival.instance)
            lags[arrival.instance] = lag
    if lags:
        await heard.note(tx, deps.workspace_id, lags, now)
        deps.sources_heard.update(dict.fromkeys(lags, now))


async def _without_beats(tx: Tx, deps: Deps, arrival: Arrival, told: Sequence[Alert]) -> Sequence[Alert]:
    """Return the alerts that are no watchdogs; these only show that their source lives."""
    beats = [watch.Beat(arrival.instance, one) for one in told if deps.catalog.correlation.watchdog(one)]
    if not beats:
        return told
    await watch.heard(tx, deps, beats)
    return [one for one in told if not deps.catalog.correlation.watchdog(one)]


def _told(arrival: Arrival, is_new: bool) -> Sequence[Alert]:
    """The alerts to look at: a delivery known by the sender's id says nothing new, one known by its states may."""
    return arrival.delivery.alerts if is_new or arrival.delivery.delivery_id is None else ()


def _pages(arrivals: Sequence[Arrival], new: Sequence[bool]) -> list[PageHeard]:
    """What became of our own pages; a delivery known by the sender's id says nothing new."""
    fresh = [one for one, is_new in zip(arrivals, new, strict=True) if is_new or one.delivery.delivery_id is None]
    return [heard_of for one in fresh for heard_of in one.delivery.pages if heard_of.event]


def _text_of(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _key_of(delivery: Delivery) -> str:
    """The sender's id, or for a source that sends none the states of what it told (promise P2)."""
    if delivery.delivery_id is not None:
        whole = f"id:{delivery.delivery_id}"
        return whole if len(whole) <= LONGEST_KEY else "long:" + hashlib.sha256(whole.encode()).hexdigest()
    alerts_told = [alert.state_key for alert in delivery.alerts]
    states = "\n".join(sorted(alerts_told + [change.state_key for change in delivery.changes]))
    return "state:" + hashlib.sha256(states.encode()).hexdigest()
