"""Runbooks in Slack: the stale ones, and what an incident taught one, shown before it is put before others."""

import slack_samples as given_a
from slack_samples import buttons, said

from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.pipeline.learn_runbook import Change
from incident_copilot.sandbox.conformance import check_blocks
from incident_copilot.slack.listeners.runbooks import LOOKING
from incident_copilot.slack.views.runbook_change import change
from incident_copilot.store import timeline


def test_long_change_is_cut_and_its_button_is_bound_to_what_was_read():
    long = Change("INC-42", "pool.md", "A first runbook for Pool", "", "\n".join(f"line {n} ```" for n in range(99)))

    shown = change(given_a.INCIDENT_ID, long)

    check_blocks(shown.blocks, "message")
    assert buttons(shown.blocks) == {"put_change": "Open a pull request"}
    assert "and 42 more lines in the pull request" in said(shown.blocks)
    assert [one["value"] for block in shown.blocks for one in block.get("elements", []) if "value" in one] == [
        f"{given_a.INCIDENT_ID}:{long.hash}"
    ]


async def test_people_list_stale_runbooks_and_put_what_was_learnt_before_others(copilot, sandbox):
    incident = await copilot.open()
    at = copilot.deps.now()
    note = {
        "id": "f" * 32,
        "incident_id": incident.id,
        "kind": TimelineKind.NOTE,
        "at": at,
        "text": "It left by itself",
    }
    async with copilot.deps.db.transaction() as tx:
        await timeline.add(tx, TimelineEntry.model_validate(note))
    ana = sandbox.person("ana")

    await ana.command("/incident", "runbooks", channel="#general")
    await sandbox.until(lambda: len(ana.ephemerals("#general")) == 2)
    await ana.command("/incident", "learn", channel="#general")
    await sandbox.until(lambda: len(ana.ephemerals("#general")) == 3)
    shown = ana.ephemerals("#general")[-1]
    await ana.click(shown, "put_change")
    await sandbox.until(lambda: len(ana.ephemerals("#general")) == 4)

    told = await copilot.hears("ana")
    # What takes longer is said after the answer, and may overtake it on its way.
    assert sorted(told[:2]) == [LOOKING, "None of 0 runbooks looks stale."]
    assert told[3].startswith("No repository takes changes: name one under postmortem_targets in copilot.yaml")
    assert "noted: It left by itself" in said(shown.blocks)
