"""The trial tells people what a model and its server can do, and which of it does not work."""

from datetime import timedelta

import pytest

from incident_copilot.domain.model_call import Role
from incident_copilot.llm.prices import Price, Prices
from incident_copilot.llm.trial import first_answer, try_out

from .scripted import completion, refused, scripted, short

DEADLINE = timedelta(seconds=5)
RIGHT = completion('{"service": "Checkout "}')
LOOKS = completion(calls=[("errors", '{"service": "checkout"}')])
LONG = completion('{"service": "checkout"}', usage=(6_100, 3))
PRICES = Prices({"small": Price(input=10, output=100)})
TOOK = "in 0.0 s (11 tokens read, 3 written, cost unknown, it has no price)"


async def test_a_model_that_does_everything_is_described_with_its_cost():
    async with scripted(RIGHT, LOOKS, LONG, prices=PRICES) as running:
        running.llm.models[Role.STRONG] = "small"
        [tried] = await try_out(running.llm, DEADLINE)

    took = "in 0.0 s (11 tokens read, 3 written, $0.00041)"
    assert tried.is_usable
    assert [call.prompt for call in tried.calls] == ["trial", "trial tools", "trial"]
    assert tried.lines == (
        f"small: answers {took}",
        "  typed answers: the server keeps to the form",
        f"  tools: of the server, used {took}",
        "  long questions: read whole in 0.0 s (6100 tokens read, 3 written, $0.061)",
        "  seed: taken; temperature: taken; stream: taken",
    )


async def test_each_model_that_is_named_is_asked_the_fast_one_first():
    async with scripted(RIGHT, LOOKS, LONG, RIGHT, LOOKS, LONG) as running:
        tried = await try_out(running.llm, DEADLINE)

    assert [one.lines[0] for one in tried] == [f"small: answers {TOOK}", f"large: answers {TOOK}"]


@pytest.mark.parametrize(("refusals", "kept"), [(1, ", the server keeps to JSON"), (2, "")])
async def test_what_a_server_does_not_take_is_said(refusals, kept):
    script = (
        *[refused(400, "response_format is not supported")] * refusals,
        RIGHT,
        refused(400, "tools are not supported"),
        completion('{"next": {"service": "checkout"}}'),
        LONG,
    )
    async with scripted(*script) as running:
        running.llm.models[Role.STRONG] = "small"
        [tried] = await try_out(running.llm, DEADLINE)

    assert tried.lines[1:3] == (
        f"  typed answers: asked for in words{kept}",
        f"  tools: asked for in words, not used, it answered at once {TOOK}",
    )


async def test_tools_that_do_not_work_leave_a_model_usable():
    async with scripted(RIGHT, refused(401)) as running:
        running.llm.models[Role.STRONG] = "small"
        [tried] = await try_out(running.llm, DEADLINE)

    assert tried.is_usable
    assert tried.lines[2] == "  tools: of the server, no usable answer: it does not accept the key (401)"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            completion('{"service": "search"}', usage=(4_096, 3)),  # as Ollama's, by default
            "it read 4,096 tokens of more than 5,598: its server's context is too short",
        ),
        (refused(400, "exceeds the available context size"), "no usable answer: the question is too long for it (400)"),
    ],
)
async def test_a_context_that_is_too_short_for_incidents_is_found(answer, said):
    async with scripted(RIGHT, LOOKS, answer) as running:
        running.llm.models[Role.STRONG] = "small"
        [tried] = await try_out(running.llm, DEADLINE)

    assert tried.lines[3] == f"  long questions: {said}"


async def test_a_context_that_holds_a_shorter_question_is_too_short_too():
    async with short(14_000, lambda told: '{"service": "checkout"}', has_tools=False) as running:
        running.llm.models[Role.STRONG] = "small"
        [tried] = await try_out(running.llm, DEADLINE)

    assert tried.lines[3] == (
        f"  long questions: refused, its server's context is too short; answered with 4 results cut {TOOK}"
    )


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ((RIGHT, LOOKS, LONG), "taken"),
        ((refused(400, "Unrecognized request argument supplied: reasoning_effort"), RIGHT, LOOKS, LONG), "not taken"),
    ],
)
async def test_how_hard_it_is_to_think_is_told_where_that_is_set(script, said):
    async with scripted(*script, effort="low") as running:
        running.llm.models[Role.STRONG] = "small"
        [tried] = await try_out(running.llm, DEADLINE)

    assert tried.lines[4] == f"  seed: taken; temperature: taken; stream: taken; reasoning effort low: {said}"


async def test_a_model_that_thinks_is_said_to():
    async with scripted(completion("", finish="length"), RIGHT, LOOKS, LONG) as running:
        running.llm.models[Role.STRONG] = "small"
        [tried] = await try_out(running.llm, DEADLINE)

    assert tried.lines[-1] == (
        "  it thinks before it answers: set COPILOT_LLM_ANSWER_TOKENS to 4000 or COPILOT_LLM_REASONING_EFFORT to low"
    )


async def test_a_model_without_an_answer_is_of_no_use():
    async with scripted(refused(401)) as running:
        tried = await try_out(running.llm, DEADLINE)

    assert [(one.is_usable, one.lines) for one in tried] == [
        (False, ("small: no usable answer: it does not accept the key (401)",)),
        (False, ("large: no usable answer: it does not accept the key (401)",)),
    ]


@pytest.mark.parametrize(("named", "more"), [("checkout", ""), ("payments", "; it named the wrong service")])
async def test_a_wrong_answer_is_pointed_out(named, more):
    async with scripted(completion(f'{{"service": "{named}"}}')) as running:
        tried = await first_answer(running.llm, DEADLINE)

    assert tried.lines == (f"small: answers {TOOK}{more}",)
