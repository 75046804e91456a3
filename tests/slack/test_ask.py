"""Questions to the copilot: by mention and in its tab, with a model and without, stopped, judged, and refused."""

import asyncio
from datetime import UTC, datetime

import pytest
import slack_samples as given_a
import sqlalchemy as sa
from slack_bolt.request.async_request import AsyncBoltRequest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import ModelUnavailable
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import cut_off
from incident_copilot.pipeline.answer import Answer
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.ports import Answered
from incident_copilot.sandbox import Fault
from incident_copilot.slack.listeners import ask
from incident_copilot.slack.listeners.answering import NOT_RECORDED
from incident_copilot.slack.stream import Stream
from incident_copilot.slack.views import answer as views
from incident_copilot.store import action_log, answers, egress, messages, model_calls

CALL = ModelCall(model="small", outcome="answered", latency_ms=7)
with_model = pytest.mark.parametrize("llm", [True], indirect=True)


class Model:
    """A model that answers as a test wants; without a wish there is none."""

    def __init__(self):
        self.says = None
        self.seen = ""
        self.waits = None

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role):
        self.seen = leaving.text
        if self.waits:
            await self.waits.wait()
        if isinstance(self.says, Exception):
            raise self.says
        by_text = {line.partition(": ")[2]: line.partition(": ")[0] for line in leaving.text.splitlines()}
        said = [{"text": text, "evidence": [by_text.get(cited, "F99")]} for text, cited in self.says]
        return Answered(answer_type.model_validate({"sentences": said}), CALL)


@pytest.fixture
def model():
    return Model()


@pytest.fixture
def llm(request, model):
    """The model where a test wants one."""
    return model if getattr(request, "param", False) else None


@pytest.fixture
async def channel(sandbox, copilot):
    """The channel of a running incident, with the bot in it and the brief shown."""
    made = await sandbox.person("ben").create_channel("inc-1")
    await sandbox.person("ana").join(made.id)
    await sandbox.person("ben").invite(made.id, sandbox.bot_user_id)
    await copilot.open(channel_id=made.id)
    await copilot.find()
    async with copilot.deps.db.transaction() as tx:
        where = {"scope": given_a.INCIDENT_ID, "slot": "brief", "channel": made.id, "ts": "9.9"}
        await messages.record(tx, workspace_id="w", now=datetime.now(UTC), **where)
    return made


@pytest.fixture
def asks(sandbox):
    """Has somebody ask, and returns the reply once it has ended."""

    async def ask_in(channel, text, who="ana", thread_ts=None):
        ts = await sandbox.person(who).say(channel, text, thread_ts=thread_ts)
        top = thread_ts or ts
        before = 0 if thread_ts is None else len(sandbox.messages(channel, top))

        def ended():
            found = sandbox.messages(channel, top)[before:]
            return found if found and not sandbox.workspace.agent.streaming else None

        return (await sandbox.until(ended))[-1]

    return ask_in


async def kept(copilot):
    async with copilot.deps.db.read() as db:
        query = "SELECT person, incident_id, topic, model, outcome, sentences, struck FROM answers ORDER BY id"
        return [tuple(row) for row in await db.execute(sa.text(query))]


async def test_without_a_model_each_command_word_is_answered_with_what_it_rests_on(sandbox, copilot, channel, asks):
    bot = f"<@{sandbox.bot_user_id}>"
    said = {}
    for word in ("status", "cause", "who", "changes", "runbook", "similar", "alerts", "timeline", "what next"):
        reply = await asks(channel.id, f"{bot} {word}")
        assert reply.text == f"**INC-1 HighErrorRate on checkout: {word}**\n"
        said[word] = given_a.said(reply.blocks)

    assert "20 % of requests fail, 5 % is the limit [1]" in said["status"]
    assert "Likely cause: payments v2.31.0 was deployed 30 s before the onset [1]" in said["cause"]
    assert "For it: pool_size 20 -> 4 [1]" in said["cause"]
    assert "Against it: checkout has its own pool [1]" in said["cause"]
    assert "Could not look: Loki: no answer in 3 s [1]" in said["cause"]
    assert "Nobody has taken it, and the catalogue names nobody on call." in said["who"]
    assert "No change is known in the 24 h before it started." in said["changes"]
    assert "No runbook fits INC-1" in said["runbook"]
    assert "Nothing like INC-1 is known." in said["similar"]
    assert "No alert belongs to it." in said["alerts"]
    assert "Nothing has happened yet." in said["timeline"]
    assert "First step: Roll back payments [1]" in said["what next"]
    assert (await kept(copilot))[0][2:] == ("status", None, "from facts", 5, 0)
    links = [one["url"] for one in _elements(reply.blocks) if one["type"] == "link"]
    assert links == ["http://prometheus:9090/graph"]


async def test_without_a_model_a_free_question_is_answered_by_its_word_or_plainly_not(sandbox, copilot, channel, asks):
    bot = f"<@{sandbox.bot_user_id}>"

    by_word = await asks(channel.id, f"{bot} could you tell me who is on call tonight?")
    unknown = await asks(channel.id, f"{bot} please write a poem about ducks")

    assert by_word.text == "**INC-1 HighErrorRate on checkout: who**\n"
    assert "Answered by the word “who”: no language model is connected." in given_a.said(by_word.blocks)
    assert unknown.text == "**INC-1 HighErrorRate on checkout: I do not know what that asks for**\n"
    assert "I cannot answer free questions here: no language model is connected." in given_a.said(unknown.blocks)


@with_model
async def test_model_answers_by_steps_and_only_what_the_facts_say(sandbox, copilot, channel, asks, model):
    cited = "20 % of requests fail, 5 % is the limit"
    model.says = [("20 % of requests fail.", cited), ("It is the fault of 42 ducks.", cited)]
    ana = sandbox.person("ana")

    reply = await asks(channel.id, f"<@{sandbox.bot_user_id}> how bad is this for our customers right now?")

    plan = reply.blocks[0]
    said = given_a.said(reply.blocks)
    assert plan["title"] == "How this is answered"
    assert [(one["title"], one["status"]) for one in plan["tasks"]][1:] == [
        ("Asked the model", "complete"),
        ("1 of 2 sentences are supported by what is known", "complete"),
    ]
    assert "20 % of requests fail. [1]" in said
    assert "ducks" not in said
    assert "As it is stored, without the model:" in said
    assert "INC-1" in said.partition("without the model:")[2]
    assert "1 sentence of the model was struck: figure 42 is in no evidence it cites." in said
    assert "Q: how bad is this for our customers right now?" in model.seen
    assert "pool_size" in model.seen
    [row] = await kept(copilot)
    assert row == ("U0ANA", given_a.INCIDENT_ID, "status", "small", "answered", 2, 1)

    await ana.click(reply, "feedback", f"helpful:{_answer_id(reply)}")
    await sandbox.until(lambda: ana.ephemerals(channel.id))
    await ana.click(reply, "feedback", f"not_helpful:{_answer_id(reply)}")
    await ana.click(reply, "feedback", f"helpful:{'0' * 32}")
    await sandbox.until(lambda: len(ana.ephemerals(channel.id)) == 3)
    assert [one.text for one in ana.ephemerals(channel.id)] == [ask.THANKS, ask.THANKS, ask.GONE]
    async with copilot.deps.db.read() as db:
        assert await answers.judged(db, "w") == (0, 1)
        assert await model_calls.of_incident(db, given_a.INCIDENT_ID) == [CALL]
        assert await egress.rates(db, "w") == [("small", "answer 1", 2, 1)]


@with_model
@pytest.mark.parametrize(
    ("says", "note", "outcome"),
    [
        (ModelUnavailable("no answer in 20 s", CALL), "No model: no answer in 20 s.", "model unavailable"),
        ([], "The model gave no answer: the facts do not answer that. This is what is stored.", "facts do not say"),
        ([("It is 42 %.", "x")], "The model gave no answer: what it said (1 sentences) is not supported.", "struck"),
    ],
)
async def test_where_the_model_says_nothing_that_holds_the_facts_are_told(
    sandbox, copilot, channel, asks, model, says, note, outcome
):
    model.says = says

    reply = await asks(channel.id, f"<@{sandbox.bot_user_id}> tell me something about the broken parts")

    assert reply.text == "**INC-1 HighErrorRate on checkout: status**\n"
    assert note.partition(". This")[0] in given_a.said(reply.blocks)
    [row] = await kept(copilot)
    assert row[4] == outcome


@with_model
async def test_stop_ends_the_answer_and_is_logged(sandbox, copilot, channel, model):
    model.says, model.waits = [], asyncio.Event()
    ana = sandbox.person("ana")
    ts = await ana.say(channel.id, f"<@{sandbox.bot_user_id}> why is everything so slow here today?")
    await sandbox.until(lambda: model.seen)

    await ana.stop(channel.id, ts)

    await sandbox.until(lambda: sandbox.messages(channel.id, ts)[0].text == ask.STOPPED)
    sandbox.expect_refusal("message_not_in_streaming_state", times=0)
    [row] = await kept(copilot)
    assert row[4] == "stopped"
    async with copilot.deps.db.read() as db:
        [logged] = await action_log.entries(db, given_a.INCIDENT_ID)
    assert (logged.actor, logged.kind) == ("U0ANA", LogKind.MODEL_STOPPED)
    await sandbox.until(lambda: sandbox.workspace.agent.sessions[channel.id, ts].status == "active")


@with_model
async def test_stop_that_another_replica_took_ends_the_answer_too(sandbox, copilot, channel, model):
    model.says, model.waits = [], asyncio.Event()
    ts = await sandbox.person("ana").say(channel.id, f"<@{sandbox.bot_user_id}> why is all of this so slow today?")
    await sandbox.until(lambda: model.seen)
    async with copilot.deps.db.transaction() as tx:
        await answers.stop(tx, "w", channel.id, ts)

    model.waits.set()

    await sandbox.until(lambda: sandbox.messages(channel.id, ts)[0].text == ask.STOPPED)


async def test_in_its_own_tab_it_says_which_incident_it_means_or_asks(sandbox, copilot, channel, asks):
    ana = sandbox.person("ana")
    dm = await ana.open_dm()
    [prompts] = await sandbox.until(lambda: list(sandbox.workspace.agent.prompts.values()))
    assert [one["message"] for one in prompts] == ["What is going on with INC-1?", "What can you do?"]

    only = await asks(dm.id, "cause")
    await copilot.open(id="e" * 32, correlation_key="k", channel_id="C0B", service="search", title="Slow [search](x)")
    which = await asks(dm.id, "cause")
    named = await asks(dm.id, "cause of the search trouble")
    by_number = await asks(dm.id, "INC-1 cause")
    again = await asks(dm.id, "who", thread_ts=by_number.thread_ts)
    nothing = await asks(dm.id, "cause of INC-99")
    what = await asks(dm.id, "What can you do?")

    assert only.text.startswith("**INC-1 ")
    assert which.text == "**Which incident do you mean? Say its number with your question.**\n"
    assert "INC-2 Slow [search](x): P1, open" in given_a.said(which.blocks)
    assert named.text == "**INC-2 Slow \\[search\\]\\(x\\): cause**\n"
    assert (by_number.text[:7], again.text[:7]) == ("**INC-1", "**INC-1")
    assert nothing.text == "**There is no INC-99.**\n"
    assert what.text == "**Ask me about an incident.**\n"
    assert "feedback" not in str(nothing.blocks)


async def test_private_incidents_are_told_only_inside(sandbox, copilot, asks):
    ben = sandbox.person("ben")
    secret = await ben.create_channel("inc-1", is_private=True)
    await ben.invite(secret.id, sandbox.bot_user_id)
    await ben.invite("#general", sandbox.bot_user_id)
    await copilot.open(channel_id=secret.id, private=True, commander="U0BEN")
    bot = f"<@{sandbox.bot_user_id}>"

    inside = await asks(secret.id, f"{bot} status", "ben")
    outside = await asks("#general", f"{bot} INC-1 status", "ben")
    alone = await asks((await ben.open_dm()).id, "INC-1 status", "ben")
    stranger = await asks((await sandbox.person("ana").open_dm()).id, "INC-1 status")

    assert [one.text.startswith("**INC-1") for one in (inside, outside, alone, stranger)] == [True, False, True, False]
    assert outside.text == stranger.text == "**There is no INC-1.**\n"


async def test_who_may_not_ask_or_asks_when_nothing_answers_is_told_alone(sandbox, copilot, channel, caplog):
    caplog.set_level("INFO", "incident_copilot")
    ana, gus, ben = (sandbox.person(name) for name in ("ana", "gus", "ben"))
    bot = f"<@{sandbox.bot_user_id}>"
    await ben.invite(channel.id, "gus")
    await gus.say(channel.id, f"{bot} status")
    await sandbox.until(lambda: gus.ephemerals(channel.id))

    sandbox.faults.add("chat.startStream", Fault("refuse", code="not_allowed"))
    sandbox.faults.add("assistant.threads.setStatus", Fault("error"))
    await ana.say(channel.id, f"{bot} cause")
    await sandbox.until(lambda: ana.ephemerals(channel.id))

    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE answers"))
    sandbox.faults.add("chat.postEphemeral", Fault("error"))
    await ana.say(channel.id, f"{bot} cause")
    await sandbox.until(lambda: "an answer was not told" in caplog.text.partition("not_allowed")[2])
    await ana.say(channel.id, f"{bot} cause")
    await sandbox.until(lambda: len(ana.ephemerals(channel.id)) == 2)

    assert gus.ephemerals(channel.id)[0].text.startswith("Guests and people from outside this workspace cannot ask")
    first, second = ana.ephemerals(channel.id)
    assert first.text == "INC-1 HighErrorRate on checkout: cause"
    assert "Likely cause" in given_a.said(first.blocks)
    assert second.text == ask.UNREAD


@with_model
async def test_more_questions_than_can_be_answered_at_once_are_put_off(sandbox, copilot, channel, model):
    model.says, model.waits = [], asyncio.Event()
    ana = sandbox.person("ana")
    for _ in range(ask.AT_ONCE):
        await ana.say(channel.id, f"<@{sandbox.bot_user_id}> why is all of this so very slow today?")
    await sandbox.until(lambda: len(sandbox.workspace.agent.streaming) == ask.AT_ONCE, 30)

    await ana.say(channel.id, f"<@{sandbox.bot_user_id}> why is all of this so very slow today?")

    await sandbox.until(lambda: ana.ephemerals(channel.id))
    assert [one.text for one in ana.ephemerals(channel.id)] == [ask.BUSY]
    model.waits.set()
    await sandbox.until(lambda: not sandbox.workspace.agent.streaming, 30)


@pytest.mark.parametrize(
    ("event", "is_shared", "told"),
    [({}, True, [ask.SHARED]), ({"bot_id": "B0ELSE"}, False, []), ({"user": None}, False, [])],
)
async def test_shared_channels_and_bots_get_no_answer(sandbox, copilot, channel, event, is_shared, told):
    said = {"type": "app_mention", "user": "U0ANA", "text": "status", "channel": channel.id, "ts": "1.1"}
    body = {"type": "event_callback", "event_id": "Ev1", "team_id": sandbox.team_id, "event": said | event}
    body |= {"is_ext_shared_channel": is_shared}

    await copilot.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))

    ana = sandbox.person("ana")
    await sandbox.until(lambda: len(ana.ephemerals(channel.id)) == len(told))
    assert [one.text for one in ana.ephemerals(channel.id)] == told
    assert sandbox.messages(channel.id) == []


async def test_what_is_not_taken_by_slack_or_the_database_is_admitted(sandbox, copilot, channel, client, caplog):
    caplog.set_level("INFO", "incident_copilot")
    ana = sandbox.person("ana")
    sandbox.faults.add("assistant.threads.setSuggestedPrompts", Fault("error"))
    await ana.open_dm()
    await sandbox.until(lambda: "no questions were suggested" in caplog.text)
    reply = await copilot.show(Notice(text="hello"), channel="inc-1")
    reply.blocks = [*reply.blocks, *views.judged(Answer("about", id="f" * 32))]
    reply.blocks[-1]["block_id"] = "judged"
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE answers"))

    await ana.click(reply, "feedback", "helpful:" + "f" * 32)

    await sandbox.until(lambda: ana.ephemerals(channel.id))
    assert ana.ephemerals(channel.id)[0].text == NOT_RECORDED
    stream = Stream(copilot.deps, client, channel.id, "1.1", "U0ANA", sandbox.team_id)
    await stream.cut_off("Stopped.")
    assert not stream.is_lost


def _elements(node):
    if isinstance(node, list):
        return [found for one in node for found in _elements(one)]
    if isinstance(node, dict):
        return [node, *(found for one in node.values() for found in _elements(one))] if "type" in node else []
    return []


def _answer_id(reply):
    [buttons] = [one for one in _elements(reply.blocks) if one["type"] == "feedback_buttons"]
    return buttons["positive_button"]["value"].partition(":")[2]


async def test_an_answer_whose_process_dies_is_ended_with_a_word_by_the_next(sandbox, copilot, client):
    ana = sandbox.person("ana")
    general = sandbox.channel("#general").id
    await ana.invite("#general", sandbox.bot_user_id)
    top = await ana.say(general, "what is wrong?")
    stream = Stream(copilot.deps, client, general, top, "U0ANA", sandbox.team_id)
    await stream.session("processing", "what is wrong?")
    await stream.grow([{"type": "markdown_text", "text": "It is the"}])

    await cut_off.after_restart(copilot.deps)
    await Worker(copilot.deps.db, handlers(copilot.deps), copilot.deps.now).run_due()

    [reply] = [one for one in sandbox.messages(general, top) if one.bot_id]
    assert reply.text == f"It is the\n\n{cut_off.WORD}"
    assert not sandbox.workspace.agent.streaming
    assert sandbox.workspace.agent.sessions[general, top].status == "active"
