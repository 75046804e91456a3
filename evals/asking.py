"""What evals with a model are told on the command line, and the model that they ask."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, cast

from incident_copilot.domain.model_call import Role
from incident_copilot.errors import ConfigError, ModelUnavailable
from incident_copilot.language_model import language_model
from incident_copilot.llm.listed import require_address
from incident_copilot.model_server import require_model
from incident_copilot.ports import LLM
from incident_copilot.settings import Settings

AWAY = ("it cannot be reached", "left alone after")
"""Why there was no answer, where that says nothing of a model."""
LONGEST_S = 300.0
"""As `COPILOT_LLM_DEADLINE_S` has it."""
NONE_NAMED = "skipped: no model; name one with --base-url and --model, or COPILOT_TEST_LLM_URL and _MODEL"


def run(asked: argparse.Namespace, ask: Callable[[argparse.Namespace], Coroutine[Any, Any, None]]) -> int:
    """Run an eval and return the exit code: with no model named 0, with a wrong one 2, and a line that says why."""
    if not asked.base_url and not asked.model:
        print(NONE_NAMED)
        return 0
    try:
        asyncio.run(ask(asked))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


@contextlib.asynccontextmanager
async def model_of(asked: argparse.Namespace) -> AsyncIterator[LLM]:
    """The model that is asked; one that cannot be is found out before a table is full of that.

    Raises:
        ConfigError: there is no such server or model; the text says what to correct.
    """
    if not asked.base_url:
        raise ConfigError(f"name the address of a server that has {asked.model}: --base-url http://127.0.0.1:8080/v1")
    require_address(asked.base_url)
    settings = Settings(llm_base_url=asked.base_url, llm_model=asked.model, llm_deadline_s=asked.deadline)
    await require_model(settings)
    async with language_model(settings) as llm:
        yield cast("LLM", llm)


class Present:
    """A model that ends the eval when it is away: answers that it did not give say nothing of it."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    def room(self, role: Role) -> int | None:
        """Return how much a question may have; see `ports.LLM`."""
        return self._llm.room(role)

    async def ask(self, *what: Any, **how: Any) -> Any:
        """Return the model's answer; see `ports.LLM`."""
        try:
            return await self._llm.ask(*what, **how)
        except ModelUnavailable as error:
            if any(reason in str(error) for reason in AWAY):
                sys.exit(f"the model is away, {error}; what was asked before is kept")
            raise


def at_least_one(text: str) -> int:
    """Return a number of cases, runs or steps. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: write a whole number, at least 1")
    return int(text)


def seconds(text: str) -> float:
    """Return seconds that somebody waits. Raises ArgumentTypeError."""
    with contextlib.suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text}: write seconds, more than 0")


def deadline(text: str) -> float:
    """Return the seconds in which one answer has to come. Raises ArgumentTypeError."""
    if seconds(text) > LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text}: an answer is waited for {LONGEST_S:g} seconds at the most")
    return seconds(text)
