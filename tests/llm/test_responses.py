"""The same over Responses."""

from datetime import timedelta

import httpx2
import pytest

from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.ports import ToolRequest

from .scripted import PROMPT, SEARCH, Word, completion, refused, scripted, stream

SECOND = timedelta(seconds=1)
DONE = ToolRequest(id="1", name="search_logs", arguments={"text": "oom"})
SEEN = outgoing("x", Redactor(), ["3 lines"])
USAGE = {"input_tokens": 11, "output_tokens": 3}


def said(*items, status="completed", **more):
    return {"status": status, "output": list(items), "usage": USAGE, **more}


def words(text, kind="output_text"):
    name = "text" if kind == "output_text" else "refusal"
    return {"type": "message", "role": "assistant", "content": [{"type": kind, name: text}]}


def whole(*items, **more):
    return httpx2.Response(200, json=said(*items, **more))


def delta(text):
    return {"type": "response.output_text.delta", "delta": text}


CALM = whole({"type": "reasoning", "summary": []}, words('{"word": "calm"}'))
STREAMED = stream(
    {"type": "response.created", "response": {"status": "in_progress", "usage": None}},
    delta('{"word": '),
    {"type": "response.completed", "response": said(words('{"word": "calm"}'))},
    end=False,
)
CUT = stream(delta('{"word": '), delta('"calm"}'), end=False)


async def ask(running):
    return await running.llm.ask(PROMPT, outgoing("x", Redactor()), Word, deadline=SECOND)


@pytest.mark.parametrize(("answer", "tokens"), [(CALM, 11), (STREAMED, 11), (CUT, 216)])
async def test_an_answer_whole_in_events_or_broken_off(answer, tokens):
    async with scripted(answer, by_responses=True) as running:
        answered = await ask(running)

    asked = running.asked[0]
    assert answered.answer == Word(word="calm")
    assert (answered.call.input_tokens, answered.call.temperature, answered.call.seed) == (tokens, 0.0, None)
    assert (asked["text"]["format"]["name"], asked["store"], asked["stream"]) == ("answer", False, True)
    assert running.requests[0].url.path == "/v1/responses"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (whole(words("No.", "refusal")), "it refused"),
        (whole(words('{"word'), status="incomplete"), "it wrote until its limit of 1200 tokens"),
        (whole(status="failed", error={"message": "x"}), "it failed while it answered"),
        (stream({"type": "error", "error": {"message": "x"}}), "it failed while it answered"),
        (stream({"type": "error", "code": "server_error", "message": "x"}), "it failed while it answered"),
        (whole(status="incomplete", incomplete_details={"reason": "content_filter"}), "it refused"),
        (
            whole(status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            "it wrote until its limit of 8000 tokens",
        ),
        (httpx2.Response(200, json={"output": "x"}), "its answer is not one of /responses"),
        (completion('{"word": "calm"}'), "its answer holds no JSON"),
    ],
)
async def test_an_unusable_answer_is_one_error_that_says_why(answer, reason):
    async with scripted(answer, by_responses=True) as running:
        with pytest.raises(ModelUnavailable) as caught:
            await ask(running)

    assert str(caught.value) == reason


async def test_tools_are_asked_for_and_what_they_found_is_sent():
    call = {"type": "function_call", "call_id": "c", "name": "search_logs", "arguments": '{"text": "oom"}'}
    wrong = call | {"arguments": "{}"}
    async with scripted(whole(wrong), whole(call), by_responses=True) as running:
        wanted = await running.llm.step(PROMPT, SEEN, [DONE], [SEARCH], Word, deadline=SECOND)

    asked = running.asked[1]
    assert wanted.requests[0].arguments == {"text": "oom", "minutes": 30}
    assert [one["name"] for one in asked["tools"]] == ["search_logs", "answer"]
    assert [one.get("role") or one["type"] for one in asked["input"]] == [
        "user",
        "function_call",
        "function_call_output",
        "assistant",
        "user",
    ]
    # llama.cpp refuses what the model said before where it has no type: "Cannot determine type of 'item'" (400).
    assert all("type" in one for one in asked["input"])


async def test_without_tools_what_they_found_is_told_and_what_is_refused_is_left_out():
    refusals = [refused(400, message) for message in ("temperature", "stream", "text.format", "text.format")]
    async with scripted(*refusals, CALM, by_responses=True) as running:
        await running.llm.step(PROMPT, SEEN, [DONE], [], Word, deadline=SECOND)

    assert sorted(running.asked[4]) == ["input", "instructions", "max_output_tokens", "model", "store"]
    assert running.asked[4]["input"][1] == {
        "type": "message",
        "role": "assistant",
        "content": 'search_logs {"text": "oom"}',
    }


async def test_tools_without_being_made_to_use_them():
    async with scripted(refused(400, "tool_choice"), CALM, by_responses=True) as running:
        await running.llm.step(PROMPT, outgoing("x", Redactor()), [], [SEARCH], Word, deadline=SECOND)

    assert "tool_choice" not in running.asked[1]


async def test_how_hard_a_model_is_to_think_has_another_place_here():
    refusal = httpx2.Response(400, json={"error": {"message": "Unsupported parameter: 'reasoning.effort'"}})
    async with scripted(refusal, CALM, by_responses=True, effort="minimal") as running:
        answered = await ask(running)

    assert [asked.get("reasoning") for asked in running.asked] == [{"effort": "minimal"}, None]
    assert answered.call.reasoning_effort is None


async def test_json_of_no_certain_form_has_another_place_too():
    refusal = httpx2.Response(400, json={"error": {"message": "text.format: json_schema is not supported"}})
    async with scripted(refusal, CALM, by_responses=True) as running:
        await ask(running)

    assert [asked["text"]["format"]["type"] for asked in running.asked] == ["json_schema", "json_object"]
    assert "one JSON object and nothing else" in running.asked[1]["input"][0]["content"]
