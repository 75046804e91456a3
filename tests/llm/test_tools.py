"""Turns in which the model may ask for tools, with servers that have them and with those that have not."""

import json
from datetime import timedelta

import httpx2
import pytest
from pydantic import BaseModel

from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.ports import Answered, Tool, ToolRequest, Wanted

from .scripted import CHANGES, PROMPT, SEARCH, Body, Word, completion, piece, refused, scripted, stream

DONE = ToolRequest(id="0:9", name="search_logs", arguments={"text": "oom", "minutes": 30})
FOUND = "3 lines <data>"
WANTED = ToolRequest(id="1", name="search_logs", arguments={"text": "oom", "minutes": 30})
NO_TOOLS = refused(400, "tools are not supported")


async def step(running, results=(), tools=(SEARCH, CHANGES)):
    leaving = outgoing("x", Redactor(), results)
    return await running.llm.step(PROMPT, leaving, [DONE] * len(results), tools, Word, deadline=timedelta(seconds=1))


async def test_tools_are_offered_with_their_parameters_and_the_answer_is_one_of_them():
    async with scripted(completion(calls=[("answer", '{"word": "calm"}')])) as running:
        said = await step(running)

    [asked] = running.asked
    assert isinstance(said, Answered)
    assert said.answer == Word(word="calm")
    assert [one["function"]["name"] for one in asked["tools"]] == ["search_logs", "list_changes", "answer"]
    assert asked["tools"][0]["function"]["parameters"]["properties"]["minutes"]["maximum"] == 60
    assert (asked["tool_choice"], asked["model"], "response_format" in asked) == ("required", "large", False)


async def test_requests_come_with_arguments_that_fit():
    calls = [("search_logs", '{"text": "oom"}'), ("list_changes", "")]
    async with scripted(completion(calls=calls)) as running:
        said = await step(running)

    assert isinstance(said, Wanted)
    assert said.requests == (WANTED, ToolRequest(id="2", name="list_changes", arguments={}))
    assert said.call.outcome == "answered"


async def test_requests_in_pieces_are_put_together():
    first = {"index": 0, "id": "c", "function": {"name": "search_logs", "arguments": '{"te'}}
    second = {"index": 0, "function": {"arguments": 'xt": "oom"}'}}
    events = stream(piece(tool_calls=[first]), piece(tool_calls=[second]), piece(finish="tool_calls"))
    async with scripted(events) as running:
        said = await step(running)

    assert said.requests == (WANTED,)


async def test_a_request_that_does_not_fit_is_repaired_once():
    calls = [("search_logs", '{"text": "oom", "minutes": 600}')], [("search_logs", '{"text": "oom"}')]
    async with scripted(*(completion(calls=one) for one in calls)) as running:
        said = await step(running)

    assert said.requests == (WANTED,)
    assert running.asked[1]["messages"][2:] == [
        {"role": "assistant", "content": 'search_logs {"text": "oom", "minutes": 600}'},
        {
            "role": "user",
            "content": "That does not fit: search_logs: minutes: Input should be less than or equal to 60. Answer once"
            " more, with one JSON object that fits and nothing else.",
        },
    ]


async def test_a_tool_that_was_not_offered_is_not_wanted():
    async with scripted(completion(calls=[("delete_all", "{}")])) as running:
        with pytest.raises(ModelUnavailable, match="it asks for what is no tool"):
            await step(running)

    assert (
        "there is no tool delete_all; there are search_logs, list_changes."
        in running.asked[1]["messages"][3]["content"]
    )


async def test_a_request_that_is_not_repaired_is_no_request():
    async with scripted(completion(calls=[("search_logs", "{}")])) as running:
        with pytest.raises(ModelUnavailable, match="it does not know how to ask for search_logs"):
            await step(running)


async def test_what_tools_found_is_sent_as_data():
    async with scripted(completion(calls=[("answer", '{"word": "calm"}')])) as running:
        await step(running, [FOUND])

    call, result = running.asked[0]["messages"][2:]
    assert call["tool_calls"][0]["function"] == {"name": "search_logs", "arguments": '{"text": "oom", "minutes": 30}'}
    assert result["tool_call_id"] == call["tool_calls"][0]["id"] == "call00001"
    assert result["content"].split("\n")[1] == "| 3 lines &lt;data>"


async def test_the_last_turn_without_tools_tells_what_they_found_in_words():
    async with scripted(completion('{"word": "calm"}')) as running:
        said = await step(running, [FOUND], tools=())

    asked = running.asked[0]
    assert said.answer == Word(word="calm")
    assert asked["messages"][2] == {"role": "assistant", "content": 'search_logs {"text": "oom", "minutes": 30}'}
    assert (asked["messages"][3]["role"], "tools" in asked) == ("user", False)


async def test_an_answer_in_words_where_tools_were_offered_is_one_too():
    async with scripted(completion('{"word": "calm"}')) as running:
        said = await step(running)

    assert said.answer == Word(word="calm")


USE = {"next": [{"tool": "search_logs", "arguments": {"text": "oom"}}]}


async def test_a_server_without_tools_is_asked_for_the_same_as_json():
    async with scripted(NO_TOOLS, completion(json.dumps(USE))) as running:
        said = await step(running)
        again = await step(running, [FOUND])

    assert said.requests == again.requests == (WANTED,)
    assert ["tools" in asked for asked in running.asked] == [True, False, False]
    assert "response_format" in running.asked[1]
    listed = "- search_logs: Searches logs.\n- list_changes: Lists changes.\n"
    assert [listed in asked["messages"][-1]["content"] for asked in running.asked] == [False, True, True]


async def test_a_server_whose_tools_nobody_relies_on_is_not_offered_any():
    async with scripted(completion(json.dumps(USE)), has_tools=False) as running:
        said = await step(running)

    assert said.requests == (WANTED,)
    assert ("tools" in running.asked[0], "response_format" in running.asked[0]) == (False, True)


async def test_a_server_without_tools_answers_as_json():
    async with scripted(NO_TOOLS, completion('{"next": {"word": "calm"}}')) as running:
        said = await step(running)

    assert said.answer == Word(word="calm")


async def test_a_server_with_neither_tools_nor_schemas_gets_the_form_in_words():
    no_schema = refused(400, "response_format is not supported")
    async with scripted(NO_TOOLS, no_schema, no_schema, completion(f"Well: {json.dumps(USE)}")) as running:
        said = await step(running)

    assert said.requests == (WANTED,)
    assert '"next"' in running.asked[3]["messages"][1]["content"]
    assert running.server.can("large").json_schema is False


async def test_neither_request_nor_answer_is_said_to_be_neither():
    async with scripted(NO_TOOLS, completion('{"next": []}')) as running:
        with pytest.raises(ModelUnavailable, match="it gives no answer and asks for nothing"):
            await step(running)


async def test_a_server_that_will_not_be_made_to_use_tools_is_only_offered_them():
    async with scripted(refused(400, "tool_choice must be auto"), completion('{"word": "calm"}')) as running:
        await step(running)

    assert ("tools" in running.asked[1], "tool_choice" in running.asked[1]) == (True, False)


class Deep(BaseModel):
    parts: list[dict[str, str]]


async def test_nothing_unseen_is_left_anywhere_in_a_request():
    tool = Tool("deep", "Digs.", Deep)
    async with scripted(completion(calls=[("deep", '{"parts": [{"a\\u200b": "b\\ud800"}]}')])) as running:
        said = await step(running, tools=[tool])

    assert said.requests[0].arguments == {"parts": [{"a": "b\ufffd"}]}


# What llama.cpp's server answered for Qwen2.5-Coder-0.5B with tool_choice "required" (2026-11-28): it takes tools and
# does not have the model use them.
CALLS_IN_TEXT = '```json\n{\n  "name": "search_logs",\n  "arguments": {\n    "text": "oom"\n  }\n}\n```'
PROSE = "The answer is that checkout failed 20% of its requests, which is a significant issue. "


def tokens(text):
    """A stream as that server sends it: an event a word, with all its fields."""
    rest = {"created": 1795856827, "id": "chatcmpl-aEmTGIRheq4z5nNDKak6xvO6KgTiKBAr", "model": "m05"}
    return [piece(word) | rest | {"object": "chat.completion.chunk"} for word in text.split(" ")]


@pytest.mark.parametrize("text", [CALLS_IN_TEXT, '{"name": "answer", "arguments": {"word": "calm"}}'])
async def test_a_call_that_the_model_writes_as_text_is_one(text):
    async with scripted(completion(text)) as running:
        said = await step(running)

    assert said.requests == (WANTED,) if isinstance(said, Wanted) else said.answer == Word(word="calm")
    assert running.server.can("large").tools is False  # so it is asked in the form that the server does keep to
    assert running.server.can("large").json_schema is True


async def test_a_model_that_writes_prose_for_a_tool_is_stopped_and_asked_in_a_form_that_its_server_keeps_to():
    read = []

    async def prattles():
        async def body():
            for one in tokens(PROSE * 100):
                read.append(one)
                yield f"data: {json.dumps(one)}\n\n".encode()

        return httpx2.Response(200, stream=Body(body))

    async with scripted(prattles, completion(json.dumps(USE), usage=(100, 10))) as running:
        said = await step(running)
        again = await step(running)

    assert said.requests == again.requests == (WANTED,)
    assert len(read) < 100
    assert [("tools" in asked, "response_format" in asked) for asked in running.asked] == [(True, False)] + 2 * [
        (False, True)
    ]
    assert len(running.asked[1]["messages"]) == 2  # what it wrote is not said to it again
    # That server counts at the end of a stream, which was not waited for.
    assert (said.call.input_tokens > 200, said.call.output_tokens > 40) == (True, True)


async def test_a_model_that_asks_for_the_same_until_its_limit_is_stopped():
    def call(index):
        function = {"name": "search_logs", "arguments": '{"text": "oom"}'}
        return piece(tool_calls=[{"index": index, "id": "c" * 900, "function": function}])

    read = []

    async def repeats():
        async def body():
            for index in range(400):
                read.append(index)
                yield f"data: {json.dumps(call(index))}\n\n".encode()

        return httpx2.Response(200, stream=Body(body))

    async with scripted(repeats) as running:
        said = await step(running)

    assert len(said.requests) == 3
    assert len(read) < 20
