"""incident-copilot ai affected: who met the trouble of an AI system, as CSV to correct or notify them."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from incident_copilot.one_incident import Number, any_numbered
from incident_copilot.pipeline import impact
from incident_copilot.settings import load_settings


def affected(
    incident: Number,
    out: Annotated[Path | None, typer.Option(help="A file, instead of standard output.")] = None,
) -> None:
    """Print the requests that were answered badly since the onset, as CSV, and note in the log that it was taken."""
    listed, lines = asyncio.run(_listed(incident))
    if out is None:
        typer.echo(listed, nl=False)
    else:
        out.write_text(listed, encoding="utf-8")
    for line in lines:
        typer.echo(line, err=True)


async def _listed(number: int) -> tuple[str, list[str]]:
    async with any_numbered(load_settings(), number) as (deps, found):
        counted = await impact.impact(deps, found.id)
        listed = await impact.affected(deps, found.id)
        await impact.note_listed(deps, found, listed.count("\n") - 1)
    return listed, counted.lines if counted else ["No request to its system since the onset is stored."]
