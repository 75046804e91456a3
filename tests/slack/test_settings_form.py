"""Settings made in Slack: a form that shows what holds and where it comes from; commanders change it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from slack_samples import said

from incident_copilot.domain.catalog import Catalog, Team
from incident_copilot.pipeline import chosen
from incident_copilot.sandbox.conformance import check_view
from incident_copilot.slack.views.modals.settings import settings


async def opened(copilot, text="settings", who="ben"):
    """The form that a command opens."""
    person = copilot.sandbox.person(who)
    assert (await person.command("/incident", text, channel="#general")).ok
    return (await copilot.sandbox.until(lambda: person.views))[-1]


async def test_setting_is_changed_and_taken_back(sandbox, copilot):
    form = await opened(copilot)
    before = said(form.blocks)
    first = await sandbox.person("ben").submit(form, {"posts_per_hour": "few"})
    await sandbox.person("ben").submit(form, {"posts_per_hour": "5", "severity_names": "P0=Sev 1"})
    done = said(sandbox.person("ben").views[-1].blocks)
    again = await opened(copilot)

    assert "Holds now: 20 (.env, catalog.yaml or default)" in before
    assert first.errors == {"posts_per_hour": "Posts an hour in a channel: write a whole number."}
    assert done == "Names of severities: P0=Sev 1; Posts an hour in a channel: 5"
    assert "Holds now: 5 (set in Slack by <@U0BEN> on " in said(again.blocks)
    assert [one["element"]["initial_value"] for one in again.blocks if one.get("block_id") == "posts_per_hour"] == ["5"]

    await sandbox.person("ben").submit(again, {"posts_per_hour": ""})
    assert "taken back; 20 holds" in said(sandbox.person("ben").views[-1].blocks)


async def test_who_is_no_commander_looks_and_changes_nothing(sandbox, copilot):
    ana = sandbox.person("ana")
    await ana.open_home()
    home = await sandbox.until(lambda: ana.home)
    await ana.click(home, "settings")
    [form] = await sandbox.until(lambda: ana.views)

    refused = await ana.submit(form, {"posts_per_hour": "5"})

    assert "To change settings you need the role commander" in str(refused.errors)
    assert copilot.deps.chosen.rows.get("w", {}) == {}


async def test_form_does_not_open_while_the_database_is_away(sandbox, copilot):
    ana = sandbox.person("ana")
    await ana.open_home()
    home = await sandbox.until(lambda: ana.home)
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE team_settings"))

    assert (await ana.click(home, "settings")).ok
    assert (await ana.command("/incident", "list", channel="#general")).ok

    assert ana.views == []


async def test_team_that_is_not_there_is_said(sandbox, copilot):
    await sandbox.person("ben").command("/incident", "settings sales", channel="#general")

    assert sandbox.person("ben").ephemerals("#general")[-1].text == (
        "There is no team sales in catalog.yaml; there is none."
    )


@pytest.mark.parametrize("team", ["", "payments"])
async def test_form_is_within_the_limits_of_slack(copilot, team):
    deps = replace(copilot.deps, catalog=Catalog(teams=(Team(name="payments"),)))

    form = settings(await chosen.shown(deps, team))

    check_view(form, "modal")
    assert ("For the whole workspace" in said(form["blocks"])) == (not team)
