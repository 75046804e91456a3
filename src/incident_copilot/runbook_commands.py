"""Commands about runbooks: which are stale, and what an incident taught one."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from incident_copilot import app, one_incident
from incident_copilot.errors import ConfigError, DecisionRefused
from incident_copilot.one_incident import Number
from incident_copilot.pipeline import learn_runbook, stale_runbooks
from incident_copilot.pipeline.learn_runbook import Change
from incident_copilot.settings import Settings, load_settings
from incident_copilot.store import schema
from incident_copilot.terminal import say

commands = typer.Typer(no_args_is_help=True, help="Runbooks: stale, learn.")


@commands.command("stale")
def list_stale(
    days: Annotated[int, typer.Option(min=1, help="How long after its last review one is old.")] = 180,
) -> None:
    """Print the runbooks that somebody should look at, and why."""
    for line in asyncio.run(_stale(load_settings(), timedelta(days=days))):
        say(line)


@commands.command("learn")
def learn(
    incident: Number,
    write: Annotated[bool, typer.Option("--write", help="Write it into COPILOT_RUNBOOKS_DIR; read it first.")] = False,
) -> None:
    """Show what an incident would change in its runbook, or a first draft of one."""
    settings = load_settings()
    change = asyncio.run(_learnt(settings, incident))
    say(change.diff)
    if write:
        path = settings.runbooks_dir / change.path
        _write(path, change.after)
        typer.echo(f"\n{path} is written.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; let this user write there") from error


async def _stale(settings: Settings, after: timedelta) -> list[str]:
    async with app.with_plugins(settings, "context_sources") as (deps, plugins):
        await schema.check_schema(deps.db)
        return await stale_runbooks.lines(deps, tuple(plugins.context_sources.values()), after)


async def _learnt(settings: Settings, number: int) -> Change:
    async with one_incident.numbered(settings, number) as (deps, incident):
        try:
            return await learn_runbook.propose(deps, incident.id)
        except DecisionRefused as refusal:
            raise ConfigError(str(refusal)) from refusal
