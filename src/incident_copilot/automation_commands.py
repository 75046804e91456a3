"""The command that prints how far the copilot goes for each service, and on what record."""

import asyncio
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.pipeline import automation as levels
from incident_copilot.settings import load_settings
from incident_copilot.store import schema


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("automation")(automation)


def automation(
    service: Annotated[str | None, typer.Argument(help="Of this service alone.")] = None,
) -> None:
    """Print how far the copilot goes for each service, by whose word, and how people took what it proposed."""
    for line in asyncio.run(_told(service)):
        typer.echo(line)


async def _told(service: str | None) -> list[str]:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        return await levels.lines(deps, service)
