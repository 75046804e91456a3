"""The language model: questions, tools and answers, whatever server is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, JsonValue

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.outgoing import Outgoing
from incident_copilot.domain.prompt import Prompt

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True)
class Answered(Generic[Answer]):
    """A model's answer and what it took; `left_out` are the labels of the lines that it was not shown."""

    answer: Answer
    call: ModelCall
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tool:
    """What a model may ask for; our code does it, with arguments that `parameters` has checked."""

    name: str
    description: str
    parameters: type[BaseModel]


class ToolRequest(Frozen):
    """A model's wish to use a tool; `arguments` fit the tool's parameters."""

    id: str
    name: str
    arguments: dict[str, JsonValue]


@dataclass(frozen=True)
class Wanted:
    """A model's wish to look at something before it answers."""

    requests: tuple[ToolRequest, ...]
    call: ModelCall


class LLM(Protocol):
    """A language model. It is told what `leaving` has, which is noted in the ledger before, marked as data.

    Where that is too long for it, it is told as much of it as there is room for.
    """

    def room(self, role: Role) -> int | None:
        """Return how many characters of material a question may have; None while none was too long."""
        ...

    async def ask(
        self,
        prompt: Prompt,
        leaving: Outgoing,
        answer_type: type[Answer],
        *,
        deadline: timedelta,
        role: Role = Role.FAST,
    ) -> Answered[Answer]:
        """Return an answer of `answer_type`.

        Raises:
            ModelUnavailable: no usable answer within the deadline.
        """
        ...

    async def step(
        self,
        prompt: Prompt,
        leaving: Outgoing,
        done: Sequence[ToolRequest],
        tools: Sequence[Tool],
        answer_type: type[Answer],
        *,
        deadline: timedelta,
        role: Role = Role.STRONG,
    ) -> Answered[Answer] | Wanted:
        """Return an answer, or which of the tools the model wants used first.

        `leaving` has a result for each request that was `done` so far.

        Raises:
            ModelUnavailable: no usable answer or request within the deadline.
        """
        ...


class OnRecord(Protocol):
    """A language model of which everything is written down: what leaves, each call, how much of it was supported."""

    async def ask(
        self,
        prompt: Prompt,
        untrusted: str,
        answer_type: type[Answer],
        *,
        deadline: timedelta,
        role: Role = Role.FAST,
        spare: Sequence[str] = (),
    ) -> Answered[Answer]:
        """Return an answer of `answer_type`; `untrusted` text reaches the model redacted and marked as data.

        `spare` are the labels of lines that may be left out where it is too long, the least relevant first.

        Raises:
            ModelUnavailable: no usable answer within the deadline.
        """
        ...

    async def was_grounded(self, *, model: str, kept: int, struck: int) -> None:
        """Write how many sentences of the last answer stand, and how many were struck."""
        ...
