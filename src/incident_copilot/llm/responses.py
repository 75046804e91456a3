"""Responses, OpenAI's newer API. Few others speak it in full: llama.cpp's ignores the form of the answer.

API: https://platform.openai.com/docs/api-reference/responses
"""

from collections.abc import Iterator

from pydantic import BaseModel, JsonValue

from incident_copilot.llm.capabilities import Capabilities
from incident_copilot.llm.chat_completions import TEMPERATURE
from incident_copilot.llm.refusals import broken_off
from incident_copilot.llm.thinking import without_thoughts
from incident_copilot.llm.wire import Asked, JsonObject, Question, Reply, in_words, unfit_before


class Responses:
    """Implements `wire.Backend`; it has no seed. `effort` is how hard a model is to think, None for as it likes."""

    path = "/responses"

    def __init__(self, effort: str | None = None) -> None:
        self._effort = effort

    def body(self, question: Question, can: Capabilities) -> JsonObject:
        """Return the request's body; see `wire.Backend`."""
        body: JsonObject = {
            "model": question.model,
            "instructions": question.instructions,
            "input": list(_items(question)),
            "max_output_tokens": question.most_tokens,
            "store": False,
        }
        if question.schema is not None:
            form = {"type": "json_schema", "name": "answer", "schema": question.schema, "strict": True}
            body["text"] = {"format": form}
        elif question.wants_json:
            body["text"] = {"format": {"type": "json_object"}}
        if question.offers:
            body["tools"] = [
                {
                    "type": "function",
                    "name": one.name,
                    "description": one.description,
                    "parameters": one.schema,
                    "strict": False,
                }
                for one in question.offers
            ]
        extra: JsonObject = {
            "tool_choice": "required" if question.offers and can.tool_choice else None,
            "temperature": TEMPERATURE if can.temperature else None,
            "reasoning": {"effort": self._effort} if can.reasoning_effort else None,
            "stream": True if can.stream else None,
        }
        return body | {name: value for name, value in extra.items() if value is not None}

    def reply(self, payloads: list[JsonObject], *, is_cut: bool) -> Reply:
        """Return what the server said; see `wire.Backend`."""
        events = [_Event.model_validate(one) for one in payloads]
        whole = next((one.response for one in reversed(events) if one.response and one.response.status), None)
        if whole is None and len(payloads) == 1:
            whole = _Response.model_validate(payloads[0])
        if failed := (whole and whole.error) or next((bad for one in events if (bad := one.failure())), None):
            raise broken_off(failed)
        if whole is None or whole.status in {"in_progress", "queued"}:
            return Reply(text="".join(one.delta or "" for one in events if one.type == _TEXT), is_cut=True)
        usage = whole.usage or _Usage()
        parts = [part for item in whole.output for part in item.content or []]
        return Reply(
            text=without_thoughts("".join(part.text or "" for part in parts if part.type == "output_text")),
            refusal="".join(part.refusal or "" for part in parts if part.type == "refusal") or whole.filtered(),
            asked=tuple(Asked(one.name, one.arguments) for one in whole.output if one.type == "function_call"),
            hit_limit=whole.status == "incomplete",
            is_cut=is_cut,
            input_tokens=usage.input_tokens or 0,
            output_tokens=usage.output_tokens or 0,
        )


_TEXT = "response.output_text.delta"


class _Part(BaseModel):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class _Item(BaseModel):
    type: str = ""
    name: str = ""
    arguments: str = ""
    content: list[_Part] | None = None


class _Usage(BaseModel):
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Why(BaseModel):
    reason: str | None = None


class _Response(BaseModel):
    status: str = ""
    output: list[_Item] = []
    usage: _Usage | None = None
    error: JsonValue = None
    incomplete_details: _Why | None = None

    def filtered(self) -> str:
        return "filtered" if self.incomplete_details and self.incomplete_details.reason == "content_filter" else ""


class _Event(BaseModel):
    type: str = ""
    delta: str | None = None
    response: _Response | None = None
    error: JsonValue = None
    code: JsonValue = None
    message: JsonValue = None

    def failure(self) -> JsonValue:
        """OpenAI's event of an error says in fields of its own what went wrong."""
        return {"code": self.code, "message": self.message} if self.type == "error" and self.message else self.error


def _items(question: Question) -> Iterator[JsonObject]:
    yield _message({"role": "user", "content": question.data})
    for number, look in enumerate(question.looks, 1):
        if question.offers:
            call = f"call_{number}"
            yield {"type": "function_call", "call_id": call, "name": look.name, "arguments": look.arguments}
            yield {"type": "function_call_output", "call_id": call, "output": look.result}
        else:
            yield from map(_message, in_words(look))
    yield from map(_message, unfit_before(question))


def _message(one: JsonObject) -> JsonObject:
    """OpenAI's own knows a message without its type; llama.cpp's refuses what the model said before."""
    return {"type": "message", **one}
