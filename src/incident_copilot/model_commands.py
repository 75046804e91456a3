"""Commands that show what a language model is told, can and costs: preview, ledger, grounding, test, cost."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.errors import ConfigError
from incident_copilot.model_trial import try_model as tried_models
from incident_copilot.one_incident import Number
from incident_copilot.pipeline import model_costs, preview
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.preview import Purpose
from incident_copilot.settings import Settings, load_settings
from incident_copilot.settled import endpoint_of
from incident_copilot.store import schema
from incident_copilot.terminal import say


def register(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("preview")(show_preview)
    group.command("ledger")(show_ledger)
    group.command("grounding")(show_grounding)
    group.command("test")(try_model)
    group.command("cost")(show_costs)


def show_preview(
    incident: Number,
    question: Annotated[str | None, typer.Option(help="Show what would go with this question, not the brief.")] = None,
    purpose: Annotated[Purpose, typer.Option("--for", help="What the model is asked for.")] = Purpose.BRIEF,
) -> None:
    """Print what the model would be sent about an incident; sends nothing."""
    _tell(lambda deps: preview.preview(deps, incident, question, purpose))


def show_ledger(incident: Number) -> None:
    """Print what left for the model about an incident."""
    _tell(lambda deps: preview.ledger(deps, incident))


def show_grounding() -> None:
    """Print how many sentences of each model and prompt evidence supported."""
    _tell(preview.grounding)


def try_model() -> None:
    """Ask the model small questions: what it can do, how fast, for how much; exits 1 if it is of no use."""
    lines, is_usable = asyncio.run(_tried(load_settings()))
    typer.echo("\n".join(lines))
    if not is_usable:
        sys.exit(1)


def show_costs(
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back, in days of 24 hours.")] = 1,
) -> None:
    """Print calls, tokens and money by day, purpose and model, and what of a day's budget is spent."""
    _tell(lambda deps: model_costs.costs(deps, days))


async def _tried(settings: Settings) -> tuple[list[str], bool]:
    found = await tried_models(settings)
    if not found:
        raise ConfigError("no model is named; set COPILOT_LLM_MODEL")
    lines = [f"{endpoint_of(settings)}:", *(line for one in found for line in one.lines)]
    return lines, all(one.is_usable for one in found)


def _tell(ask: Callable[[Deps], Awaitable[list[str]]]) -> None:
    say("\n".join(asyncio.run(_asked(ask))))


async def _asked(ask: Callable[[Deps], Awaitable[list[str]]]) -> list[str]:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        return await ask(deps)
