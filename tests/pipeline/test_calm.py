"""A calm channel: an incident with one cause takes at most six messages of its own in its first ten minutes."""

import pytest

from incident_copilot.store import effects


@pytest.mark.story
async def test_incident_with_one_cause_takes_at_most_six_messages_in_ten_minutes(story):
    told = await story("bad_deploy", without_remedies=True, log_share=0.1)
    incident = await told.begin()
    await told.go_on(600, step=60)

    async with told.deps.db.read() as db:
        posted = await effects.posted(db, incident.id, incident.opened_at.replace(year=2020))
        shown = [one for one in await effects.by_incident(db, incident.id) if one.deed.do == "show"]

    slots = {one.deed.slot for one in shown if one.deed.under is None and one.deed.place == "incident"}
    assert posted <= 6, sorted(slots)
    assert {"card", "brief"} <= slots
