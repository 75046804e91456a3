"""Trial: asks a model small questions, to see what it and its server can do; nothing of an incident is sent."""

from datetime import timedelta
from typing import cast

from pydantic import BaseModel, ConfigDict

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.capabilities import Capabilities
from incident_copilot.llm.openai_llm import OpenAILLM
from incident_copilot.ports import Answered, Tool, ToolRequest, Wanted

ASKED = Prompt(purpose="trial", version=1, instructions="Name the service that fails.")
LOOKED = Prompt(
    purpose="trial tools", version=1, instructions="Name the service that failed first. Look at its errors before."
)
FACTS = "checkout fails 20% of its requests; payments and search are well"
FILLING = "some page came back late last week " * 400
_THINKS = "  it thinks before it answers: set COPILOT_LLM_ANSWER_TOKENS to 4000 or COPILOT_LLM_REASONING_EFFORT to low"
LOOKS = tuple(ToolRequest(id=str(n), name="errors", arguments={"service": "search"}) for n in range(4))


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
    return Tried(is_usable=True, lines=(f"{model}: answers {_how(said)}",), calls=(said.call,))


async def try_out(llm: OpenAILLM, deadline: timedelta) -> list[Tried]:
    """Ask every model that is named, with tools too, and say what its server takes."""
    roles = list({llm.models[role]: role for role in reversed(Role)}.values())
    return [await _one(llm, deadline, role) for role in reversed(roles)]


async def _one(llm: OpenAILLM, deadline: timedelta, role: Role) -> Tried:
    first = await first_answer(llm, deadline, role)
    if not first.is_usable:
        return first
    tools, with_tools = await _tools(llm, deadline, role)
    long, with_much = await _long(llm, deadline, role)
    can = llm.server.can(llm.models[role])
    effort = f"; reasoning effort {llm.server.effort}: {_taken(can.reasoning_effort)}" if llm.server.effort else ""
    lines = (
        f"  typed answers: {_form(can)}",
        f"  tools: {'of the server' if can.tools else 'asked for in words'}, {tools}",
        f"  long questions: {long}",
        f"  seed: {_taken(can.seed)}; temperature: {_taken(can.temperature)}; stream: {_taken(can.stream)}{effort}",
        *([_THINKS] if can.thinks else []),
    )
    return Tried(is_usable=True, lines=(*first.lines, *lines), calls=(*first.calls, with_tools, with_much))


def _form(can: Capabilities) -> str:
    if can.json_schema:
        return f"the server keeps to the form{'' if can.limits else ', without limits of its parts'}"
    return f"asked for in words{', the server keeps to JSON' if can.json_object else ''}"


async def _tools(llm: OpenAILLM, deadline: timedelta, role: Role) -> tuple[str, ModelCall]:
    try:
        leaving = outgoing(FACTS, Redactor())
        said = await llm.step(LOOKED, leaving, (), (ERRORS,), Named, deadline=deadline, role=role)
    except ModelUnavailable as error:
        return f"no usable answer: {error}", error.call
    used = "used" if isinstance(said, Wanted) else "not used, it answered at once"
    return f"{used} {_took(said.call)}", said.call


async def _long(llm: OpenAILLM, deadline: timedelta, role: Role) -> tuple[str, ModelCall]:
    """Some servers leave out what their context has no room for, and say nothing of it but how much they read."""
    leaving = outgoing(f"{FACTS}\n{FILLING}", Redactor(), [FILLING] * len(LOOKS))
    words = len(" ".join([leaving.text, *leaving.results]).split())  # each of them is a token at least
    try:
        said = await llm.step(ASKED, leaving, LOOKS, (), Named, deadline=deadline, role=role)
    except ModelUnavailable as error:
        return f"no usable answer: {error}", error.call
    read, lacked = said.call.input_tokens, said.call.lacked
    if lacked:
        return f"refused, its server's context is too short; answered with {lacked} {_took(said.call)}", said.call
    if read < words:
        return f"it read {read:,} tokens of more than {words:,}: its server's context is too short", said.call
    return f"read whole {_how(cast('Answered[Named]', said))}", said.call  # there are no tools to want


def _how(said: Answered[Named]) -> str:
    right = "" if said.answer.service.strip().lower() == "checkout" else "; it named the wrong service"
    return f"{_took(said.call)}{right}"


def _took(call: ModelCall) -> str:
    cost = "cost unknown, it has no price" if call.cost_usd is None else f"${call.cost_usd:.2g}"
    tokens = f"{call.input_tokens} tokens read, {call.output_tokens} written"
    return f"in {call.latency_ms / 1000:.1f} s ({tokens}, {cost})"


def _taken(takes: bool) -> str:
    return "taken" if takes else "not taken"
