"""Commands that make cases of incidents that are over, replay them, and export what people decided."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from incident_copilot import app
from incident_copilot.domain.case import Case
from incident_copilot.errors import ConfigError
from incident_copilot.language_model import language_model
from incident_copilot.one_incident import Number
from incident_copilot.pipeline.cases import comparing, decisions, exporting
from incident_copilot.pipeline.cases.decisions import SHAPES
from incident_copilot.pipeline.cases.replaying import Replayed, replay
from incident_copilot.pipeline.deps import Deps
from incident_copilot.settings import Settings, load_settings
from incident_copilot.store import schema
from incident_copilot.terminal import say

Result = TypeVar("Result")


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    commands.command("export-case")(export_case)
    commands.command("eval")(evaluate)
    commands.command("export-decisions")(export_decisions)


def export_case(
    incident: Number,
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
) -> None:
    """Write an incident that is over as a case that can be replayed, without people, hosts and secrets."""
    case = asyncio.run(_at_rest(load_settings(), lambda deps: exporting.export(deps, incident)))
    written = case.model_dump_json(indent=2)
    if out is None:
        typer.echo(written)
    else:
        out.write_text(written + "\n", encoding="utf-8")
        held = f"{len(case.alerts)} alerts, {len(case.evidence)} pieces of evidence, {len(case.decided)} decisions"
        typer.echo(f"{out} has {held}.")


def evaluate(
    cases: Annotated[Path, typer.Argument(metavar="CASES", help="A case, or a folder of them.")],
    config: Annotated[
        list[Path] | None,
        typer.Option(help="A folder with another catalog.yaml, runbooks/ or both, to compare; may be repeated."),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="A model to compare, as in COPILOT_LLM_MODEL; may be repeated.")
    ] = None,
) -> None:
    """Replay cases against this configuration, others and models; print how right each is, its cost and time."""
    settings = load_settings()
    compared = {"now": settings.model_copy(update={"llm_model": None})}
    compared |= {folder.name: _configured(compared["now"], folder) for folder in config or []}
    compared |= {name: settings.model_copy(update={"llm_model": name}) for name in model or []}
    read = _read(cases)
    found = {name: asyncio.run(_replayed(one, read)) for name, one in compared.items()}
    say("\n".join(comparing.table(found)))


def export_decisions(
    days: Annotated[int, typer.Option(min=1, max=3_660, help="Of incidents that ended in so many days.")] = 90,
    shape: Annotated[str, typer.Option(help="messages to train with, or preference pairs.")] = "messages",
) -> None:
    """Print what people took, edited and rejected, a JSON object a line, without people, hosts and secrets."""
    chosen = next((one for one in SHAPES if one == shape), None)
    if chosen is None:
        raise ConfigError(f"there is no shape {shape}; use messages or preference")
    since = app.now() - timedelta(days=days)
    lines = asyncio.run(_at_rest(load_settings(), lambda deps: decisions.exported(deps, since, chosen)))
    typer.echo("".join(f"{line}\n" for line in lines), nl=False)


def _configured(settings: Settings, folder: Path) -> Settings:
    """Return the settings with what a folder has in place of the own files."""
    parts = {"catalog_file": folder / "catalog.yaml", "runbooks_dir": folder / "runbooks"}
    there = {name: path for name, path in parts.items() if path.exists()}
    if not there:
        raise ConfigError(f"{folder} has neither catalog.yaml nor runbooks/")
    return settings.model_copy(update=there)


def _read(place: Path) -> list[Case]:
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    try:
        read = [Case.model_validate_json(path.read_bytes()) for path in files]
    except (OSError, ValidationError) as error:
        raise ConfigError(f"{place}: {error}") from error
    if not read:
        raise ConfigError(
            f"{place} has no case; `incident-copilot export-case INC-42 --out {place}/INC-42.json` makes one"
        )
    return read


async def _replayed(settings: Settings, cases: Sequence[Case]) -> list[Replayed]:
    async with app.at_rest(settings) as (deps, _), language_model(settings) as llm:
        if llm:
            await schema.check_schema(deps.db)  # where what leaves and what it costs is written
        return [await replay(deps, case, llm) for case in cases]


async def _at_rest(settings: Settings, act: Callable[[Deps], Awaitable[Result]]) -> Result:
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        return await act(deps)
