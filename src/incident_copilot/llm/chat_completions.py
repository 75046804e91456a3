"""Chat Completions, which every OpenAI-compatible server speaks.

API: https://platform.openai.com/docs/api-reference/chat
"""

import json
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, JsonValue

from incident_copilot.llm.capabilities import Capabilities
from incident_copilot.llm.refusals import broken_off
from incident_copilot.llm.thinking import without_thoughts
from incident_copilot.llm.wire import Asked, JsonObject, Question, Reply, in_words, unfit_before

SEED, TEMPERATURE = 7, 0.0
_LIMITED = frozenset({"length", "model_length"})
_INTERRUPTED = frozenset({"error", "insufficient_system_resource"})
"""Why an answer ended; besides OpenAI's words Mistral's, OpenRouter's and DeepSeek's."""


class ChatCompletions:
    """Implements `wire.Backend`; `effort` is how hard a model is to think, None for as it likes."""

    path = "/chat/completions"

    def __init__(self, effort: str | None = None) -> None:
        self._effort = effort

    def body(self, question: Question, can: Capabilities) -> JsonObject:
        """Return the request's body; see `wire.Backend`."""
        limit = "max_tokens" if can.max_tokens else "max_completion_tokens"
        body: JsonObject = {
            "model": question.model,
            "messages": list(_messages(question, can)),
            limit: question.most_tokens,
        }
        if question.schema is not None:
            form = {"name": "answer", "schema": question.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif question.wants_json:
            body["response_format"] = {"type": "json_object"}
        if question.offers:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": one.name, "description": one.description, "parameters": one.schema},
                }
                for one in question.offers
            ]
        extra: JsonObject = {
            "tool_choice": "required" if question.offers and can.tool_choice else None,
            "temperature": TEMPERATURE if can.temperature else None,
            "seed": SEED if can.seed else None,
            "reasoning_effort": self._effort if can.reasoning_effort else None,
            "stream": True if can.stream else None,
            "stream_options": {"include_usage": True} if can.stream and can.usage else None,
        }
        return body | {name: value for name, value in extra.items() if value is not None}

    def reply(self, payloads: list[JsonObject], *, is_cut: bool) -> Reply:
        """Return what the server said; see `wire.Backend`."""
        read = [_Payload.model_validate(one) for one in payloads]
        choices = [one.choices[0] for one in read if one.choices]
        errors = [*(one.error for one in read), *(one.error for one in choices)]
        if failed := next(filter(None, errors), None):
            raise broken_off(failed)
        parts = [said for one in choices if (said := one.message or one.delta)]
        usage = next((one.usage for one in reversed(read) if one.usage), _Usage())
        ends = [one.finish_reason for one in choices if one.finish_reason]
        return Reply(
            text=without_thoughts("".join(map(_text, parts))),
            refusal="".join(one.refusal or "" for one in parts) or _filtered(ends),
            asked=_asked(parts),
            hit_limit=not _LIMITED.isdisjoint(ends),
            is_cut=is_cut or _INTERRUPTED.issuperset(ends),
            input_tokens=usage.prompt_tokens or 0,
            output_tokens=usage.completion_tokens or 0,
        )


def _as_text(arguments: object) -> str:
    """Some servers give an object, not its text."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""


class _Function(BaseModel):
    name: str | None = None
    arguments: Annotated[str, BeforeValidator(_as_text)] = ""


class _ToolCall(BaseModel):
    id: str | None = None
    index: int | None = None
    function: _Function = Field(default_factory=_Function)


class _Part(BaseModel):
    type: str = ""
    text: str | None = None


class _Said(BaseModel):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None
    error: JsonValue = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Payload(BaseModel):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: JsonValue = None


def _messages(question: Question, can: Capabilities) -> Iterator[JsonObject]:
    if can.system:
        yield {"role": "system", "content": question.instructions}
    yield {"role": "user", "content": question.data if can.system else f"{question.instructions}\n{question.data}"}
    for number, look in enumerate(question.looks, 1):
        if question.offers:
            function = {"name": look.name, "arguments": look.arguments}
            # Ids of our own: Mistral takes nine letters and digits only.
            call = {"id": f"call{number:05}", "type": "function", "function": function}
            yield {"role": "assistant", "content": None, "tool_calls": [call]}
            yield {"role": "tool", "tool_call_id": call["id"], "content": look.result}
        else:
            yield from in_words(look)
    yield from unfit_before(question)


def _text(said: _Said) -> str:
    """Mistral's models that think answer in parts, of which thoughts are one."""
    if isinstance(said.content, list):
        return "".join(one.text or "" for one in said.content if one.type == "text")
    return said.content or ""


def _filtered(ends: list[str]) -> str:
    return "filtered" if any(one.startswith("content_filter") for one in ends) else ""


def _asked(parts: list[_Said]) -> tuple[Asked, ...]:
    """In a stream, the pieces of a call come one by one."""
    calls: list[_ToolCall] = []
    for call in (call for part in parts for call in part.tool_calls or []):
        held = next((one for one in reversed(calls) if call.index in {None, one.index}), None)
        if held is None or _begins(call, held):
            calls.append(call)
        else:
            held.id = held.id or call.id
            held.function.name = held.function.name or call.function.name
            held.function.arguments += call.function.arguments
    return tuple(Asked(one.function.name or "", one.function.arguments) for one in calls)


def _begins(call: _ToolCall, held: _ToolCall) -> bool:
    """Whether it is another call: Gemini and older Ollamas number each of several 0, or none."""
    if call.id and held.id:
        return call.id != held.id
    return call.index is None and call.function.name is not None
