"""Changes of levels: of a service one request and one level in force at most, whoever comes at once."""

import pytest

from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.domain.base import new_id
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.store import automation


def change(clock, **fields):
    values = {
        "id": new_id(clock()),
        "workspace_id": "w",
        "service": "checkout",
        "was": Automation.SUGGEST,
        "wanted": Automation.SUPERVISED,
        "state": ChangeState.ASKED,
        "asked_by": "U0ANA",
        "asked_at": clock(),
    }
    return LevelChange.model_validate(values | fields)


async def test_of_each_service_one_is_asked_for_and_one_in_force(any_db, clock):
    asked = change(clock)
    async with any_db.transaction() as tx:
        await automation.add(tx, asked)
        await automation.add(tx, change(clock, service="search"))
        await automation.add(tx, change(clock, workspace_id="other"))
        with pytest.raises(DecisionRefused):
            await automation.add(tx, change(clock))
        made = await automation.settle(tx, asked, ChangeState.IN_FORCE, "U0BEN", clock())
        await automation.add(tx, change(clock))
        with pytest.raises(DecisionRefused):
            await automation.settle(tx, asked, ChangeState.REFUSED, "U0BEN", clock())

    async with any_db.read() as db:
        live = await automation.live(db, "w", "checkout")
        kept = await automation.get(db, "w", asked.id)
        every = await automation.live(db, "w")
        with pytest.raises(UnknownThing):
            await automation.get(db, "other", asked.id)

    assert (made, kept.decided_by, kept.decided_at) == (kept, "U0BEN", clock())
    assert {one.state for one in live} == {ChangeState.IN_FORCE, ChangeState.ASKED}
    assert [one.service for one in every] == ["checkout", "checkout", "search"]
