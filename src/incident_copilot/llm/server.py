"""One server of models: asks again where that helps, leaves out what it does not take, rests it when it fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, NamedTuple

import httpx2
from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI, OpenAIError
from pydantic import ValidationError

from incident_copilot.llm.breaker import Breaker
from incident_copilot.llm.capabilities import Capabilities
from incident_copilot.llm.chat_completions import ChatCompletions
from incident_copilot.llm.reading import read
from incident_copilot.llm.refusals import refused
from incident_copilot.llm.responses import Responses
from incident_copilot.llm.wire import CHARACTERS_A_TOKEN, Backend, JsonObject, Question, Reply, Trouble

MOST_TRIES = 6
MOST_PROSE = 300
"""Characters that a model may write where it was to use tools; one that writes more writes until its limit."""
MOST_ASKED = 5
"""Tools that are asked for at once; one that asks for more asks until its limit."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 4.0
NOT_TAKEN = frozenset({400, 404, 415, 422, 500, 501})
"""What servers answer where they do not know something that they were sent."""


class Said(NamedTuple):
    """A reply, and what the server took to give it."""

    reply: Reply
    can: Capabilities


class Server:
    """Asks one server; remembers by model what it takes."""

    def __init__(
        self,
        client: AsyncOpenAI,
        *,
        by_responses: bool = False,
        has_tools: bool = True,
        effort: str | None = None,
        silence_s: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.breaker = Breaker(clock)
        self.effort = effort
        self._backend: Backend = Responses(effort) if by_responses else ChatCompletions(effort)
        sdk: Any = client.responses if by_responses else client.chat.completions
        self._create = sdk.with_streaming_response.create
        self._silence_s = silence_s
        self._clock = clock
        self._pause = pause
        self._assumed = Capabilities(seed=not by_responses, tools=has_tools, reasoning_effort=effort is not None)
        self._can: dict[str, Capabilities] = {}

    def can(self, model: str) -> Capabilities:
        """Return what the server takes with a model, as far as is known."""
        return self._can.get(model, self._assumed)

    def remember(self, model: str, can: Capabilities) -> None:
        """Remember what the server takes with a model, until the process ends."""
        self._can[model] = can

    async def put(
        self, model: str, question: Callable[[Capabilities], Question], can: Capabilities, until: float
    ) -> Said:
        """Return the server's reply to a question, which is made anew for what it takes; wait no longer than `until`.

        Raises:
            Trouble: there is none.
        """
        tries = 0
        while True:
            try:
                reply = await self._once(question(can), can)
            except Trouble as trouble:
                less = _less(can, trouble)
                if less is None:
                    tries += 1
                    await self._rest(trouble, tries, until)
                else:
                    can = less
            else:
                self.remember(model, can)
                return Said(reply, can)

    async def _rest(self, trouble: Trouble, tries: int, until: float) -> None:
        wait_s = trouble.wait_s or min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S)
        if not trouble.may_retry or tries >= MOST_TRIES or self._clock() + wait_s >= until:
            raise trouble
        await self._pause(wait_s)

    async def _once(self, question: Question, can: Capabilities) -> Reply:
        body = self._backend.body(question, can)

        def is_astray(payloads: list[JsonObject]) -> bool:
            so_far = self._backend.reply(payloads, is_cut=True)
            writes = bool(question.offers) and not so_far.asked and len(so_far.text) > MOST_PROSE
            return writes or len(so_far.asked) > MOST_ASKED

        try:
            async with self._create(**body, timeout=self._silence_s) as response:
                payloads, is_cut = await read(response.iter_bytes(), is_astray)
            reply = self._backend.reply(payloads, is_cut=is_cut)
        except APIStatusError as error:
            raise refused(error) from error
        except APITimeoutError as error:
            raise Trouble(f"no answer in {self._silence_s:g} s") from error
        except APIConnectionError as error:
            raise Trouble("it cannot be reached", may_retry=True) from error
        except (httpx2.HTTPError, OpenAIError) as error:  # while a refusal was read
            raise Trouble("its answer broke off", may_retry=True) from error
        except ValidationError as error:
            raise Trouble(f"its answer is not one of {self._backend.path}") from error
        return reply if reply.input_tokens else _counted(reply, str(body))


def _less(can: Capabilities, trouble: Trouble) -> Capabilities | None:
    """What to try after a refusal; one that names nothing may be of anything, but 404 and 500 mean much else."""
    if trouble.status not in NOT_TAKEN or not trouble.may_ask_less:
        return None
    return can.less(trouble.said) or (None if trouble.status in {404, 500} else can.least())


def _counted(reply: Reply, asked: str) -> Reply:
    """Where the server does not count, or its count did not come, what was sent and came is counted by its length."""
    written = reply.text + "".join(one.arguments for one in reply.asked)
    tokens = len(asked) // CHARACTERS_A_TOKEN, len(written) // CHARACTERS_A_TOKEN
    return replace(reply, input_tokens=tokens[0], output_tokens=tokens[1])
