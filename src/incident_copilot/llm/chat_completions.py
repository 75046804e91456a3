"""Chat Completions, which every OpenAI-compatible server speaks.

API: https://platform.openai.com/docs/api-reference/chat
"""

from collections.abc import Iterator

from pydantic import BaseModel, JsonValue

from incident_copilot.llm.capabilities import Capabilities
from incident_copilot.llm.wire import Asked, JsonObject, Question, Reply, Trouble, in_words, unfit_before

SEED, TEMPERATURE = 7, 0.0


class ChatCompletions:
    """Implements `wire.Backend`."""

    path = "/chat/completions"

    def body(self, question: Question, can: Capabilities) -> JsonObject:
        """Return the request's body; see `wire.Backend`."""
        limit = "max_tokens" if can.max_tokens else "max_completion_tokens"
        body: JsonObject = {
            "model": question.model,
            "messages": list(_messages(question)),
            limit: question.most_tokens,
        }
        if question.schema is not None:
            form = {"name": "answer", "schema": question.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
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
            "stream": True if can.stream else None,
            "stream_options": {"include_usage": True} if can.stream and can.usage else None,
        }
        return body | {name: value for name, value in extra.items() if value is not None}

    def reply(self, payloads: list[JsonObject], *, is_cut: bool) -> Reply:
        """Return what the server said; see `wire.Backend`."""
        read = [_Payload.model_validate(one) for one in payloads]
        if failed := next((one.error for one in read if one.error), None):
            raise Trouble("it failed while it answered", said=str(failed), may_retry=True)
        choices = [one.choices[0] for one in read if one.choices]
        parts = [said for one in choices if (said := one.message or one.delta)]
        usage = next((one.usage for one in reversed(read) if one.usage), _Usage())
        ends = [one.finish_reason for one in choices if one.finish_reason]
        return Reply(
            text="".join(one.content or "" for one in parts),
            refusal="".join(one.refusal or "" for one in parts) or ("filtered" if "content_filter" in ends else ""),
            asked=_asked(parts),
            hit_limit="length" in ends,
            is_cut=is_cut or not ends,
            input_tokens=usage.prompt_tokens or 0,
            output_tokens=usage.completion_tokens or 0,
        )


class _Function(BaseModel):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(BaseModel):
    index: int | None = None
    function: _Function = _Function()


class _Said(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Payload(BaseModel):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: JsonValue = None


def _messages(question: Question) -> Iterator[JsonObject]:
    yield {"role": "system", "content": question.instructions}
    yield {"role": "user", "content": question.data}
    for number, look in enumerate(question.looks, 1):
        if question.offers:
            # Ids of our own: some servers take short ones only.
            function = {"name": look.name, "arguments": look.arguments}
            call = {"id": f"call_{number}", "type": "function", "function": function}
            yield {"role": "assistant", "content": None, "tool_calls": [call]}
            yield {"role": "tool", "tool_call_id": call["id"], "content": look.result}
        else:
            yield from in_words(look)
    yield from unfit_before(question)


def _asked(parts: list[_Said]) -> tuple[Asked, ...]:
    """In a stream, the pieces of a call come one by one, under its index."""
    found: dict[int, Asked] = {}
    for part in parts:
        for place, call in enumerate(part.tool_calls or []):
            index = place if call.index is None else call.index
            name, arguments = found.get(index, Asked("", ""))
            found[index] = Asked(name + (call.function.name or ""), arguments + (call.function.arguments or ""))
    return tuple(found.values())
