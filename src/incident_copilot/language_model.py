"""The language model, where one is named; its library is loaded only then."""

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from incident_copilot.llm.prices import load_prices
from incident_copilot.settings import Settings
from incident_copilot.settled import shown

if TYPE_CHECKING:
    from incident_copilot.llm.openai_llm import OpenAILLM


@contextlib.asynccontextmanager
async def language_model(settings: Settings) -> AsyncIterator["OpenAILLM | None"]:
    """The model, where one is named.

    Raises:
        ConfigError: the file of prices is wrong.
    """
    if settings.llm_model is None:
        yield None
        return
    from incident_copilot.llm import endpoint  # noqa: PLC0415 -- its library is a third of the start, and few have a model
    from incident_copilot.llm.openai_llm import OpenAILLM  # noqa: PLC0415 -- the same
    from incident_copilot.llm.server import Server  # noqa: PLC0415 -- the same

    url, api, tools = settings.llm_base_url, settings.llm_api, settings.llm_tools
    async with endpoint.client_of(url, shown(settings.llm_api_key), settings.llm_api_version) as client:
        yield OpenAILLM(
            Server(
                client,
                by_responses=endpoint.speaks_responses(url) if api == "auto" else api == "responses",
                has_tools=endpoint.has_tools(url) if tools == "auto" else tools == "server",
                effort=settings.llm_reasoning_effort,
                silence_s=settings.llm_deadline_s,
            ),
            settings.llm_model,
            settings.llm_strong_model,
            prices=load_prices(settings.llm_prices_file),
            most_tokens=settings.llm_answer_tokens,
        )
