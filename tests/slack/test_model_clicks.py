"""The model's investigation in Slack: Stop ends it, Show opens why, and neither shows more than code has checked."""

import slack_samples as given_a

from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.investigation import (
    Investigation,
    InvestigationState,
    Judgement,
    Look,
    Opinion,
    Result,
    Spent,
)
from incident_copilot.slack.listeners.answering import GONE
from incident_copilot.slack.views.modals.reasons import reasons
from incident_copilot.store import investigations


def cause(name, confidence):
    return Hypothesis(cause=name, kind="change", verdict=Verdict.POSSIBLE, confidence=confidence)


def held(incident_id="i" * 32, **fields):
    values = {
        "id": "a" * 32,
        "workspace_id": "w",
        "incident_id": incident_id,
        "began_at": given_a.NOON,
        "plan": ("change", "database"),
        "hypotheses": (cause("payments v2", 0.5), cause("pool is full", 0.4)),
        "labels": {"E4": "e" * 32},
        "steps": {"A1": "Roll back payments"},
        "looks": (
            Look(
                specialist="change", request_id="1", tool="read_metric", arguments={"metric": "E4"}, result="<!channel>"
            ),
        ),
        "opinions": (
            Opinion(
                specialist="change",
                judgements=(
                    Judgement(hypothesis="H2", confidence=0.6, evidence=("E4",), because="The pool is at 20."),
                    Judgement(hypothesis="H1", confidence=0.2, against=("E4",)),
                ),
                struck=("there is no service <!here>",),
                claims=5,
            ),
        ),
        "spent": Spent(steps=3, tokens=4200, usd=0.02, seconds=9),
        "why": "the evidence separates the causes",
        "state": InvestigationState.ENDED,
        "result": Result(
            order=("H2", "H1"), confidence={"H1": 0.2, "H2": 0.6}, above="H1", evidence=("E4",), next_step="A1"
        ),
    }
    return Investigation(**(values | fields))


def said(view):
    return "\n".join(text for block in view["blocks"] for text in texts(block))


def texts(node):
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def test_reasoning_shows_order_reasons_looks_and_what_was_struck():
    shown = said(reasons(held(records={"database": "worked 1 of 6 times: it counts less than what is new"})))

    for words in (
        'The model puts "pool is full" first, above "payments v2": evidence E4.',
        "0.60; for it E4. The pool is at 20.",
        "0.20; against it E4.",
        "change: read metric E4",
        "there is no service",
        "Roll back payments",
        "3 steps, 4,200 tokens, $0.02, 9 s. It ended because the evidence separates the causes.",
    ):
        assert words in shown


def test_what_several_specialists_say_alike_is_said_once():
    opinion = Opinion(
        specialist="change",
        judgements=(Judgement(hypothesis="H1", confidence=0.5, evidence=("E4",)),),
        struck=("a sentence: figure 9 is in no evidence it cites",),
    )
    shown = said(reasons(held(opinions=(opinion, opinion.model_copy(update={"specialist": "database"})))))

    assert "change, database: 0.50; for it E4." in shown.replace("\n", "")
    assert (shown.count("0.50; for it E4."), shown.count("figure 9")) == (1, 1)


def test_reasoning_of_one_that_came_to_nothing_is_short():
    shown = said(reasons(held(result=None, opinions=(), looks=(), why="it refused", spent=Spent())))

    assert shown.startswith("The model did not help: it refused. The computed brief stands.")


async def test_show_opens_the_reasoning(sandbox, copilot):
    async with copilot.deps.db.transaction() as tx:
        await investigations.add(tx, held())
    button = Button(press=Press.REASONING, label="Show", value="a" * 32)
    shown = await copilot.show(Notice(text="The model puts it first.", buttons=(button,)))

    await sandbox.person("ana").click(shown, "reasoning")

    await sandbox.until(lambda: sandbox.person("ana").views)
    assert sandbox.person("ana").views[-1].title == "What the model found"


async def test_what_is_not_known_any_more_is_told_so(sandbox, copilot):
    button = Button(press=Press.REASONING, label="Show", value="0" * 32)
    shown = await copilot.show(Notice(text="x", buttons=(button,)))

    await sandbox.person("ana").click(shown, "reasoning")

    assert await copilot.hears("ana") == [GONE]


async def test_stop_is_answered_after_it_is_recorded(sandbox, copilot):
    opened = await copilot.open()
    running = held(opened.id, state=InvestigationState.RUNNING, result=None)
    async with copilot.deps.db.transaction() as tx:
        await investigations.add(tx, running)
    button = Button(press=Press.STOP_MODEL, label="Stop", value=running.id)
    shown = await copilot.show(Notice(text="The model tests the causes.", buttons=(button,)))

    ack = await sandbox.person("ana").click(shown, "stop_model")

    assert ack.ok
    assert await copilot.hears("ana") == ["I stop the model before its next step. The computed brief stands."]
    async with copilot.deps.db.read() as view:
        assert (await investigations.get(view, running.id)).stopped_by is not None
