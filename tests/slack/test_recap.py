"""Catching up: on joining an incident's channel, since somebody looked, before it started, and for managers."""

from datetime import UTC, datetime, timedelta

import pytest
import slack_samples as given_a

from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.pipeline import ledger
from incident_copilot.ports import Answered
from incident_copilot.sandbox import Fault
from incident_copilot.store import egress, evidence, model_calls, proposals, timeline

CALL = ModelCall(model="small", outcome="answered", latency_ms=7)


async def observed(copilot, text, ts, kind=TimelineKind.MESSAGE, author="U0DEV"):
    """Note what somebody wrote or pinned in the channel."""
    at = datetime.now(UTC)
    channel = copilot.sandbox.channel("#inc-1").id
    entry = TimelineEntry(
        id=new_id(at),
        incident_id=given_a.INCIDENT_ID,
        at=at,
        kind=kind,
        text=text,
        author=author,
        ref=f"{channel}:{ts}",
    )
    async with copilot.deps.db.transaction() as tx:
        await timeline.add(tx, entry)


async def decided(copilot, kind, **payload):
    """Write a row of the log, by Ben."""
    async with copilot.deps.db.transaction() as tx:
        await ledger.write(tx, copilot.deps, given_a.INCIDENT_ID, kind, "U0BEN", payload)


@pytest.fixture
async def channel(sandbox, copilot):
    """The channel of a running incident, with the bot in it; nobody has opened it by the copilot this minute."""
    made = await sandbox.person("ben").create_channel("inc-1", is_private=False)
    await sandbox.person("ben").invite(made.id, sandbox.bot_user_id)
    opened_at = datetime.now(UTC) - timedelta(minutes=9)
    await copilot.open(channel_id=made.id, opened_at=opened_at, started_at=opened_at)
    return made


async def told(copilot, channel, who):
    """What one person alone is told, waiting for one more message than there were."""
    person = copilot.sandbox.person(who)
    await copilot.sandbox.until(lambda: person.ephemerals(channel.id))
    return person.ephemerals(channel.id)[-1]


async def typed(copilot, text, channel, who="ana"):
    await copilot.sandbox.person(who).command("/incident", text, channel=channel)
    return copilot.sandbox.person(who).ephemerals(channel)[-1]


async def test_who_joins_is_told_alone_and_later_only_what_is_new(sandbox, copilot, channel):
    await copilot.find()
    await copilot.propose()
    await decided(copilot, LogKind.ACKNOWLEDGED)
    await observed(copilot, "the pool is <@U0BEN> exhausted", "1.1")
    ana = sandbox.person("ana")

    await ana.join(channel.id)

    joined = await told(copilot, channel, "ana")
    said = given_a.said(joined.blocks)
    assert joined.text.startswith("INC-1 HighErrorRate on checkout: What has happened so far.")
    assert "Likely cause: payments v2.31.0 was deployed 30 s before the onset" in said
    assert "Waits for your decision: Roll back payments to v2.30.4" in said
    assert "<@U0BEN> acknowledged INC-1." in said
    assert "<@U0DEV>: the pool is <@U0BEN> exhausted" in said
    assert f"{sandbox.workspace.base_url}" not in said

    nothing = await typed(copilot, "catchup", channel.id)
    assert given_a.said(nothing.blocks).endswith("Nothing has happened since.")

    await decided(copilot, LogKind.DENIED, because="no")
    for number in range(12):
        await observed(copilot, f"line {number} {'x' * 200}", f"2.{number}")
    await observed(copilot, "line 3 pinned", "2.3", TimelineKind.PINNED)
    await observed(copilot, "a system line", "3.1", author=None)
    new = await typed(copilot, "catchup", channel.id)
    said = given_a.said(new.blocks)
    assert "What is new since " in said
    assert "Decided and done" not in said
    assert said.index("line 3 pinned") < said.index("a system line") < said.index("line 11 x") < said.index("line 10 x")
    assert said.endswith("7 of 13 messages used")


class Says:
    """A model that says one sentence, and then nothing that the messages hold."""

    def __init__(self):
        self.sentences = []

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role):
        text = self.sentences.pop(0) if self.sentences else "It is 42%."
        cites = [line.partition(": ")[0] for line in leaving.text.splitlines()]
        return Answered(answer_type.model_validate({"sentences": [{"text": text, "evidence": cites}]}), CALL)


@pytest.fixture
def llm():
    """The model of these tests."""
    return Says()


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (["Dev wrote lines."], "Dev wrote lines. [1] [2] [3]"),
        ([], "The model said nothing that the messages support."),
    ],
)
async def test_many_messages_are_told_in_short_after_the_answer(copilot, channel, llm, sentences, said):
    for number in range(20):
        await observed(copilot, f"line {number} {'x' * 200}", f"2.{number}")
    llm.sentences = sentences
    ben = copilot.sandbox.person("ben")

    await ben.command("/incident", "catchup", channel=channel.id)

    await copilot.sandbox.until(lambda: len(ben.ephemerals(channel.id)) == 2)
    told_at_once, later = ben.ephemerals(channel.id)
    assert given_a.said(told_at_once.blocks).endswith("5 of 20 messages used")
    assert later.text.startswith("INC-1 in short: 20 of 20 messages used")
    assert "INC-1 in short, as its messages say" in given_a.said(later.blocks)
    assert said in given_a.said(later.blocks)
    async with copilot.deps.db.read() as db:
        assert [one.purpose for one in await egress.of_incident(db, given_a.INCIDENT_ID)] == ["digest.part"]
        assert await model_calls.of_incident(db, given_a.INCIDENT_ID) == [CALL]
        assert await egress.rates(db, "w") == [("small", "digest.part 1", 1, int("nothing" in said))]


async def test_only_those_who_may_see_it_and_came_by_themselves_are_told(sandbox, copilot, channel, caplog):
    caplog.set_level("INFO", "incident_copilot")
    ben = sandbox.person("ben")
    outsider, viewer = sandbox.person("gus"), sandbox.person("vic")
    sandbox.faults.add("chat.postEphemeral", Fault("error"))
    await sandbox.person("sam").join(channel.id)
    await sandbox.until(lambda: "somebody who joined was not told" in caplog.text)

    sandbox.faults.add("users.info", Fault("error"))
    await ben.invite(channel.id, "dev")
    await sandbox.until(lambda: "I could not check who you are" in caplog.text)
    await ben.invite(channel.id, "gus")
    await ben.invite(channel.id, "vic")

    await told(copilot, channel, "vic")
    assert [len(one.ephemerals(channel.id)) for one in (outsider, viewer, ben)] == [0, 1, 0]


async def test_what_changed_before_it_started_is_told_with_times(copilot, channel):
    assert (await typed(copilot, "before", channel.id, "ben")).text.startswith(
        "No change is known in the 24 h before INC-1 started"
    )
    started = (await copilot.now_is()).started_at
    changes = [("checkout", 4), ("search", 2), ("checkout", 60 * 30), ("checkout", -1)]
    found = [
        given_a.evidence(
            number,
            EvidenceKind.CHANGE,
            title=f"Deploy {number} of {service}",
            link="https://github.example/pull/1" if number == 0 else None,
            data={
                "service": service,
                "at": (started - timedelta(minutes=minutes)).timestamp(),
                "version": f"v{number}",
                "author": "dev" if number == 0 else "",
            },
        )
        for number, (service, minutes) in enumerate(changes)
    ]
    async with copilot.deps.db.transaction() as tx:
        await evidence.add_all(tx, found)
        await evidence.add_brief(tx, given_a.brief())

    shown = await typed(copilot, "before", channel.id, "ben")

    said = given_a.said(shown.blocks)
    assert shown.text.startswith("2 changes are known in the 24 h before INC-1 started")
    assert "On its services and those around them4 min before () checkout: Deploy 0 of checkout, by dev" in said
    assert "Elsewhere2 min before () search: Deploy 1 of search" in said
    assert said.endswith("Could not look: Loki: no answer in 3 s")


async def test_managers_are_told_impact_expectation_and_people(copilot, channel):
    first = given_a.said((await typed(copilot, "summary managers", channel.id, "ben")).blocks)

    assert "Impact: checkout works with faults. Whether customers notice it is not known. For 9 min so far." in first
    assert (
        "What to expect: Nobody has taken it yet. The cause is not known yet, so nobody can say when it ends." in first
    )
    assert "Customers have been told nothing yet." in first
    assert first.endswith("People: It needs somebody to lead it. 0 people have written in its channel.")

    await copilot.find()
    put = await copilot.propose()
    await observed(copilot, "hello", "1.1")
    await decided(copilot, LogKind.PUBLISHED, audience="customers")
    lead = given_a.said((await typed(copilot, "summary exec", channel.id, "ben")).blocks)

    assert "A likely cause is known. A remedy is proposed and waits for a decision. Customers were told at " in lead
    assert lead.endswith("1 person has written in its channel. Needed: a decision by approvers and commanders.")
    assert "v2.31.0" not in lead
    async with copilot.deps.db.transaction() as tx:
        await proposals.save(tx, put.model_copy(update={"state": ProposalState.EXPIRED}), was=put)
