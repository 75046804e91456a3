"""The buttons beside each role: where an answer shows them, and in the form."""

import sqlalchemy as sa
from slack_samples import INCIDENT_ID, incident

from incident_copilot.domain.incident import Duty
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.pipeline import roles as roles_pipeline
from incident_copilot.sandbox.conformance import check_view
from incident_copilot.sandbox.faults import Fault
from incident_copilot.slack.listeners.answering import NOT_RECORDED, renew
from incident_copilot.slack.views import roles
from incident_copilot.store import action_log

ANA = Person(id="U0ANA", name="Ana", roles=frozenset({Role.RESPONDER}))


async def test_roles_are_taken_and_made_free_by_button(copilot, sandbox):
    await copilot.open(commander="U0BEN")
    ana = sandbox.person("ana")

    async def clicked(action, value, said):
        await ana.click(ana.ephemerals("#general")[-1], action, value)
        await sandbox.until(lambda: ana.ephemerals("#general")[-1].text.startswith(said))

    await ana.command("/incident", "roles", channel="#general")
    await clicked("role_take", f"{INCIDENT_ID}/scribe/", "<@U0ANA> is now the scribe of INC-1. Roles of INC-1.")
    await clicked("role_back", f"{INCIDENT_ID}/commander/U0BEN", "Nobody is the commander of INC-1 now. Roles of")
    await roles_pipeline.give_back(copilot.deps, INCIDENT_ID, ANA, Duty.SCRIBE)
    await clicked("role_back", f"{INCIDENT_ID}/scribe/U0ANA", "Nobody is the scribe of INC-1. Roles of INC-1.")
    async with copilot.deps.db.read() as db:
        log = await action_log.entries(db, INCIDENT_ID)

    kinds = [LogKind.ASSIGNED, LogKind.UNASSIGNED, LogKind.UNASSIGNED, LogKind.DENIED]
    assert [row.kind for row in log] == kinds


async def test_in_the_form_a_click_shows_the_roles_anew(copilot, sandbox):
    opened = await copilot.open()
    ana = sandbox.person("ana")
    card = await copilot.show_card(opened)
    await ana.click(card, "more", f"roles:{INCIDENT_ID}")
    await sandbox.until(lambda: ana.views)

    await ana.click(ana.views[-1], "role_take", f"{INCIDENT_ID}/scribe/")
    shown = await sandbox.until(lambda: ana.views[-1] if "now the scribe" in str(ana.views[-1].blocks) else None)

    assert [block.get("accessory", {}).get("action_id") for block in shown.blocks[1:5]] == [
        "role_take",
        "role_take",
        "role_back",
        "role_take",
    ]


async def test_without_a_database_a_click_beside_a_role_says_so(copilot, sandbox):
    await copilot.open()
    ana = sandbox.person("ana")
    await ana.command("/incident", "roles", channel="#general")
    shown = ana.ephemerals("#general")[-1]
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE incident_members"))
        await tx.execute(sa.text("DROP TABLE incidents"))

    await ana.click(shown, "role_take", f"{INCIDENT_ID}/scribe/")

    assert await sandbox.until(lambda: ana.ephemerals("#general")[-1].text == NOT_RECORDED)


def test_roles_of_an_ended_incident_have_no_buttons():
    ended = incident(ended_at=incident().opened_at, duties={Duty("liaison"): "U0BEN"})

    view = roles.form(ended, Duty("unknown"))

    check_view(view, "modal")
    assert [block for block in view["blocks"] if "accessory" in block] == []
    assert view["blocks"][4]["text"]["text"] == "Liaison: <@U0BEN>"


async def test_form_that_is_not_shown_anew_is_left_alone(sandbox, client):
    sandbox.faults.add("views.update", Fault("refuse", code="internal_error"))

    await renew(client, {"view": {"id": "V0"}}, roles.form(incident(), Duty.SCRIBE))

    assert sandbox.ledger == []
