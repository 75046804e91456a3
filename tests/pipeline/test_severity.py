"""Severity changes: logged with the reason, shown where the incident now belongs, reminders moved."""

import pytest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import OpenChannel, SetTopic
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import ProposalKind
from incident_copilot.pipeline import declare, run
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import texts

from .life import Life, big, small

CHANNEL = "C-inc-1-search-high-5xx-ratio-on-checkout"


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def set_to(life, incident, severity, reason=""):
    outcome = await run.set_severity(life.deps, incident.id, await life.person("ben"), severity, reason)
    await life.work()
    return outcome


async def test_raised_incident_gets_a_channel_and_its_thread_leads_there(life):
    incident = await life.opened(small())
    put = await life.put(incident, ProposalKind.CHECK)
    await life.work()

    outcome = await set_to(life, incident, Severity.P1)

    raised = await life.newest()
    lead = [post for post in life.chat.posts if isinstance(post[2], Notice) and "goes on" in post[2].text]
    assert outcome.text == "INC-1 is now P1 high."
    assert (raised.channel_id, raised.thread_ts) == (CHANNEL, None)
    assert lead == [
        (
            "CANNOUNCE",
            "1.000000",
            Notice(text="INC-1 is now P1 high and goes on in a channel of its own, linked above."),
        )
    ]
    assert life.chat.shown["CANNOUNCE", "announcement"].card.incident.channel_id == CHANNEL
    assert {slot for channel, slot in life.chat.shown if channel == CHANNEL} >= {
        "card",
        "brief",
        f"proposal:{put.id}",
    }


async def test_topic_of_the_channel_follows_the_severity(life):
    incident = await life.opened(big())

    await set_to(life, incident, Severity.P0)

    assert [deed.text for deed in life.chat.deeds if isinstance(deed, SetTopic)] == ["INC-1 | P0 critical | checkout"]


async def test_incident_raised_before_its_first_brief_moves_without_one(life):
    ben = await life.person("ben")
    incident = (await run_declared(life, ben, Severity.P2)).incident

    await run.set_severity(life.deps, incident.id, ben, Severity.P0)
    await life.work()

    raised = await life.newest()
    assert raised.channel_id == "C-inc-1-slow"
    assert raised.thread_ts is None


async def run_declared(life, person, severity):
    return await declare.declare(life.deps, person, title="Slow", severity=severity)


async def test_channel_is_opened_once_however_often_the_severity_moves(life):
    incident = await life.opened(big())

    for severity in (Severity.P2, Severity.P1, Severity.P0):
        await set_to(life, incident, severity)

    assert len([deed for deed in life.chat.deeds if isinstance(deed, OpenChannel)]) == 1
    assert (await life.newest()).channel_id == incident.channel_id


async def test_lowered_and_raised_before_the_channel_is_there_still_opens_one_channel(life):
    ben = await life.person("ben")
    incident = (await run_declared(life, ben, Severity.P1)).incident
    await run.set_severity(life.deps, incident.id, ben, Severity.P2)

    await run.set_severity(life.deps, incident.id, ben, Severity.P1)
    await life.work()

    assert len([deed for deed in life.chat.deeds if isinstance(deed, OpenChannel)]) == 1


async def test_lowered_incident_keeps_its_channel_and_its_card_up_to_date(life):
    incident = await life.opened(big())

    await set_to(life, incident, Severity.P3)

    assert life.chat.shown[incident.channel_id, "card"].incident.severity is Severity.P3


async def test_change_is_logged_and_what_a_person_wrote_can_be_erased(life):
    incident = await life.opened(big())

    await set_to(life, incident, Severity.P0, reason=" all users ")

    [row] = await life.log(incident, LogKind.SEVERITY_SET)
    async with life.deps.db.read() as db:
        kept = await texts.text_of(db, row.payload["reason"]["text"])
    assert row.actor == "U0BEN"
    assert {key: row.payload[key] for key in ("from", "to", "because")} == {
        "from": "P1",
        "to": "P0",
        "because": "set by a person",
    }
    assert kept == "all users"


@pytest.mark.parametrize("severity", [Severity.P0, Severity.P3])
async def test_response_time_of_the_new_severity_counts_from_now(life, clock, severity):
    incident = await life.opened(big())
    clock.forward(60)

    await set_to(life, incident, severity)

    assert await life.due(Work.REMIND) == clock() + severity.response_time


async def test_acknowledged_incident_is_not_reminded_of_by_a_new_severity(life):
    incident = await life.opened(big())
    await run.acknowledge(life.deps, incident.id, await life.person("ana"))

    await set_to(life, incident, Severity.P0)

    assert await life.due(Work.REMIND) is None
