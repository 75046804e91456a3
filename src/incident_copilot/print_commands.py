"""The command that writes a postmortem into a file: Markdown, the page, a document for Google Docs, or PDF."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from incident_copilot import one_incident, printing
from incident_copilot.errors import ConfigError
from incident_copilot.one_incident import Number
from incident_copilot.pipeline import postmortem_document, read
from incident_copilot.settings import Settings, load_settings
from incident_copilot.store.postmortems import StoredPostmortem

FORMS: Mapping[str, tuple[str, Callable[[StoredPostmortem], bytes]]] = {
    "md": ("md", lambda written: written.markdown.encode()),
    "html": ("html", lambda written: written.html.encode()),
    "doc": ("doc.html", lambda written: postmortem_document.render(written).encode()),
    "pdf": ("pdf", lambda written: printing.pdf(written.html)),
}


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("print")(print_postmortem)


def print_postmortem(
    incident: Number,
    form: Annotated[str, typer.Option("--as", help="md, html, doc (for Google Docs and Word) or pdf.")] = "pdf",
    out: Annotated[Path | None, typer.Option(help="The file; by default INC-42 with the form's ending.")] = None,
) -> None:
    """Write the postmortem of an incident, as it stands, into a file."""
    if form not in FORMS:
        raise ConfigError(f"there is no form {form}; use one of: {', '.join(FORMS)}")
    ending, made = FORMS[form]
    written = asyncio.run(_written(load_settings(), incident))
    path = out or Path(f"{written.postmortem.label}.{ending}")
    try:
        path.write_bytes(made(written))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name another file with --out") from error
    typer.echo(f"{path} is written.")


async def _written(settings: Settings, number: int) -> StoredPostmortem:
    async with one_incident.numbered(settings, number) as (deps, incident):
        written = await read.postmortem(deps, incident.id)
    if written is None:
        raise ConfigError(f"there is no postmortem of {incident.label}; `/incident postmortem` writes it")
    return written
