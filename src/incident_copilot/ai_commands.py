"""incident-copilot ai: quality gates of AI systems for people and for CI; exits 0 pass, 1 failed, 2 wrong use."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from incident_copilot import app
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.pipeline.ai import gates
from incident_copilot.pipeline.ai.gates import Gate, Stage
from incident_copilot.pipeline.deps import Deps
from incident_copilot.settings import load_settings
from incident_copilot.store import schema

Result = TypeVar("Result")
PASSED, FAILED, WRONG_USE = 0, 1, 2
MOST_FINE = 20

commands = typer.Typer(no_args_is_help=True, help="AI systems: status, validate, performance, monitor.")
System = Annotated[str | None, typer.Option("--system", metavar="NAME", help="One system; otherwise all.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@commands.command("status")
def status(system: System = None, as_json: AsJson = False) -> None:
    """Print what the monitors said last; exits 1 where something fires."""
    _end(_looked(Stage.STATUS, system), as_json)


@commands.command("validate")
def validate(system: System = None, as_json: AsJson = False) -> None:
    """As status, and each system must have been looked at within a quarter of an hour."""
    _end(_looked(Stage.VALIDATE, system), as_json)


@commands.command("performance")
def performance(system: System = None, as_json: AsJson = False) -> None:
    """The same for latency, errors, throughput, cost and providers."""
    _end(_looked(Stage.PERFORMANCE, system), as_json)


@commands.command("monitor")
def monitor(
    system: System = None,
    duration: Annotated[float, typer.Option(help="Minutes.", min=0)] = 5,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=1)] = 30,
    continuous: Annotated[bool, typer.Option("--continuous", help="Until it is stopped.")] = False,
    security: Annotated[bool, typer.Option("--security", help="Safety and attacks only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look again and again, and print what changed; exits 1 where something fired meanwhile."""
    stage = Stage.SECURITY if security else Stage.STATUS
    looks = None if continuous else max(1, round(duration * 60 / every))
    passed = _used_right(lambda: asyncio.run(_watched(stage, system, looks, timedelta(seconds=every), as_json)))
    sys.exit(PASSED if passed else FAILED)


def _looked(stage: Stage, system: str | None) -> Gate:
    return at_rest(lambda deps: gates.look(deps, stage, system))


def _end(gate: Gate, as_json: bool) -> None:
    typer.echo(_told(gate, as_json))
    sys.exit(PASSED if gate.passes else FAILED)


def _told(gate: Gate, as_json: bool) -> str:
    if as_json:
        return json.dumps({**gate.model_dump(mode="json"), "passes": gate.passes}, ensure_ascii=False)
    return "\n".join(gates.lines(gate, MOST_FINE))


async def _watched(stage: Stage, system: str | None, looks: int | None, pause: timedelta, as_json: bool) -> bool:
    """Return whether nothing failed; what is said is said once until it changes."""
    passed, before, number = True, "", 0
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        while looks is None or number < looks:
            if number:
                await asyncio.sleep(pause.total_seconds())
            gate = await gates.look(deps, stage, system)
            said = _told(gate.model_copy(update={"at": gate.at.replace(second=0, microsecond=0)}), as_json)
            if said != before:
                typer.echo(said if as_json else f"{gate.at:%H:%M:%S} UTC {said}")
            passed, before, number = passed and gate.passes, said, number + 1
    return passed


def at_rest(act: Callable[[Deps], Awaitable[Result]]) -> Result:
    """Return what is found in the database while nothing has to run; wrong use ends the program with its code."""

    async def run() -> Result:
        async with app.at_rest(load_settings()) as (deps, _):
            await schema.check_schema(deps.db)
            return await act(deps)

    return _used_right(lambda: asyncio.run(run()))


def _used_right(run: Callable[[], Result]) -> Result:
    try:
        return run()
    except (ConfigError, UnknownThing) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        sys.exit(WRONG_USE)
