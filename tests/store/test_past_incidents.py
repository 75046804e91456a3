"""Past incidents: kept by id, so that bringing in the same again changes nothing."""

from datetime import timedelta

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.store import past_incidents
from incident_copilot.store.past_incidents import Saved

ONE = PastIncident(id="a/1", title="One", source="a", text="It was down.")
TWO = PastIncident(id="a/2", title="Two", source="a", text="It was slow.")


async def test_same_again_changes_nothing_and_an_edit_replaces(any_db, clock):
    async def save(*incidents):
        clock.forward(1)
        async with any_db.transaction() as tx:
            saved = await past_incidents.save(tx, "w", incidents, clock())
            return saved, await past_incidents.state(tx, "w")

    edited = TWO.model_copy(update={"text": "It was very slow."})

    first, at_first = await save(ONE, TWO)
    again, at_second = await save(ONE, TWO)
    third, at_third = await save(ONE, edited)

    assert (first, again, third) == (Saved(2, 0, 0), Saved(0, 0, 2), Saved(0, 1, 1))
    assert at_first == at_second != at_third
    async with any_db.read() as view:
        assert await past_incidents.every(view, "w") == [ONE, edited]
        assert await past_incidents.state(view, "elsewhere") != at_third


async def test_edit_by_a_replica_whose_clock_is_behind_is_a_new_state(any_db, clock):
    states = []
    for incident, late in ((ONE, 0), (TWO, 60), (ONE.model_copy(update={"text": "It was down again."}), 30)):
        async with any_db.transaction() as tx:
            await past_incidents.save(tx, "w", [incident], clock() + timedelta(seconds=late))
            states.append(await past_incidents.state(tx, "w"))

    assert len(set(states)) == 3
