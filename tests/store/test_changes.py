"""Changes: one row each, in its newest state."""

from datetime import timedelta

from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.store import changes


def deployment(clock, key="k", status=ChangeStatus.STARTED, minutes=0, service="checkout"):
    return Change(
        source="gh",
        key=key,
        kind=ChangeKind.DEPLOYMENT,
        status=status,
        title="v42",
        service=service,
        at=clock() + timedelta(minutes=minutes),
    )


async def test_of_one_change_the_latest_state_stays_in_whatever_order_they_come(any_db, clock):
    begun, done = deployment(clock), deployment(clock, status=ChangeStatus.SUCCEEDED, minutes=5)
    other = deployment(clock, key="other", minutes=1, service=None)

    async with any_db.transaction() as tx:
        await changes.record_all(tx, "w", [])
        await changes.record_all(tx, "w", [done, other])
        await changes.record_all(tx, "w", [begun, other])
        await changes.record_all(tx, "elsewhere", [begun])

    ended = done.model_copy(update={"began": begun.at})
    async with any_db.read() as view:
        assert await changes.between(view, "w", clock(), clock() + timedelta(hours=1)) == [ended, other]
        assert await changes.between(view, "w", clock(), clock() + timedelta(hours=1), ["checkout"]) == [ended]
        assert await changes.between(view, "w", clock() + timedelta(minutes=6), clock() + timedelta(hours=1)) == []
        assert await changes.between(view, "elsewhere", clock(), clock()) == [begun]
