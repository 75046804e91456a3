"""Requests to an AI system in Slack: who is affected, the list, and a sample that people judge."""

from datetime import UTC, datetime, timedelta

from slack_samples import INCIDENT_ID, brief, brief_view, phases

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.observation import Interaction, Signal, SignalKind
from incident_copilot.store import action_log, interactions

NOBODY = "No request to its system since the onset is stored, so nobody can be counted."


async def shown(copilot):
    """An AI incident with its brief, of a time five minutes ago."""
    began = datetime.now(UTC) - timedelta(minutes=5)
    await copilot.open(service="answers", started_at=began, incident_type="quality_degradation")
    return await copilot.show(brief_view(brief(phases=phases())))


async def opened(sandbox, person, words):
    """The newest view, once it says this."""
    await sandbox.until(lambda: person.views and words in str(person.views[-1].blocks))
    return person.views[-1]


async def store(copilot, count, bad):
    """Keep some requests since then."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    signals = (Signal(kind=SignalKind.LOW_QUALITY, name="groundedness"),)
    told = [
        Interaction(
            system="answers", id=f"r{n}", at=at, user=f"u{n}", request="Q?", response="A.", signals=signals * (n < bad)
        )
        for n in range(count)
    ]
    async with copilot.deps.db.transaction() as tx:
        await interactions.add_all(tx, "w", told)


async def rows(copilot):
    async with copilot.deps.db.read() as db:
        found = await action_log.entries(db, INCIDENT_ID)
    return [(row.kind, row.payload) for row in found if row.kind in (LogKind.AFFECTED_LISTED, LogKind.REQUESTS_JUDGED)]


async def test_people_see_who_is_affected_and_share_the_list(copilot, sandbox):
    message = await shown(copilot)
    ana = sandbox.person("ana")
    await ana.click(message, "affected")
    nothing = await opened(sandbox, ana, NOBODY)
    await store(copilot, 5, 2)
    await ana.click(message, "affected")
    told = await opened(sandbox, ana, "known requests")
    said = str(told.blocks)

    done = await ana.submit(told, {})

    assert NOBODY in str(nothing.blocks)
    assert "pseudonyms" not in str(nothing.blocks)
    assert "2 of 5 known requests to answers since" in said
    assert "The list of 2 requests is in INC-1." in str(done.body)
    assert await rows(copilot) == [(LogKind.AFFECTED_LISTED, {"requests": 2})]


async def test_people_judge_a_sample(copilot, sandbox):
    message = await shown(copilot)
    await store(copilot, 5, 2)
    ana, vic = sandbox.person("ana"), sandbox.person("vic")
    await vic.click(message, "review_requests")
    await ana.click(message, "review_requests")
    form = await opened(sandbox, ana, "groundedness")

    empty = await ana.submit(form, {})
    done = await ana.submit(form, {"request0": "bad", "request1": "fine"})

    assert len(vic.views) == 0
    assert "groundedness" in str(form.blocks)
    errors = {"request0": "Say of one request at least whether it was answered badly."}
    assert empty.body == {"response_action": "errors", "errors": errors}
    assert done.ok
    assert await rows(copilot) == [(LogKind.REQUESTS_JUDGED, {"requests": 2, "bad": 1})]
