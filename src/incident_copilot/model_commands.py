"""Commands that show what a language model is told: preview, ledger, grounding."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.errors import ConfigError
from incident_copilot.pipeline import preview
from incident_copilot.pipeline.deps import Deps
from incident_copilot.settings import load_settings
from incident_copilot.store import schema

Label = Annotated[str, typer.Argument(metavar="INC-42", help="The incident, as people say it.")]


def register(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("preview")(show_preview)
    group.command("ledger")(show_ledger)
    group.command("grounding")(show_grounding)


def show_preview(incident: Label) -> None:
    """Print what the model would be sent about an incident; sends nothing."""
    number = _number(incident)
    _tell(lambda deps: preview.preview(deps, number))


def show_ledger(incident: Label) -> None:
    """Print what left for the model about an incident."""
    number = _number(incident)
    _tell(lambda deps: preview.ledger(deps, number))


def show_grounding() -> None:
    """Print how many sentences of each model and prompt evidence supported."""
    _tell(preview.grounding)


def _tell(ask: Callable[[Deps], Awaitable[list[str]]]) -> None:
    typer.echo("\n".join(asyncio.run(_asked(ask))))


async def _asked(ask: Callable[[Deps], Awaitable[list[str]]]) -> list[str]:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        return await ask(deps)


def _number(label: str) -> int:
    digits = label.upper().removeprefix("INC-")
    if not digits.isascii() or not digits.isdigit():
        raise ConfigError(f"{label}: write it as INC-42")
    return int(digits)
