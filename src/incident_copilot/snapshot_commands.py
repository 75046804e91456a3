"""incident-copilot snapshot: keep the evidence of an incident, write it out, and check what was written out."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from incident_copilot.errors import ConfigError
from incident_copilot.log_commands import public_half
from incident_copilot.one_incident import any_numbered, number_in
from incident_copilot.pipeline.snapshots import check, export, keep
from incident_copilot.settings import load_settings


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("snapshot")(snapshot)


def snapshot(
    incident: Annotated[
        int | None, typer.Argument(metavar="INC-42", parser=number_in, help="The incident, as people say it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="PLACE", help="A folder or a .zip file that is not there yet.")
    ] = None,
    number: Annotated[int | None, typer.Option(help="One that was taken before; without it a new one is.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List those there are, and take none.")] = False,
    verify: Annotated[
        Path | None, typer.Option(metavar="PLACE", help="Check one that was written out; needs no database.")
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(help="As log-key prints it; else that of COPILOT_LOG_KEY_FILE.")
    ] = None,
) -> None:
    """Keep the evidence of an incident as it is now, and write it out with --out; or check with --verify."""
    if verify:
        _check(verify, public_key)
    elif incident is None:
        raise ConfigError("name an incident as in INC-42, or say --verify and a place")
    else:
        for line in asyncio.run(_kept(incident, out, number, listed=listed)):
            typer.echo(line)


def _check(place: Path, public_key: str | None) -> None:
    wrong, known = check.written_out(export.read(place), public_half(load_settings(), public_key))
    for line in wrong:
        typer.secho(line, fg=typer.colors.RED, err=True)
    if wrong:
        sys.exit(1)
    for line in known:
        typer.echo(line)


async def _kept(incident: int, out: Path | None, number: int | None, *, listed: bool) -> list[str]:
    async with any_numbered(load_settings(), incident) as (deps, found):
        async with deps.db.read() as db:
            every = await keep.every(db, found)
        if listed:
            return [f"{one.text} {one.detail}" for one in every] or [f"There is no snapshot of {found.label}."]
        kept = export.chosen(every, number, found.label) if number else await keep.by_operator(deps, found)
        if out:
            export.write(await export.files_of(deps, kept), out)
        return [f"{kept.text} {kept.detail}", *([f"Written to {out}."] if out else [])]
