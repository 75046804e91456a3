"""The evidence is kept by command and by click; the second click makes no second snapshot."""

from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.pipeline.snapshots import keep


async def test_evidence_is_kept_by_command_and_by_click(sandbox, copilot):
    opened = await copilot.open()
    button = Button(press=Press.SNAPSHOT, label="Keep it as it is now", value=opened.id)
    message = await copilot.show(Notice(text="The evidence of INC-1 is kept.", buttons=(button,)))
    ana, cara = sandbox.person("ana"), sandbox.person("cara")

    await ana.command("/incident", "snapshot", channel="#general")
    await cara.click(message, "snapshot")
    await cara.click(message, "snapshot")
    await sandbox.until(lambda: len(cara.ephemerals("#general")) == 2)

    async with copilot.deps.db.read() as db:
        kept = await keep.every(db, opened)
    told = [said.text.partition(",")[0] for said in (*ana.ephemerals("#general"), *cara.ephemerals("#general"))]
    assert told == ["Snapshot 1: 9 files", "Snapshot 2: 9 files", "It was taken just now. Snapshot 2: 9 files"]
    assert [one.manifest.taken_by for one in kept] == [ana.user.id, cara.user.id]
