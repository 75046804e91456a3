"""Heartbeats are one row each, written anew, and forgotten."""

from datetime import timedelta

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.heartbeat import Heartbeat
from incident_copilot.store import heartbeats


async def test_each_is_kept_as_it_is_until_it_is_forgotten(any_db, clock):
    alert = Alert(source="s", fingerprint="f", name="Watchdog", status=AlertStatus.FIRING, starts_at=clock())
    first, second = (Heartbeat.first(source, alert, clock()) for source in ("b", "a"))
    later = first.heard(alert, clock() + timedelta(minutes=1)).model_copy(update={"silent_since": clock()})

    async with any_db.transaction() as tx:
        await heartbeats.save(tx, "w", [])
        await heartbeats.save(tx, "w", [first, second])
        await heartbeats.save(tx, "w", [later])
        assert await heartbeats.lock_all(tx, "w") == [second, later]
    async with any_db.transaction() as tx:
        await heartbeats.forget(tx, "w", second)

    async with any_db.read() as view:
        assert await heartbeats.all_of(view, "w") == [later]
        assert await heartbeats.all_of(view, "elsewhere") == []
