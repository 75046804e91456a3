"""/incident learned and why: what was learned is shown, explained and forgotten, as people ask."""

from slack_samples import said

from incident_copilot.domain.advice import Came
from incident_copilot.pipeline.forget import NOTHING
from incident_copilot.store import trials


async def typed(copilot, text, who="ana"):
    """What one person is told right away."""
    person = copilot.sandbox.person(who)
    assert (await person.command("/incident", text, channel="#general")).ok
    return person.ephemerals("#general")[-1].text


async def test_people_see_what_was_learned_and_why_and_have_it_forgotten(copilot):
    opened = await copilot.open()
    assert await typed(copilot, "learned") == NOTHING
    async with copilot.deps.db.transaction() as tx:
        for number in range(3):
            await trials.note(
                tx,
                "w",
                ["rule:external provider"],
                proposal_id=str(number),
                incident_id=opened.id,
                came=Came.WORKED,
                at=copilot.deps.now(),
            )
    record = "rule external provider worked 3 of 3 times: it counts more than what is new"
    put = await copilot.propose(title="Wait for them", shown={"step": "Wait.", "record": record})

    assert await typed(copilot, "learned") == "How suggestions turned out, by 1 who made them"
    assert await typed(copilot, "INC-1 why") == f"Proposals:\n1. Wait for them: {record}"
    shown = await copilot.show_proposal(opened, put)
    assert f"Before: {record}" in said(shown.blocks)
    assert await typed(copilot, "learned reset rule:external provider", who="ben") == (
        "Forgotten: rule:external provider (worked 3 of 3 times). It counts as a new one from now on."
    )
