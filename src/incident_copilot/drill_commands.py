"""incident-copilot drill: what can be drilled, a scenario that a seed makes, and the beginning of a drill."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.domain.drill import Played
from incident_copilot.drill import Worlds
from incident_copilot.errors import ConfigError
from incident_copilot.pipeline import drill, drill_history
from incident_copilot.settings import load_settings
from incident_copilot.store import schema

commands = typer.Typer(no_args_is_help=True, help="Drills: list, history, generate, start.")
Seed = Annotated[int, typer.Option(help="The same seed makes the same drill.")]
Rollback = Annotated[bool, typer.Option("--rollback", help="One that a rollback heals.")]


@commands.command("list")
def show() -> None:
    """Print the scenarios that can be drilled, and how the latest drills went."""
    for line in asyncio.run(_shown()):
        typer.echo(line)


@commands.command("history")
def history(most: Annotated[int, typer.Option(min=1, help="How many drills at most.")] = 10) -> None:
    """Print the drills that are over, newest first: scorecard, and what changed against the one before."""
    for line in asyncio.run(_past(most)):
        typer.echo(line)


@commands.command("generate")
def generate(seed: Seed, rollback: Rollback = False) -> None:
    """Print the scenario that a seed makes, fault by service by red herring, as YAML to read or change."""
    typer.echo(Worlds(app.now).made(seed, rollback=rollback).text)


@commands.command("start")
def start(
    name: Annotated[str | None, typer.Argument(help="A scenario, or a file as `drill generate` prints it.")] = None,
    seed: Annotated[int | None, typer.Option(help="What this seed makes, instead of a name.")] = None,
    rollback: Rollback = False,
) -> None:
    """Begin a drill in the copilot that runs on this database."""
    typer.echo(asyncio.run(_started(_played(name, seed, rollback))))


async def _shown() -> list[str]:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        return await drill.shown(deps)


async def _past(most: int) -> list[str]:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        past = await drill_history.history(deps, most)
    return [line for one in past for line in drill_history.lines(one)] or ["No drill is over yet."]


def _played(name: str | None, seed: int | None, rollback: bool) -> Played:
    worlds = Worlds(app.now)
    if name is None and seed is not None:
        return worlds.made(seed, rollback=rollback)
    if name is None or seed is not None:
        raise ConfigError("name one scenario or file, or say --seed")
    return worlds.read(_text(Path(name))) if Path(name).suffix else worlds.named(name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a file as `drill generate` prints it") from error


async def _started(played: Played) -> str:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        return await drill.start_unattended(deps, played)
