"""How far the copilot goes for services, in Slack: the list, its forms with a reason, and requests that wait."""

import pytest
import sqlalchemy as sa
from slack_copilot import CATALOG
from slack_samples import said

from incident_copilot.domain.automation import Automation, AutomationPolicy
from incident_copilot.domain.catalog import Service

LEVELS = CATALOG.model_copy(
    update={
        "services": (
            Service(name="checkout", team="payments", automation=Automation.SUGGEST),
            Service(name="payments", automation=Automation.OBSERVE),
        ),
        "automation": AutomationPolicy(decisions=0, accepted=0),
    }
)


@pytest.fixture
def more():
    """Levels below the last, and no record needed to raise them."""
    return {"catalog": LEVELS}


async def asks(copilot, text, who="ana"):
    """What one person is shown by the command."""
    person = copilot.sandbox.person(who)
    assert (await person.command("/incident", text, channel="#general")).ok
    return person.ephemerals("#general")[-1]


async def form(copilot, person, button, service="checkout"):
    """The form behind a button of the list."""
    assert (await person.click(await asks(copilot, f"automation {service}", person.name), button, service)).ok
    return (await copilot.sandbox.until(lambda: [one for one in person.views if one.callback_id == button]))[-1]


async def hears(copilot, person, words):
    """Wait until the bot has told this to one person."""
    await copilot.sandbox.until(lambda: person.ephemerals("#general")[-1].text == words)


async def test_level_is_asked_for_agreed_to_refused_and_lowered(sandbox, copilot):
    ana, ben = sandbox.person("ana"), sandbox.person("ben")
    raising = await form(copilot, ana, "raise_level")
    await ana.submit(raising, {"reason": "All of them helped."})
    asked = said(ana.views[-1].blocks)
    listed = await asks(copilot, "automation", "ben")
    shown = said(listed.blocks)

    assert (await ben.click(listed, "agree_level")).ok

    await hears(copilot, ben, "checkout is set to supervised from now on.")
    assert asked == "Asked. checkout goes to supervised once another approver agrees."
    assert "asks that I go from suggest to supervised" in shown
    assert "All of them helped." in shown
    assert "checkout: supervised, set by people" in said((await asks(copilot, "automation checkout")).blocks)

    lowering = await form(copilot, ben, "lower_level")
    await ben.submit(lowering, {"reason": "Too many at once."})
    assert said(ben.views[-1].blocks) == "checkout is set to suggest from now on."
    await ana.submit(await form(copilot, ana, "raise_level"), {"reason": "Again."})
    assert (await ben.click(await asks(copilot, "automation", "ben"), "refuse_level")).ok
    await hears(copilot, ben, "Refused; checkout stays at suggest.")


async def test_refusal_stands_in_the_form(sandbox, copilot):
    ben = sandbox.person("ben")

    refused = await ben.submit(await form(copilot, ben, "lower_level"), {"reason": "Down."})
    below = await ben.submit(await form(copilot, ben, "raise_level", "payments"), {"reason": " "})

    assert refused.errors == {}
    assert "reason" in below.errors


async def test_form_does_not_open_where_the_service_or_the_database_is_gone(sandbox, copilot):
    ana = sandbox.person("ana")
    listed = await asks(copilot, "automation")
    await ana.open_home()
    home = await sandbox.until(lambda: ana.home)
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE level_changes"))

    for place, button in ((listed, "lower_level"), (home, "automation")):
        assert (await ana.click(place, button, "checkout" if place is listed else None)).ok
    await asks(copilot, "list")

    assert ana.views == []


async def test_app_home_opens_the_list_and_shows_what_waits_for_a_second_person(sandbox, copilot):
    ana, ben = sandbox.person("ana"), sandbox.person("ben")
    await ana.submit(await form(copilot, ana, "raise_level"), {"reason": "All of them helped."})
    await ben.open_home()
    home = await sandbox.until(lambda: ben.home)

    assert "asks that I go from suggest to supervised" in said(home.blocks)
    assert (await ben.click(home, "automation")).ok
    [opened] = await sandbox.until(lambda: ben.views)
    assert "payments: observe, catalog.yaml" in said(opened.blocks)
