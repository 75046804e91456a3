"""What an end leaves: the log, the card, closed proposals, no timers, the review, and the last word to customers."""

import pytest

from incident_copilot.domain.content import Button, Notice, Press, PublicUpdate, ReviewView
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.pipeline import decide, declare, ending, resolve, run
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import texts

from .life import Life, again, big, over, small

TOLD = "About 20% of requests fail."


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def end(life, incident, how=Ending.RESOLVED, note=""):
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=how, note=note, despite_red=True)
    await life.work()
    return await life.by_number(incident.number)


async def publish(life, incident, text=TOLD, audience="customers"):
    put = await life.put(incident, ProposalKind.UPDATE, rank=0, shown={"audience": audience, "text": text})
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("ben"))
    await life.work()


async def last_drafts(life, incident):
    return [one for one in await life.proposals(incident) if one.key.startswith("update:customers:ended:")]


def told_customers(life):
    return [content.text for _, _, content in life.chat.posts if isinstance(content, PublicUpdate)]


# --- the end itself ---


async def test_end_is_logged_and_shown_with_a_way_back(life, clock):
    incident = await life.opened(big())
    clock.forward(600)

    ended = await end(life, incident, note="Rolled back.")

    [row] = await life.log(incident, LogKind.RESOLVED)
    async with life.deps.db.read() as db:
        note = await texts.text_of(db, row.payload["note"]["text"])
    assert (ended.resolved_at, ended.ended_at) == (clock(), clock())
    assert (row.actor, row.payload["ending"], note) == ("U0ANA", "resolved", "Rolled back.")
    assert life.chat.shown[incident.channel_id, "card"].incident.ending is Ending.RESOLVED
    assert [
        content for _, _, content in life.chat.posts if isinstance(content, Notice) and "resolved by" in content.text
    ] == [
        Notice(
            text="INC-1 resolved by Ana after 10 min.",
            detail="Rolled back.",
            buttons=(Button(press=Press.REOPEN, label="Reopen", value=incident.id),),
            rates=incident.id,
        )
    ]


async def test_end_leaves_nothing_to_decide_and_no_timer(life):
    incident = await life.opened(big())
    put = await life.put(incident)

    await end(life, incident)

    closed = await life.proposal(put.id)
    states = {one.state for one in await life.proposals(incident)}
    assert (closed.state, closed.outcome) == (ProposalState.SUPERSEDED, "INC-1 has ended")
    assert states == {ProposalState.SUPERSEDED}
    assert [await life.due(work) for work in (Work.REMIND, Work.QUIET, Work.GATHER, Work.REVIEW)] == [None] * 4


@pytest.mark.parametrize(
    ("alert", "how", "reviewed", "offered"),
    [
        (big(), Ending.RESOLVED, True, False),
        (big(), Ending.SELF_RECOVERED, True, False),
        (big(), Ending.FALSE_ALARM, False, False),
        (small(), Ending.RESOLVED, False, True),
        (small(), Ending.FALSE_ALARM, False, False),
    ],
    ids=["P1", "P1 by itself", "P1 false alarm", "P2", "P2 false alarm"],
)
async def test_postmortem_is_written_for_big_incidents_and_offered_for_small_ones(life, alert, how, reviewed, offered):
    incident = await life.opened(alert)

    await end(life, incident, how)

    contents = [content for _, _, content in life.chat.posts]
    [notice] = [one for one in contents if isinstance(one, Notice) and " after " in one.text]
    assert bool([one for one in contents if isinstance(one, ReviewView)]) is reviewed
    assert ("postmortem" in [button.press for button in notice.buttons]) is offered


def test_check_is_red_when_something_is_broken_and_not_when_it_is_unknown():
    broken = ending.CheckLine(text="x", ok=False)
    unknown = ending.CheckLine(text="x", ok=None)

    assert ending.RestorationCheck(lines=(unknown, broken)).is_red
    assert not ending.RestorationCheck(lines=(unknown,)).is_red


# --- the last word to customers ---


async def test_customers_who_were_told_of_trouble_are_told_that_it_is_over(life):
    incident = await life.opened(big())
    await publish(life, incident)

    await end(life, incident)
    [draft] = await last_drafts(life, incident)
    await decide.vote(life.deps, draft.id, 1, Choice.APPROVE, await life.person("cara"))
    await life.work()

    assert draft.state is ProposalState.OPEN
    assert "Our service works again." in draft.shown["text"]
    assert told_customers(life) == [TOLD, draft.shown["text"]]


@pytest.mark.parametrize("audience", [None, "internal"])
async def test_customers_who_know_nothing_are_told_nothing(life, audience):
    incident = await life.opened(big())
    if audience:
        await publish(life, incident, audience=audience)

    await end(life, incident)

    assert await last_drafts(life, incident) == []


async def test_false_alarm_has_no_last_word(life):
    incident = await life.opened(big())
    await publish(life, incident)

    await end(life, incident, Ending.FALSE_ALARM)

    assert await last_drafts(life, incident) == []


async def test_last_word_is_taken_back_when_it_is_not_over_after_all(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    await publish(life, incident)
    await end(life, incident)

    await life.take(again(big(), clock))

    [draft] = await last_drafts(life, incident)
    assert (draft.state, draft.outcome) == (ProposalState.SUPERSEDED, "INC-1 is open again")


async def test_customers_are_told_of_an_end_once(life, clock):
    incident = await life.opened(big())
    await publish(life, incident)
    await end(life, incident)
    [draft] = await last_drafts(life, incident)
    await decide.vote(life.deps, draft.id, 1, Choice.APPROVE, await life.person("cara"))
    await life.work()
    await run.reopen(life.deps, incident.id, await life.person("ana"))
    clock.forward(60)

    await end(life, incident)

    assert len(await last_drafts(life, incident)) == 1


async def test_last_word_of_an_incident_that_runs_again_is_not_drafted(life):
    incident = await life.opened(big())
    await publish(life, incident)

    await life.run_job(Work.LAST_UPDATE, incident)

    assert await last_drafts(life, incident) == []


async def test_incident_that_never_had_a_brief_has_no_last_word(life):
    ana = await life.person("ana")
    declared = (await declare.declare(life.deps, ana, title="x", severity=Severity.P2)).incident
    await resolve.resolve(life.deps, declared.id, ana, ending=Ending.RESOLVED, note="", despite_red=False)

    await life.work()

    assert await last_drafts(life, declared) == []
