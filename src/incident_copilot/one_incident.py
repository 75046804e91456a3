"""What a command about one incident works with: the incident that was typed, while nothing runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from incident_copilot import app
from incident_copilot.domain.incident import Incident, number_of
from incident_copilot.errors import ConfigError
from incident_copilot.model_commands import number_in
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.settings import Settings
from incident_copilot.store import incidents, schema


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


@asynccontextmanager
async def any_named(settings: Settings, label: str) -> AsyncIterator[tuple[Deps, Incident]]:
    """Yield the incident of a name, a private one too, for operators. Raises ConfigError: there is none."""
    number = number_of(label)
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        async with deps.db.read() as db:
            found = await incidents.by_number(db, deps.workspace_id, number) if number else None
        if found is None:
            raise ConfigError(f"there is no incident {label}; name one as in INC-42")
        yield deps, found
