"""Trial: asks a model small questions, to see what it and its server can do; nothing of an incident is sent."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.openai_llm import OpenAILLM
from incident_copilot.ports import Tool, Wanted

ASKED = Prompt(purpose="trial", version=1, instructions="Name the service that fails.")
LOOKED = Prompt(
    purpose="trial tools", version=1, instructions="Name the service that failed first. Look at its errors before."
)
FACTS = "checkout fails 20% of its requests; payments and search are well"


class Named(BaseModel):
    """The answer."""

    model_config = ConfigDict(extra="forbid")

    service: str


class _Of(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service: str


ERRORS = Tool(name="errors", description="Errors of one service in the last hour.", parameters=_Of)


class Tried(Frozen):
    """What was found of one model; `lines` are for people, `calls` what the questions took."""

    is_usable: bool
    lines: tuple[str, ...]
    calls: tuple[ModelCall, ...] = ()


async def first_answer(llm: OpenAILLM, deadline: timedelta, role: Role = Role.FAST) -> Tried:
    """Ask one question: whether it is answered, how fast, for how much."""
    model = llm.models[role]
    try:
        said = await llm.ask(ASKED, outgoing(FACTS, Redactor()), Named, deadline=deadline, role=role)
    except ModelUnavailable as error:
        return Tried(is_usable=False, lines=(f"{model}: no usable answer: {error}",), calls=(error.call,))
    right = "" if said.answer.service.strip().lower() == "checkout" else "; it named the wrong service"
    return Tried(is_usable=True, lines=(f"{model}: answers {_took(said.call)}{right}",), calls=(said.call,))


async def try_out(llm: OpenAILLM, deadline: timedelta) -> list[Tried]:
    """Ask every model that is named, with tools too, and say what its server takes."""
    roles = list({llm.models[role]: role for role in reversed(Role)}.values())
    return [await _one(llm, deadline, role) for role in reversed(roles)]


async def _one(llm: OpenAILLM, deadline: timedelta, role: Role) -> Tried:
    first = await first_answer(llm, deadline, role)
    if not first.is_usable:
        return first
    tools, call = await _tools(llm, deadline, role)
    can = llm.server.can(llm.models[role])
    lines = (
        f"  typed answers: {'the server keeps to the form' if can.json_schema else 'asked for in words'}",
        f"  tools: {'of the server' if can.tools else 'asked for in words'}, {tools}",
        f"  seed: {_taken(can.seed)}; temperature: {_taken(can.temperature)}; stream: {_taken(can.stream)}",
    )
    return Tried(is_usable=True, lines=(*first.lines, *lines), calls=(*first.calls, call))


async def _tools(llm: OpenAILLM, deadline: timedelta, role: Role) -> tuple[str, ModelCall]:
    try:
        leaving = outgoing(FACTS, Redactor())
        said = await llm.step(LOOKED, leaving, (), (ERRORS,), Named, deadline=deadline, role=role)
    except ModelUnavailable as error:
        return f"no usable answer: {error}", error.call
    used = "used" if isinstance(said, Wanted) else "not used, it answered at once"
    return f"{used} {_took(said.call)}", said.call


def _took(call: ModelCall) -> str:
    cost = "cost unknown, it has no price" if call.cost_usd is None else f"${call.cost_usd:.2g}"
    tokens = f"{call.input_tokens} tokens read, {call.output_tokens} written"
    return f"in {call.latency_ms / 1000:.1f} s ({tokens}, {cost})"


def _taken(takes: bool) -> str:
    return "taken" if takes else "not taken"
