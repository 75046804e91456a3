"""incident-copilot postmortem: out as a Markdown file, and what was changed in it back in."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from incident_copilot import app
from incident_copilot.errors import ConfigError
from incident_copilot.one_incident import Number
from incident_copilot.pipeline import people
from incident_copilot.pipeline.living import as_file
from incident_copilot.settings import load_settings
from incident_copilot.store import schema

commands = typer.Typer(no_args_is_help=True, help="Postmortems as Markdown files: export, import.")


@commands.command("export")
def export(
    incident: Number,
    out: Annotated[Path | None, typer.Option(help="Where to write it; without it, it is printed.")] = None,
) -> None:
    """Print the postmortem as Markdown to edit: section by section, each line with its sources."""
    text = asyncio.run(_exported(incident))
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)


@commands.command("import")
def bring_back(
    file: Annotated[Path, typer.Argument(help="A file of `postmortem export`, changed.")],
    person: Annotated[str, typer.Option("--as", help="The Slack id of who changed it, such as U012AB3CD.")],
) -> None:
    """Keep the sections that a file changed, as the next version of each, in a person's name."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from None
    typer.echo("\n".join(asyncio.run(_imported(text, person))))


async def _exported(number: int) -> str:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        return await as_file.out(deps, number)


async def _imported(text: str, person: str) -> list[str]:
    async with app.read_only(load_settings()) as deps:
        return await as_file.back_in(deps, text, await people.known(deps, person))
