"""Merge and split, typed or filled in by people."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.footprint import Footprint
from incident_copilot.domain.pairing import mark_of
from incident_copilot.slack.listeners.wording import Wish, understand
from incident_copilot.store import alerts, incidents


async def fire(copilot, incident, *names):
    """Let alerts of these names belong to an incident."""
    now = datetime.now(UTC)
    told = [
        Alert(source="a", fingerprint=f"{name}-0123456789", name=name, status=AlertStatus.FIRING, starts_at=now)
        for name in names
    ]
    async with copilot.deps.db.transaction() as tx:
        await alerts.record_all(tx, "w", told, now)
        await alerts.place(tx, "w", [one.fingerprint for one in told], incident_id=incident.id)
        await incidents.save_footprint(tx, incident.id, Footprint())


async def typed(copilot, text, who="ana"):
    """What one person is told right away."""
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("merge INC-41", Wish("merge", other=41)),
        ("INC-42 merge INC-41", Wish("merge", ("INC-41",), number=42, other=41)),
        ("merge 42 41", Wish("merge", ("41",), number=42, other=41)),
        ("merge", Wish("merge")),
        ("split DiskFull INC-3", Wish("split", ("DiskFull",), number=3)),
    ],
)
def test_the_incident_to_merge_into_comes_last(text, wish):
    assert understand(text) == wish


async def test_people_merge_by_command(copilot):
    await copilot.open()
    await copilot.open(id="e" * 32, correlation_key="other", channel_id="C0OTHER00")

    assert await typed(copilot, "merge") == ["Into which one? As in `/incident merge INC-41`."]
    assert await typed(copilot, "merge INC-2") == ["INC-1 is part of INC-2 now."]
    assert (await copilot.now_is()).ending == "merged"


async def test_people_split_by_command(copilot):
    opened = await copilot.open()
    await fire(copilot, opened, "DiskFull", "SearchSlow")

    assert await typed(copilot, "split diskfull-0") == ["INC-2 is open for DiskFull."]


async def test_people_split_by_form(copilot, sandbox):
    opened = await copilot.open()
    await fire(copilot, opened, "DiskFull", "SearchSlow")
    ana = sandbox.person("ana")

    assert await typed(copilot, "split") == []
    [form] = ana.views
    all_of_them = await ana.submit(form, {"alerts": [mark_of("DiskFull"), mark_of("SearchSlow")]})
    done = await ana.submit(form, {"alerts": [mark_of("DiskFull")]})

    assert form.callback_id == "split"
    errors = {"alerts": "These are all alerts of INC-1; nothing would be left of it."}
    assert all_of_them.body == {"response_action": "errors", "errors": errors}
    assert done.ok
    async with copilot.deps.db.read() as db:
        split_off = await incidents.by_number(db, "w", 2)
        assert [one.alert.name for one in await alerts.of_incident(db, split_off.id)] == ["DiskFull"]


async def test_where_all_alerts_are_alike_the_form_says_how_to_name_one(copilot):
    opened = await copilot.open()
    await fire(copilot, opened, "DiskFull")

    assert await typed(copilot, "split") == ["The alerts of INC-1 are all of one kind; name one by its fingerprint."]
