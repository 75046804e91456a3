"""Commands that see whether what the copilot works with is there: sources, channels of updates, and doctor."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.doctor import examine, lines
from incident_copilot.errors import ConfigError
from incident_copilot.one_incident import number_in
from incident_copilot.pipeline import consult
from incident_copilot.pipeline.comms import rehearsing
from incident_copilot.settings import Settings, load_settings
from incident_copilot.store import schema
from incident_copilot.terminal import say

context = typer.Typer(no_args_is_help=True, help="Context sources: test, check.")
channel = typer.Typer(no_args_is_help=True, help="Channels of status updates: test.")


def doctor() -> None:
    """See whether files, database, Slack and sources are as the copilot needs them; exits 1 if one is not."""
    findings = asyncio.run(examine(load_settings()))
    for line in lines(findings):
        typer.echo(line)
    if not all(one.is_well for one in findings):
        sys.exit(1)


@context.command("test")
def consult_source(
    name: Annotated[str, typer.Argument(help="A context source of copilot.yaml.")],
    incident: Annotated[
        int | None,
        typer.Option(metavar="INC-42", parser=number_in, help="Without it the newest alert is asked about."),
    ] = None,
) -> None:
    """Ask one context source as the brief would: what it found, what not, how long it took; nothing is stored."""
    for line in asyncio.run(_consulted(load_settings(), name, incident)):
        say(line)


@context.command("check")
def check_sources() -> None:
    """See whether each context source answers and takes its secret; exits 1 if one does not."""
    _tell(asyncio.run(_checked(load_settings())))


@channel.command("test")
def rehearse_channel(name: Annotated[str, typer.Argument(help="A channel of copilot.yaml.")]) -> None:
    """See whether one channel answers, and what it would be sent; nothing is published."""
    for line in asyncio.run(_rehearsed(load_settings(), name)):
        say(line)


@channel.callback()
def _channels() -> None:
    """A callback keeps `test` a word of its own while it is the only one."""


def _tell(found: Sequence[tuple[str, str | None]]) -> None:
    for name, problem in found:
        say(f"{name}: {problem or 'answers'}")
    if any(problem for _, problem in found):
        sys.exit(1)
    if not found:
        typer.echo("copilot.yaml has no context sources.")


async def _consulted(settings: Settings, name: str, number: int | None) -> list[str]:
    async with app.with_plugins(settings, "context_sources") as (deps, plugins):
        known = plugins.context_sources
        if name not in known:
            names = ", ".join(known) or "none"
            raise ConfigError(f"there is no context source {name} in {settings.config_file}; it has: {names}")
        await schema.check_schema(deps.db)
        return await consult.consult(deps, known[name], await consult.question_for(deps, number))


async def _checked(settings: Settings) -> list[tuple[str, str | None]]:
    async with app.with_plugins(settings, "context_sources") as (_, plugins):
        return await consult.check(plugins.context_sources)


async def _rehearsed(settings: Settings, name: str) -> list[str]:
    async with app.with_plugins(settings, "comms_channels") as (deps, plugins):
        known = plugins.comms_channels
        if name not in known:
            names = ", ".join(known) or "none"
            raise ConfigError(f"there is no channel {name} in {settings.config_file}; it has: {names}")
        return await rehearsing.rehearse(deps, known[name])
