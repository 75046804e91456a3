"""The loop through the program's own client: tools of the server, answers as JSON, and what leaves."""

import json

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.investigation import Spent
from incident_copilot.pipeline.by_model.phase_specialists import PHASES
from incident_copilot.pipeline.by_model.specialists import SPECIALISTS
from llm.scripted import completion, scripted

from . import ai_system
from .scripted import TYPED, another, judged, material, says, whole

POOL_FIRST = says(
    judged("H1", 0.1, against=["E4"]),
    judged("H2", 0.9, "E4", because="The pool of payments is at 20."),
    another=another("ghost-db", "E4"),
    next_step="rm -rf",
)


def answer(said, kind="SaturationAnswer"):
    return completion(json.dumps({**said, **TYPED[kind]}))


async def test_a_request_for_a_tool_is_done_and_its_result_goes_back():
    async with scripted(completion(calls=[("read_metric", '{"metric": "E4"}')]), answer(POOL_FIRST)) as server:
        held = await whole(server.llm)

    first, second = server.asked
    assert [tool["function"]["name"] for tool in first["tools"]] == [
        *(name for name in SPECIALISTS[1].tools if name != "ask_source"),  # there is no source to ask
        "answer",
    ]
    assert "since: median 20.2 connections" in json.dumps(second["messages"])
    assert (held.result.above, held.result.evidence) == ("H1", ("E4",))
    assert held.struck == [
        "H2 at 0.90: its evidence supports 0.45",
        "there is no service ghost-db",
        "there is no step (words that are not shown)",
    ]
    assert held.opinions[0].judgements[1].because == "The pool of payments is at 20."
    assert held.spent == Spent(steps=2, tokens=28)


@pytest.mark.parametrize(
    "said",
    [
        completion(None, refusal="I cannot help with that."),
        completion("I think it is the pool."),
        completion('{"judged": "all"}'),
        completion(calls=[("drop_table", "{}")]),
        completion("x" * 1_000_000),
    ],
)
async def test_whatever_else_it_says_ends_it_with_nothing_changed(said):
    async with scripted(said) as server:
        held = await whole(server.llm)

    assert held.why.startswith("no usable answer: ")
    assert held.result.order == ("H1", "H2")


async def test_what_the_tools_take_and_the_answers_have_can_be_sent():
    known = material(sources={"Prometheus": frozenset({EvidenceKind.METRIC})}, near=("checkout", "payments"))
    for specialist in SPECIALISTS:
        async with scripted(answer(says(judged("H1", 0.4)), specialist.answer.__name__)) as server:
            held = await whole(server.llm, known, plan=(specialist.name,))
        assert held.why == "everybody was asked"
        assert len(server.asked[0]["tools"]) == len(specialist.tools) + 1


async def test_what_the_five_phases_are_given_can_be_sent_and_has_no_words_of_users():
    known = ai_system.material()
    for specialist in PHASES:
        said = answer(says(judged("H1", 0.4)), specialist.answer.__name__)
        async with scripted(said) as server:
            held = await whole(server.llm, known, hypotheses=ai_system.causes(), plan=(specialist.name,))
        assert held.why == "everybody was asked"
        assert [tool["function"]["name"] for tool in server.asked[0]["tools"]] == [
            *(name for name in specialist.tools if name != "ask_source"),
            "answer",
        ]
        assert ai_system.ORDER not in json.dumps(server.asked)
