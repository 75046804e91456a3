"""Servers of each family, by what is documented of them: what they refuse, how they answer, how they fail."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Literal

import httpx2
import pytest
from pydantic import BaseModel, Field

from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.answers import schema_of
from incident_copilot.llm.capabilities import Capabilities
from incident_copilot.ports import ToolRequest

from .scripted import CHANGES, PROMPT, SEARCH, Word, completion, piece, refused, scripted, stream

CALM = completion('{"word": "calm"}')
IN_WORDS = completion('{"next": {"word": "calm"}}')
DRAFT = 'I could say {"word": "draft"}. No.'
OOM = '{"text": "oom"}'
WANTED = ToolRequest(id="1", name="search_logs", arguments={"text": "oom", "minutes": 30})
TOO_LONG = "the question is too long for it"


def error(status, body, **headers):
    return httpx2.Response(status, json=body, headers=headers)


async def ask(running, deadline=timedelta(seconds=9)):
    return await running.llm.ask(PROMPT, outgoing("x", Redactor()), Word, deadline=deadline)


async def step(running, done=()):
    leaving = outgoing("x", Redactor(), ["3 lines"] * len(done))
    return await running.llm.step(PROMPT, leaving, done, (SEARCH, CHANGES), Word, deadline=timedelta(seconds=9))


async def unavailable(running):
    with pytest.raises(ModelUnavailable) as caught:
        await ask(running)
    return str(caught.value)


FINAL = {
    "openai": (
        refused(
            400, "This model's maximum context length is 128000 tokens. However, your messages resulted in 200001."
        ),
        f"{TOO_LONG} (400)",
    ),
    "openai by the minute": (refused(429, "Request too large for gpt-4o on tokens per min (TPM)"), f"{TOO_LONG} (429)"),
    "openai's longest answer": (
        refused(400, "max_tokens is too large: 99999. This model supports at most 16384 completion tokens"),
        "it gives no answers as long as is set (400)",
    ),
    "openai's policy": (
        refused(400, "Your prompt was flagged as potentially violating our usage policy"),
        "it refused (400)",
    ),
    "azure's filter": (
        error(
            400,
            {
                "error": {
                    "message": "The prompt triggered Azure OpenAI's content management policy.",
                    "param": "prompt",
                    "code": "content_filter",
                    "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"jailbreak": {}}},
                }
            },
        ),
        "it refused (400)",
    ),
    "vllm": (
        error(
            400,
            {
                "object": "error",
                "message": "'max_tokens' or 'max_completion_tokens' is too large: 4000. This model's maximum context "
                "length is 4096 tokens and your request has 1000 input tokens",
                "type": "BadRequestError",
                "code": 400,
            },
        ),
        f"{TOO_LONG} (400)",
    ),
    "llama.cpp": (
        error(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "the request exceeds the available context size, try increasing it",
                    "type": "exceed_context_size_error",
                    "n_prompt_tokens": 5000,
                    "n_ctx": 4096,
                }
            },
        ),
        f"{TOO_LONG} (400)",
    ),
    "ollama": (refused(400, "the input length exceeds the context length"), f"{TOO_LONG} (400)"),
    "lm studio": (
        error(400, {"error": "Trying to keep the first 9000 tokens; the model has a context length of only 4096"}),
        f"{TOO_LONG} (400)",
    ),
    "gemini": (
        error(400, [{"error": {"code": 400, "message": "The input token count (9) exceeds the maximum number"}}]),
        f"{TOO_LONG} (400)",
    ),
    "mistral": (
        error(400, {"object": "error", "message": "Prompt contains 40000 tokens, too large for model with 32768"}),
        f"{TOO_LONG} (400)",
    ),
    "anthropic": (refused(400, "prompt is too long: 210000 tokens > 200000 maximum"), f"{TOO_LONG} (400)"),
    "anthropic's account": (
        refused(400, "Your credit balance is too low to access the Anthropic API."),
        "its account has no money left (400)",
    ),
    "tgi": (
        error(422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096."}),
        f"{TOO_LONG} (422)",
    ),
    "litellm": (refused(400, "litellm.ContextWindowExceededError: OpenAIException"), f"{TOO_LONG} (400)"),
    "deepseek": (refused(402, "Insufficient Balance"), "its account has no money left (402)"),
    "openrouter's moderation": (refused(403, "Your input was flagged"), "it refused (403)"),
    "openrouter in an answer": (
        stream({"error": {"code": 402, "message": "Add credits"}, "choices": [{"finish_reason": "error"}]}),
        "its account has no money left (402)",
    ),
    "openrouter in a choice": (
        httpx2.Response(200, json={"choices": [{"error": {"code": 403, "message": "flagged"}}]}),
        "it refused (403)",
    ),
    "gemini's filter": (completion("", finish="content_filter: SAFETY"), "it refused"),
    "a moved address": (
        httpx2.Response(301, headers={"location": "https://llm.test/"}),
        "its address leads elsewhere (301)",
    ),
}


@pytest.mark.parametrize("family", FINAL)
async def test_what_no_other_question_would_change_is_said_and_not_asked_again(family):
    answer, reason = FINAL[family]
    async with scripted(answer) as running:
        assert await unavailable(running) == reason

    assert len(running.requests) == 1
    # What is no fault of the question would be said of others too, so such a server is left alone after some.
    assert (running.server.breaker.failures == 0) is reason.startswith((TOO_LONG, "it refused"))


async def test_what_a_question_is_to_blame_for_closes_no_server_down():
    async with scripted(refused(500, "the request exceeds the available context size")) as running:
        for _ in range(6):
            assert await unavailable(running) == f"{TOO_LONG} (500)"

    assert running.server.breaker.state == "closed"


LEFT_OUT = {
    "openai's o1-mini": (refused(400, "'messages[0].role' does not support 'system' with this model."), "system"),
    "openai's form": (
        refused(400, "Invalid schema for response_format 'answer': In context=(), 'maxLength' is not permitted."),
        "limits",
    ),
    "vllm's form": (
        refused(400, "The provided JSON schema contains features not supported by xgrammar."),
        "limits",
    ),
    "vllm's tools": (refused(400, '"auto" tool choice requires --enable-auto-tool-choice to be set'), "tools"),
    "mistral's template": (
        refused(400, "After the optional system message, conversation roles must alternate user/assistant/user/..."),
        "tools",
    ),
    "gemma's template": (refused(400, "System role not supported"), "system"),
    "ollama": (refused(400, "registry.ollama.ai/library/gemma3:4b does not support tools"), "tools"),
    "llama.cpp without templates": (refused(500, "tools param requires --jinja flag"), "tools"),
    "llama.cpp's grammar": (refused(400, "Failed to initialize samplers: failed to parse grammar"), "limits"),
    "mistral": (
        error(
            422,
            {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs", "input": "tools"}]},
        ),
        "seed",
    ),
    "gemini": (
        error(
            400,
            [{"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "seed": Cannot find'}}],
        ),
        "seed",
    ),
    "deepseek": (refused(400, "This response_format type is unavailable now"), "json_schema"),
    "deepseek thinking": (refused(400, "deepseek-reasoner does not support this tool_choice"), "tool_choice"),
    "tgi": (
        error(422, {"error": "response_format: unknown variant `json_schema`, expected `json_object`"}),
        "json_schema",
    ),
    "openrouter": (refused(404, "No endpoints found that support tool use."), "tools"),
    "openrouter of another's": (
        error(400, {"error": {"message": "Provider returned error", "metadata": {"raw": "seed: not allowed"}}}),
        "seed",
    ),
    "litellm": (refused(400, "litellm.UnsupportedParamsError: x does not support parameters: ['seed']"), "seed"),
    "a gateway's answer": (
        httpx2.Response(200, json={"error": {"code": "400", "message": "temperature: no"}}),
        "temperature",
    ),
}


@pytest.mark.parametrize("family", LEFT_OUT)
async def test_what_a_server_does_not_take_is_left_out_and_nothing_else(family):
    refusal, name = LEFT_OUT[family]
    async with scripted(refusal, IN_WORDS if name == "tools" else CALM) as running:
        assert (await step(running)).answer == Word(word="calm")

    can = asdict(running.server.can("large")) | {"tools": name != "tools"}  # which it did not use in the end
    assert {one: value for one, value in asdict(Capabilities()).items() if can[one] != value} == {name: True}


async def test_a_server_without_forms_is_to_keep_to_json_and_is_told_the_form_in_words():
    async with scripted(refused(400, "This response_format type is unavailable now"), CALM) as running:  # DeepSeek
        assert (await ask(running)).answer == Word(word="calm")
        await ask(running)

    assert [asked["response_format"]["type"] for asked in running.asked] == ["json_schema", *["json_object"] * 2]
    # OpenAI and DeepSeek want the word in the question.
    assert "one JSON object and nothing else" in running.asked[1]["messages"][1]["content"]
    assert '"additionalProperties": false' in running.asked[1]["messages"][1]["content"]


async def test_a_server_that_keeps_to_no_json_either_has_the_words_alone():
    no_json = refused(400, "response_format: json_object is not supported by this model")
    async with scripted(refused(400, "response_format is not supported"), no_json, CALM) as running:
        await ask(running)
        await ask(running)

    said = [asked.get("response_format", {}).get("type") for asked in running.asked]
    assert said == ["json_schema", "json_object", None, None]
    assert '"additionalProperties": false' in running.asked[3]["messages"][1]["content"]


async def test_how_hard_a_model_is_to_think_is_asked_for_where_it_is_set_and_noted():
    async with scripted(CALM, effort="low") as running:
        call = (await ask(running)).call
    async with scripted(CALM) as unset:
        await ask(unset)

    assert (running.asked[0]["reasoning_effort"], call.reasoning_effort) == ("low", "low")
    assert "reasoning_effort" not in unset.asked[0]


NOT_SO_HARD = {
    "openai": refused(400, "Unrecognized request argument supplied: reasoning_effort"),
    "openai's values": refused(400, "Unsupported value: 'reasoning_effort' does not support 'low' with this model."),
    "mistral": error(422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "reasoning_effort"]}]}),
    "gemini": error(400, [{"error": {"message": 'Unknown name "reasoning_effort": Cannot find field.'}}]),
    "ollama": refused(400, '"llama3.1:8b" does not support thinking'),
    "ollama's values": refused(400, 'think value "low" is not supported for this model'),
}


@pytest.mark.parametrize("family", NOT_SO_HARD)
async def test_a_model_that_cannot_be_told_how_hard_to_think_does_it_as_it_likes(family):
    async with scripted(NOT_SO_HARD[family], CALM, effort="low") as running:
        call = (await ask(running)).call

    assert ["reasoning_effort" in asked for asked in running.asked] == [True, False]
    assert (call.reasoning_effort, running.server.can("small")) == (None, Capabilities())


async def test_where_it_is_either_tools_or_effort_tools_are_asked_for_in_words():
    either = "Function tools with reasoning_effort are not supported for gpt-5.6-luna in /v1/chat/completions."
    async with scripted(refused(400, either), IN_WORDS, effort="low") as running:  # Azure
        assert (await step(running)).answer == Word(word="calm")

    assert [("tools" in asked, asked["reasoning_effort"]) for asked in running.asked] == [(True, "low"), (False, "low")]


class Limited(BaseModel):
    pattern: str = Field(pattern="^a$", max_length=9)
    days: list[Annotated[int, Field(ge=1)]] = Field(max_length=3)
    is_it: Literal["yes"] | None


def test_a_form_without_limits_has_types_names_and_lists_of_values():
    assert schema_of(Limited, with_limits=False) == {
        "title": "Limited",
        "type": "object",
        "properties": {
            "pattern": {"title": "Pattern", "type": "string"},
            "days": {"title": "Days", "type": "array", "items": {"type": "integer"}},
            "is_it": {"title": "Is It", "anyOf": [{"type": "string", "enum": ["yes"]}, {"type": "null"}]},
        },
        "required": ["pattern", "days", "is_it"],
        "additionalProperties": False,
    }


async def test_where_limits_are_refused_tools_have_none():
    async with scripted(refused(400, "failed to parse grammar"), CALM) as running:
        await step(running)

    first, then = (asked["tools"][0]["function"]["parameters"]["properties"]["minutes"] for asked in running.asked)
    assert (first.keys() - then.keys(), running.server.can("large").json_schema) == ({"default", "maximum"}, True)


async def test_a_model_without_the_role_of_the_system_is_told_its_rules_before_the_material():
    async with scripted(refused(400, "System role not supported"), CALM) as running:
        await ask(running)

    [message] = running.asked[1]["messages"]
    assert message["role"] == "user"
    assert message["content"].startswith("Say a word.\n")
    assert message["content"].endswith(running.asked[0]["messages"][1]["content"])


ANSWERED = {
    "azure": stream({"choices": [], "prompt_filter_results": []}, piece('{"word": "calm"}', "stop")),
    "deepseek": httpx2.Response(200, text="\n\n\n" + CALM.text),
    "deepseek thinking": stream(piece(None, reasoning_content=DRAFT), piece('{"word": "calm"}', "stop")),
    "ollama thinking": stream(piece("", reasoning=DRAFT), piece('{"word": "calm"}', "stop")),
    "mistral thinking": completion(
        [
            {"type": "thinking", "thinking": [{"type": "text", "text": DRAFT}]},
            {"type": "text", "text": '{"word": "calm"}'},
        ]
    ),
    "think": completion(f'<think>\n{DRAFT}\n</think>\n\n```json\n{{"word": "calm"}}\n```'),
    "think begun by the template": completion(f'{DRAFT}</think>{{"word": "calm"}}'),
    "gpt-oss as it writes": completion(
        f'<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{{"word": "calm"}}'
    ),
    "vllm's usage": stream(piece('{"word": "calm"}', "stop"), {"choices": None, "usage": {"prompt_tokens": 5}}),
}


@pytest.mark.parametrize("family", ANSWERED)
async def test_the_answer_is_what_comes_after_thoughts_and_among_other_things(family):
    async with scripted(ANSWERED[family]) as running:
        assert (await ask(running)).answer == Word(word="calm")

    assert len(running.requests) == 1


async def test_an_answer_in_the_form_may_quote_the_end_of_thoughts():
    async with scripted(completion('{"word": "</think>"}')) as running:
        assert (await ask(running)).answer == Word(word="</think>")


async def test_thoughts_that_were_cut_off_are_no_answer_and_are_not_said_again():
    async with scripted(completion(f"<think>{DRAFT}"), CALM) as running:
        assert (await ask(running)).answer == Word(word="calm")

    assert running.asked[1]["messages"][2]["content"] == "(nothing)"


async def test_thoughts_before_a_tool_are_not_prose_in_place_of_one():
    thoughts = [piece(f"<think>{'So it may be. ' * 50}")] + [piece("And so on. " * 50)] * 20
    call = {"index": 0, "id": "c", "function": {"name": "search_logs", "arguments": OOM}}
    async with scripted(stream(*thoughts, piece("</think>"), piece(None, "tool_calls", tool_calls=[call]))) as running:
        assert (await step(running)).requests == (WANTED,)


THOUGHT_ONLY = completion("", finish="length", usage=(11, 1200))


async def test_a_model_that_thinks_until_its_limit_gets_more_room_from_then_on():
    async with scripted(THOUGHT_ONLY, CALM) as running:
        first = await ask(running)
        await ask(running)

    assert first.answer == Word(word="calm")
    assert first.call.output_tokens == 1203
    assert [asked["max_tokens"] for asked in running.asked] == [1200, 8000, 8000]


async def test_a_model_that_only_thought_has_not_written_instead_of_using_a_tool():
    async with scripted(THOUGHT_ONLY) as running:
        with pytest.raises(ModelUnavailable, match="limit of 8000 tokens"):
            await step(running)

    assert running.server.can("large") == Capabilities(thinks=True)


async def test_mistrals_word_for_the_end_of_its_room_is_one_for_the_limit():
    async with scripted(completion('{"wor', finish="model_length")) as running:
        assert await unavailable(running) == "it wrote until its limit of 1200 tokens"


@pytest.mark.parametrize(("set_to", "said"), [(1200, 8000), (9000, 9000)])
async def test_a_model_that_thinks_until_its_last_limit_is_given_up(set_to, said):
    async with scripted(THOUGHT_ONLY, most_tokens=set_to) as running:
        assert await unavailable(running) == f"it wrote until its limit of {said} tokens"


async def test_a_server_that_leaves_the_form_out_of_its_question_gets_it_in_words():
    async with scripted(completion('{"answer": "calm"}'), CALM) as running:  # as Anthropic's does
        await ask(running)
        await ask(running)

    assert [asked["response_format"]["type"] for asked in running.asked] == ["json_schema", *["json_object"] * 2]


@pytest.mark.parametrize(
    "answer",
    [
        stream(piece('{"wor'), end=False),
        stream(piece('{"wor', "insufficient_system_resource")),  # DeepSeek
        completion("", finish="error"),  # Mistral
        completion(""),  # a model that thinks, now and then
    ],
)
async def test_an_answer_that_broke_off_or_is_none_says_nothing_of_the_form(answer):
    async with scripted(answer, CALM) as running:
        await ask(running)

    assert running.server.can("small").json_schema is True


def calls(*pieces):
    return stream(*(piece(None, tool_calls=[one]) for one in pieces), piece(None, "stop"))


def call(name=None, arguments=None, **more):
    return {"function": {"name": name, "arguments": arguments}, **more}


TWO_CALLS = {
    "gemini without an index": calls(call("search_logs", OOM, id="a"), call("list_changes", "{}", id="b")),
    "gemini with one for all": calls(
        call("search_logs", OOM, id="a", index=0), call("list_changes", "{}", id="b", index=0)
    ),
    "gemini in pieces": calls(
        call("search_logs", '{"text":', id="a"), call(None, ' "oom"}'), call("list_changes", "{}", id="b")
    ),
    "no ids at all": calls(call("search_logs", OOM, id=""), call("list_changes", None)),
    "ollama": stream(
        piece("", tool_calls=[call("search_logs", OOM, id="a", index=0), call("list_changes", "{}", id="b", index=1)])
    ),
    "the name with each piece": calls(
        call("search_logs", '{"text":', id="a", index=0),
        call("search_logs", ' "oom"}', id="a", index=0),
        call("list_changes", "{}", id="b", index=1),
    ),
    "tgi": completion(calls=[("search_logs", {"text": "oom"}), ("list_changes", {})]),
}


@pytest.mark.parametrize("family", TWO_CALLS)
async def test_two_calls_are_two_however_they_are_numbered(family):
    async with scripted(TWO_CALLS[family]) as running:
        said = await step(running)

    assert said.requests == (WANTED, ToolRequest(id="2", name="list_changes", arguments={}))


async def test_a_call_that_is_told_again_has_an_id_that_mistral_takes():
    async with scripted(CALM) as running:
        await step(running, [WANTED])

    told, found = running.asked[0]["messages"][2:]
    assert told["tool_calls"][0]["id"] == found["tool_call_id"] == "call00001"


async def test_azures_first_api_takes_the_key_as_openai_does_and_needs_no_version():
    async with scripted(CALM, base_url="https://acme.openai.azure.com/openai/v1/") as running:
        await ask(running)

    [request] = running.requests
    assert str(request.url) == "https://acme.openai.azure.com/openai/v1/chat/completions"
    assert (request.headers["authorization"], "api-key" in request.headers) == ("Bearer key", False)


async def test_azure_says_in_milliseconds_when_to_ask_again():
    async with scripted(refused(429, **{"retry-after-ms": "1500", "retry-after": "2"}), CALM) as running:
        await ask(running)

    assert running.clock.pauses == [1.5]


async def test_an_error_in_an_answer_that_may_pass_is_asked_again():
    async with scripted(stream(piece('{"wo'), {"error": {"code": 502, "message": "overloaded"}}), CALM) as running:
        assert (await ask(running)).answer == Word(word="calm")


async def test_a_server_that_does_not_count_is_counted_by_length():
    async with scripted(completion('{"word": "calm"}', usage=None)) as running:
        call = (await ask(running)).call

    assert call.input_tokens == len(str(json.loads(running.requests[0].content))) // 4
    assert call.output_tokens == 4


async def test_a_key_does_not_follow_a_redirect():
    moved = httpx2.Response(307, headers={"location": "http://evil.test/v1/chat/completions"})
    async with scripted(moved) as running:
        await unavailable(running)

    assert [one.url.host for one in running.requests] == ["llm.test"]
