"""Who is on call and calling more people, typed by people."""

from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log


async def typed(copilot, text, who="ana"):
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


async def test_people_are_called_and_waited_for_by_command(copilot):
    incident = await copilot.open()

    [teams] = await typed(copilot, "oncall")
    [called] = await typed(copilot, "escalate <@U0BEN|ben> the database is slow")
    [waits] = await typed(copilot, "escalate later 30m")

    assert teams == "catalog.yaml names no team."
    assert called == "<@U0BEN> is called to INC-1."
    assert waits.startswith("Nobody else is called until ")
    async with copilot.deps.db.read() as db:
        rows = await action_log.entries(db, incident.id, kinds=[LogKind.ESCALATED, LogKind.SNOOZED])
    assert [row.actor for row in rows] == ["U0ANA", "U0ANA"]


async def test_all_that_goes_out_is_paused_and_let_go_by_command(copilot):
    [refused] = await typed(copilot, "pause")
    [paused] = await typed(copilot, "pause a wrong rollout", who="ben")
    [resumed] = await typed(copilot, "resume", who="ben")

    assert refused.startswith("To pause what goes out you need the role commander")
    assert paused.startswith("Paused: no action, page, e-mail or customer update goes out.")
    assert resumed == "What was held back goes out now."
