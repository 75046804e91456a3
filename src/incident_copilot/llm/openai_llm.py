"""Any server that speaks OpenAI's Chat Completions: one question, one typed answer, within a deadline.

API: https://platform.openai.com/docs/api-reference/chat
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

from openai import AsyncOpenAI, OpenAIError
from pydantic import ValidationError

from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.prompt import Prompt
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.fencing import fence, outgoing, restored
from incident_copilot.ports import Answer, Answered, Exchange, Tool, Wanted

MOST_TOKENS = 600


class OpenAILLM:
    """Implements `ports.LLM`; the SDK's own retries are off, so that a deadline is a deadline."""

    def __init__(self, client: AsyncOpenAI, model: str, *, hide_addresses: bool = True) -> None:
        self._client = client
        self._model = model
        self._hide_addresses = hide_addresses

    async def ask(
        self,
        prompt: Prompt,
        untrusted: str,
        answer_type: type[Answer],
        *,
        deadline: timedelta,
        role: Role = Role.FAST,  # noqa: ARG002 -- there is one model yet
    ) -> Answered[Answer]:
        """Return an answer of `answer_type` and what it took; see `ports.LLM`."""
        began = time.monotonic()
        redactor = Redactor(addresses=self._hide_addresses)
        fenced = fence(outgoing(untrusted, redactor).text)
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                completion = await self._client.chat.completions.parse(
                    model=self._model,
                    messages=[
                        {"role": "system", "content": f"{fenced.rules}\n{prompt.instructions}"},
                        {"role": "user", "content": fenced.content},
                    ],
                    response_format=answer_type,
                    temperature=0,
                    max_tokens=MOST_TOKENS,
                )
        except TimeoutError as error:
            raise self._unavailable(f"no answer in {deadline.total_seconds():g} s", began) from error
        except (OpenAIError, ValidationError) as error:
            raise self._unavailable(type(error).__name__, began) from error
        answer = completion.choices[0].message.parsed if completion.choices else None
        if answer is None:
            raise self._unavailable("it refused", began)
        usage = completion.usage
        call = ModelCall(
            model=self._model,
            outcome="answered",
            latency_ms=_since(began),
            input_tokens=usage.prompt_tokens if usage else 0,
            output_tokens=usage.completion_tokens if usage else 0,
        )
        return Answered(answer=restored(answer, redactor), call=call)

    async def step(
        self,
        prompt: Prompt,
        untrusted: str,
        exchanges: Sequence[Exchange],  # noqa: ARG002 -- no tools yet
        tools: Sequence[Tool],  # noqa: ARG002 -- no tools yet
        answer_type: type[Answer],
        *,
        deadline: timedelta,
        role: Role = Role.STRONG,
    ) -> Answered[Answer] | Wanted:
        """Return an answer; tools are not offered yet. See `ports.LLM`."""
        return await self.ask(prompt, untrusted, answer_type, deadline=deadline, role=role)

    def _unavailable(self, reason: str, began: float) -> ModelUnavailable:
        return ModelUnavailable(reason, ModelCall(model=self._model, outcome=reason, latency_ms=_since(began)))


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
