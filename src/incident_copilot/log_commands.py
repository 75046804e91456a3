"""Commands about the action log: show and export it, check it, make its key, erase a person, hold an incident."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from incident_copilot import app
from incident_copilot.errors import ConfigError
from incident_copilot.one_incident import Number, number_in
from incident_copilot.pipeline import erase as erasing
from incident_copilot.pipeline import export_log, legal_hold, sealing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.export_log import Format, Wanted
from incident_copilot.settings import Settings, load_settings
from incident_copilot.store import action_log, schema
from incident_copilot.vendors import signing
from incident_copilot.vendors.signing import Signer

Result = TypeVar("Result")
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "md")
Day = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="In UTC; a time may follow, as in 2026-11-28T09:00.")
]


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    commands.command("verify-log")(verify_log)
    commands.command("log")(show_log)
    commands.command("log-key")(make_key)
    commands.command("erase")(erase)
    commands.command("hold")(hold)


def verify_log(
    heads: Annotated[Path | None, typer.Option(help="A file of signed heads that was kept elsewhere.")] = None,
    public_key: Annotated[
        str | None, typer.Option(help="As log-key prints it; else that of COPILOT_LOG_KEY_FILE.")
    ] = None,
) -> None:
    """Check the action log's hash chains and signed heads; names the first bad row of each, exits 1 if there is one."""
    settings = load_settings()
    published = sealing.published_in(heads) if heads else []
    public = public_half(settings, public_key)

    async def check(deps: Deps) -> tuple[list[action_log.Problem], int, list[action_log.Problem]]:
        problems, signed = await sealing.check(deps, published, public)
        async with deps.db.read() as view:
            return problems, signed, await action_log.backdated(view)

    problems, signed, notes = asyncio.run(_at_rest(settings, check))
    for note in notes:
        typer.secho(f"Note: {note}", fg=typer.colors.YELLOW, err=True)
    for problem in problems:
        typer.secho(str(problem), fg=typer.colors.RED, err=True)
    if problems:
        sys.exit(1)
    typer.echo("The action log verifies.")
    if signed:
        looked_at = "their signatures too" if public else "not their signatures, for want of the public key"
        typer.echo(f"So do {signed} signed heads: {looked_at}.")


def show_log(
    incident: Annotated[
        int | None, typer.Argument(metavar="INC-42", parser=number_in, help="Without it all incidents.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="As in approved, rejected; may be repeated.")] = None,
    by: Annotated[str | None, typer.Option(help="The Slack id, policy or action that did it.")] = None,
    since: Day = None,
    until: Day = None,
    form: Annotated[str, typer.Option("--format", help="jsonl, csv or md.")] = "jsonl",
) -> None:
    """Print the action log, filtered: one JSON object a line as it is hashed, or a table with names and words."""
    chosen = next((one for one in FORMATS if one == form), None)
    if chosen is None:
        raise ConfigError(f"there is no format {form}; use jsonl, csv or md")
    wanted = Wanted(incident, tuple(kind or ()), by, _time(since), _time(until))
    for line in asyncio.run(_at_rest(load_settings(), lambda deps: export_log.lines(deps, wanted, chosen))):
        typer.echo(line)


def make_key(path: Annotated[Path, typer.Argument(metavar="FILE", help="Must not be there yet.")]) -> None:
    """Make the key that signs the heads of the log, and print its public half; keep that where people can find it."""
    typer.echo(Signer.create(path).public)


def erase(
    person: Annotated[str, typer.Argument(metavar="USER", help="A Slack id, such as U012AB3CD.")],
    yes: Annotated[bool, typer.Option("--yes", help="Without it nothing is done.")] = False,
    also: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A name or address they go by; may be repeated.")
    ] = None,
) -> None:
    """Erase a person's name and words; the rows of the log stay, and verify."""
    if not yes:
        raise ConfigError(f"this erases for good what {person} wrote; say --yes")
    for line in asyncio.run(_at_rest(load_settings(), lambda deps: erasing.erase(deps, person, also or ()))):
        typer.echo(line)


def hold(
    incident: Number,
    off: Annotated[bool, typer.Option("--off", help="Ends it.")] = False,
) -> None:
    """Put an incident under legal hold, so that nothing of it is erased or cut; or end that."""
    typer.echo(asyncio.run(_at_rest(load_settings(), lambda deps: legal_hold.by_operator(deps, incident, on=not off))))


def public_half(settings: Settings, given: str | None) -> str | None:
    """Return the public key that is given, else that of the house, else None. Raises ConfigError: it is none."""
    if given:
        signing.public_key(given)
    return given or (Signer.from_file(settings.log_key_file).public if settings.log_key_file else None)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text if "T" in text else f"{text}T00:00").replace(tzinfo=app.now().tzinfo)
    except ValueError:
        raise ConfigError(f"{text} is no day; write it as 2026-11-28") from None


async def _at_rest(settings: Settings, act: Callable[[Deps], Awaitable[Result]]) -> Result:
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        return await act(deps)
