"""The command that prints what is measured: in lines, or as CSV."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.domain.measures import Measures, Rule
from incident_copilot.pipeline.stats import told
from incident_copilot.pipeline.stats.measured import measure
from incident_copilot.settings import Settings, load_settings
from incident_copilot.store import schema


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("stats")(stats)


def stats(
    days: Annotated[int, typer.Option(min=1, max=366, help="Over how long.")] = 30,
    service: Annotated[str | None, typer.Option(help="Of this service alone.")] = None,
    severity: Annotated[str | None, typer.Option(help="P0 to P3.")] = None,
    kind: Annotated[str | None, typer.Option("--type", help="Of this type of incident alone.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, with all groups.")] = False,
) -> None:
    """Print how incidents and the copilot did: times with trend, acceptance, cost, false alarms, load."""
    rule = Rule(service=service, severity=severity and severity.upper(), incident_type=kind)
    found = asyncio.run(_measured(load_settings(), timedelta(days=days), rule))
    typer.echo(told.as_csv(found) if as_csv else "\n".join(told.lines(found)), nl=not as_csv)


async def _measured(settings: Settings, span: timedelta, rule: Rule) -> Measures:
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        return await measure(deps, span, rule)
