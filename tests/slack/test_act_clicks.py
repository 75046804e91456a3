"""Actions of actions.yaml by command and click, through the sandbox: listed, proposed, taken back, glass broken."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.pipeline.catalogued import with_entries
from incident_copilot.slack.listeners.act import NONE
from incident_copilot.slack.listeners.answering import GONE
from incident_copilot.store import action_log, proposals
from pipeline.flags import Flags, entries


@pytest.fixture
def more():
    catalogue = entries(flag_off={"risk": "high"})
    return {"entries": catalogue, "actions": with_entries(Flags().adapters(lambda: datetime.now(UTC)), catalogue)}


async def typed(copilot, text, who="ana"):
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


async def put_to_people(copilot, incident):
    async with copilot.deps.db.read() as db:
        return [one for one in await proposals.of_incident(db, incident.id) if one.kind is ProposalKind.ACTION]


async def test_action_is_listed_and_proposed_by_command(copilot):
    incident = await copilot.open()

    [listed] = await typed(copilot, "actions")
    asked = await typed(copilot, "action flag-off flag=old-cart")
    wrong = await typed(copilot, "action flag-off old-cart")
    unknown = await typed(copilot, "act rm-rf")

    assert listed.splitlines()[0] == "flag-off flag=new-cart|old-cart: Turn the flag {flag} off (high risk)"
    assert asked == ["It is put to people in INC-1."]
    assert wrong == ["Write values as name=value, as in `/incident action flag-off flag=new-cart`."]
    assert unknown == ["actions.yaml has no action rm-rf; /incident action lists those it has."]
    [put] = await put_to_people(copilot, incident)
    assert (put.title, put.requested_by, put.needed) == ("Turn the flag old-cart off", "U0ANA", 2)


async def test_incident_of_another_environment_has_no_action(copilot):
    await copilot.open(environment="laboratory")

    assert await typed(copilot, "actions") == [NONE]


async def test_commander_breaks_the_glass_with_a_reason(sandbox, copilot):
    opened = await copilot.open()
    await typed(copilot, "action flag-off flag=new-cart")
    [put] = await put_to_people(copilot, opened)
    old = put.model_copy(update={"created_at": put.created_at - timedelta(minutes=6)})
    async with copilot.deps.db.transaction() as tx:
        await proposals.save(tx, old, was=put)
    shown = await copilot.show_proposal(opened, old)
    ben = sandbox.person("ben")

    await ben.click(shown, "break_glass")
    await sandbox.until(lambda: ben.views)
    await ben.submit(ben.views[-1], {"reason": "the shop is down"})

    assert (await copilot.stored(put.id)).state is ProposalState.APPROVED
    async with copilot.deps.db.read() as db:
        rows = await action_log.entries(db, opened.id, kinds=[LogKind.BROKE_GLASS])
    assert [row.actor for row in rows] == ["U0BEN"]


async def test_undo_is_a_click_and_what_is_gone_is_told_so(sandbox, copilot):
    opened = await copilot.open()
    await typed(copilot, "action flag-off flag=new-cart")
    [put] = await put_to_people(copilot, opened)
    done = put.model_copy(update={"state": ProposalState.CARRIED_OUT, "decided_at": datetime.now(UTC)})
    async with copilot.deps.db.transaction() as tx:
        await proposals.save(tx, done, was=put)
    shown = await copilot.show_proposal(opened, done)
    forged = await copilot.show_proposal(opened, put.model_copy(update={"id": "f" * 32}))

    await sandbox.person("ben").click(shown, "undo")
    await sandbox.person("cara").click(forged, "break_glass")

    assert await copilot.hears("ben") == ["It is put to people in INC-1."]
    assert await copilot.hears("cara") == [GONE]
    titles = {one.title for one in await put_to_people(copilot, opened)}
    assert titles == {"Turn the flag new-cart off", "Turn the flag new-cart on"}
