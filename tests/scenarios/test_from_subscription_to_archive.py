"""A manager follows a serious incident from its beginning until its channel is put away, and is told at each turn."""

from contextlib import asynccontextmanager
from datetime import timedelta

from incident_copilot.demo.story import shown
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import action_log, incidents, jobs
from whole import copilot

ALWAYS = "mon-sun 00:00-24:00 UTC"
BRIDGE = "https://meet.example/inc-1"


async def test_a_manager_hears_of_a_p1_and_its_channel_is_archived_when_it_is_long_over(tmp_path):
    async with copilot(tmp_path, archive_after_days=30, working_hours=ALWAYS, canvas=True) as whole:
        ana, ben = whole.sandbox.person("ana"), whole.sandbox.person("ben")
        await ana.command("/incident", "subscribe P1", channel="#general")
        await whole.fire()
        place = await whole.channel()
        direct = (await ana.open_dm()).id
        await whole.sees(direct, "Open")

        await ben.command("/incident", f"bridge <{BRIDGE}>", channel=place)
        await whole.sees(place, "Bridge (meet.example)")
        await ben.command("/incident", "ack", channel=place)
        channel = whole.sandbox.channel(place)
        await whole.sandbox.until(lambda: "- acknowledged" in (channel.canvas or {}).get("markdown", ""), 20)
        await ben.command("/incident", "resolve", channel=place)
        await ben.submit(await whole.form(ben), {"ending": "false_alarm"})
        told = await whole.sees(direct, "false alarm")
        await _goes_by(whole, ended_at=timedelta(days=40))
        announced = await whole.sees(place, "will be archived tomorrow")
        await _goes_by(whole, archive_at=timedelta(days=2))
        await whole.sandbox.until(lambda: whole.sandbox.channel(place).is_archived)
        async with _opened(whole) as db, db.read() as view:
            rows = await action_log.entries(view, (await incidents.by_number(view, "default", 1)).id)

    about = [row for row in rows if row.kind in (LogKind.BRIDGE_SET, LogKind.CHANNEL_ARCHIVED)]
    assert [one.ts for one in whole.sandbox.messages(direct) if "INC-1" in shown(one)] == [told.ts]
    assert "Nothing in it is lost" in shown(announced)
    bookmarks = [effect.args["link"] for effect in whole.sandbox.ledger if effect.method == "bookmarks.add"]
    assert BRIDGE in bookmarks
    assert [(row.kind, row.actor) for row in about] == [
        (LogKind.BRIDGE_SET, ben.id),
        (LogKind.CHANNEL_ARCHIVED, "policy:archiving"),
    ]


@asynccontextmanager
async def _opened(whole):
    db = whole.open_db()
    yield db
    await db.close()


async def _goes_by(whole, **fields):
    """Set times of the incident back by so much, and have channels looked at as every hour."""
    async with _opened(whole) as db, db.transaction() as tx:
        found = await incidents.lock(tx, (await incidents.by_number(tx, "default", 1)).id)
        earlier = {name: getattr(found, name) - span for name, span in fields.items()}
        await incidents.save(tx, found.model_copy(update=earlier))
        now = found.opened_at
        await jobs.enqueue(tx, workspace_id="default", kind=Work.ARCHIVE, key="look", lane="look", run_at=now)
