"""`ports.LLM` on any server that speaks OpenAI's API: typed answers and requests for tools, within a deadline."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.outgoing import Outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.answers import Formless, Unfit
from incident_copilot.llm.capabilities import Capabilities
from incident_copilot.llm.chat_completions import SEED, TEMPERATURE
from incident_copilot.llm.prices import Prices
from incident_copilot.llm.server import Said, Server
from incident_copilot.llm.task import Task
from incident_copilot.llm.wire import Trouble
from incident_copilot.ports import Answer, Answered, Tool, ToolRequest, Wanted

MOST_TOKENS = 1_200
"""Of an answer: a specialist judges up to seven causes, with a sentence each."""
THINKING_TOKENS = 8_000
"""Of an answer of a model that thinks in them before it begins one."""
MOST_SHORTENED = 2
"""Times that a question is asked with half as much in it."""
LEAST_ROOM = 1_000
"""Characters of material; with fewer nobody is helped, however short a context is."""
MOST_COUNTED = 10_000_000
"""Tokens of one question; no model reads as many."""
MOST_OF_AN_OUTCOME = 60
"""Characters, which is what the table holds."""


@dataclass
class _Taken:
    """What a turn has taken so far."""

    began: float
    can: Capabilities
    input_tokens: int = 0
    output_tokens: int = 0

    def add(self, said: Said) -> None:
        self.can = said.can
        self.input_tokens += _believable(said.reply.input_tokens)
        self.output_tokens += _believable(said.reply.output_tokens)


def _believable(tokens: int) -> int:
    """What a server counts is spent of a budget and stored: it gives nothing back, and fits into a column."""
    return min(max(tokens, 0), MOST_COUNTED)


class OpenAILLM:
    """Implements `ports.LLM`; the SDK's own retries are off, so that a deadline is a deadline."""

    def __init__(
        self,
        server: Server,
        model: str,
        strong: str | None = None,
        *,
        prices: Prices | None = None,
        most_tokens: int = MOST_TOKENS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.server = server
        self.models = {Role.FAST: model, Role.STRONG: strong or model}
        self._prices = prices or Prices()
        self._most_tokens = most_tokens
        self._clock = clock
        self._rooms: dict[str, int] = {}

    def room(self, role: Role) -> int | None:
        """Return how many characters a question may have; see `ports.LLM`. It is known until the process ends."""
        return self._rooms.get(self.models[role])

    async def ask(
        self,
        prompt: Prompt,
        leaving: Outgoing,
        answer_type: type[Answer],
        *,
        deadline: timedelta,
        role: Role = Role.FAST,
    ) -> Answered[Answer]:
        """Return an answer of `answer_type` and what it took; see `ports.LLM`."""
        said = await self.step(prompt, leaving, (), (), answer_type, deadline=deadline, role=role)
        return cast("Answered[Answer]", said)  # there are no tools to want

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
        """Return an answer or requests, and what it took; see `ports.LLM`."""
        task = Task(prompt, leaving, done, tools, answer_type)
        taken = _Taken(self._clock(), self.server.can(self.models[role]))
        try:
            understood = await self._guarded(task, taken, role, deadline.total_seconds())
        except Trouble as trouble:
            call = self._call(task, taken, role, trouble.reason)
            raise ModelUnavailable(trouble.reason, call, is_servers=trouble.is_servers) from trouble
        call = self._call(task, taken, role, "answered")
        if isinstance(understood, tuple):
            return Wanted(requests=understood, call=call)
        return Answered(answer=understood, call=call, left_out=task.leaving.left_out)

    async def _guarded(
        self, task: Task[Answer], taken: _Taken, role: Role, seconds: float
    ) -> Answer | tuple[ToolRequest, ...]:
        breaker = self.server.breaker
        if not breaker.lets_through():
            raise Trouble(f"left alone after {breaker.failures} failures in a row")
        try:
            async with asyncio.timeout(seconds):
                understood = await self._fitted(task, taken, self.models[role], self._clock() + seconds)
        except TimeoutError as error:
            breaker.note(is_well=False)
            raise Trouble(f"no answer in {seconds:g} s") from error
        except Trouble as trouble:
            breaker.note(is_well=not trouble.is_servers)
            raise
        breaker.note(is_well=True)
        return understood

    async def _fitted(
        self, task: Task[Answer], taken: _Taken, model: str, until: float, shorter: int = MOST_SHORTENED
    ) -> Answer | tuple[ToolRequest, ...]:
        """With less material where the question is too long for the model, and remember how much that is."""
        try:
            return await self._understood(task, taken, model, until)
        except Trouble as trouble:
            if not trouble.is_too_long:
                raise
            room = max(task.leaving.characters // 2, LEAST_ROOM)
            self._rooms[model] = min(room, self._rooms.get(model, room))
            if not shorter or not task.shorten(room):
                raise
        return await self._fitted(task, taken, model, until, shorter - 1)

    async def _understood(
        self, task: Task[Answer], taken: _Taken, model: str, until: float
    ) -> Answer | tuple[ToolRequest, ...]:
        """One turn of repair: whoever does not say what is wanted then will not."""
        try:
            return await self._said(task, taken, model, until)
        except Unfit:
            pass
        try:
            return await self._said(task, taken, model, until)
        except Unfit as unfit:
            raise Trouble(unfit.reason, is_servers=False) from unfit

    async def _said(
        self, task: Task[Answer], taken: _Taken, model: str, until: float
    ) -> Answer | tuple[ToolRequest, ...]:
        said = await self.server.put(model, lambda can: task.question(model, self._room(can), can), taken.can, until)
        taken.add(said)
        reply = said.reply
        if reply.refusal:
            raise Trouble("it refused", is_servers=False)
        wrote_instead = task.wrote_instead(reply, said.can)
        if wrote_instead and said.can.tool_choice:
            taken.can = said.can.without_tools()
            self.server.remember(model, taken.can)
        try:
            return task.understood(reply, said.can)
        except Unfit as unfit:
            if reply.hit_limit:
                self._give_room(taken, said, model)
            elif wrote_instead:
                taken.can = said.can.without_tools()
            else:
                task.was_unfit(reply, "it broke off" if reply.is_cut else str(unfit))
                is_formless = isinstance(unfit, Formless) and bool(reply.text) and not reply.is_cut
                taken.can = said.can.in_words() if is_formless and task.was_told_no_form(said.can) else said.can
            raise

    def _room(self, can: Capabilities) -> int:
        return max(self._most_tokens, THINKING_TOKENS) if can.thinks else self._most_tokens

    def _give_room(self, taken: _Taken, said: Said, model: str) -> None:
        """Remember that a model thinks, if its limit was used up before it said anything."""
        room = self._room(said.can)
        taken.can = said.can.with_thoughts()
        if said.reply.text or said.reply.asked or self._room(taken.can) == room:
            raise Trouble(f"it wrote until its limit of {room} tokens", is_servers=False)
        self.server.remember(model, taken.can)

    def _call(self, task: Task[Answer], taken: _Taken, role: Role, outcome: str) -> ModelCall:
        model = self.models[role]
        return ModelCall(
            model=model,
            outcome=outcome[:MOST_OF_AN_OUTCOME],
            latency_ms=int((self._clock() - taken.began) * 1000),
            input_tokens=taken.input_tokens,
            output_tokens=taken.output_tokens,
            role=role,
            prompt=task.prompt.purpose,
            prompt_version=task.prompt.version,
            prompt_digest=task.prompt.digest,
            cost_usd=self._prices.cost(model, taken.input_tokens, taken.output_tokens),
            temperature=TEMPERATURE if taken.can.temperature else None,
            seed=SEED if taken.can.seed else None,
            sent_characters=task.leaving.characters,
            lacked=task.leaving.lacks,
            reasoning_effort=self.server.effort if taken.can.reasoning_effort else None,
        )
