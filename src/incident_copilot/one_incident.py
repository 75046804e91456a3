"""How a command names one incident, and what it works with while nothing runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.domain.incident import Incident, number_of
from incident_copilot.errors import ConfigError
from incident_copilot.pipeline.deps import Deps
from incident_copilot.settings import Settings
from incident_copilot.store import incidents, schema


def number_in(label: str) -> int:
    """Return the number in a name such as INC-42.

    Raises:
        ConfigError: it is no such name.
    """
    number = number_of(label)
    if number is None:
        raise ConfigError(f"{label}: write it as INC-42")
    return number


Number = Annotated[int, typer.Argument(metavar="INC-42", parser=number_in, help="The incident, as people say it.")]
"""The incident that a command is about."""


@asynccontextmanager
async def numbered(settings: Settings, number: int) -> AsyncIterator[tuple[Deps, Incident]]:
    """Yield the incident of a number.

    Raises:
        ConfigError: there is none; private ones are not found by number.
    """
    async with any_numbered(settings, number) as (deps, found):
        if found.private:
            raise _is_none(number)
        yield deps, found


@asynccontextmanager
async def any_numbered(settings: Settings, number: int) -> AsyncIterator[tuple[Deps, Incident]]:
    """Yield the incident of a number, a private one too, for operators.

    Raises:
        ConfigError: there is none.
    """
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        async with deps.db.read() as db:
            found = await incidents.by_number(db, deps.workspace_id, number)
        if found is None:
            raise _is_none(number)
        yield deps, found


def _is_none(number: int) -> ConfigError:
    return ConfigError(f"there is no INC-{number}")
