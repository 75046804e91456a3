"""What a command about one incident works with: the incident that was typed, while nothing runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from incident_copilot import app
from incident_copilot.domain.incident import Incident
from incident_copilot.errors import ConfigError
from incident_copilot.model_commands import number_in
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.settings import Settings
from incident_copilot.store import schema


@asynccontextmanager
async def named(settings: Settings, label: str) -> AsyncIterator[tuple[Deps, Incident]]:
    """Yield the incident of a name such as INC-42.

    Raises:
        ConfigError: it is no such name, or there is none; private ones are not found by number.
    """
    number = number_in(label)
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        found = await read.by_number(deps, number)
        if found is None:
            raise ConfigError(f"there is no INC-{number}")
        yield deps, found
