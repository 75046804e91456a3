"""incident-copilot ai: quality gates of AI systems for people and for CI; exits 0 pass, 1 failed, 2 wrong use."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from incident_copilot import app
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.one_incident import Number
from incident_copilot.pipeline.ai import evaluation_sets, gates, health, health_html, offline
from incident_copilot.pipeline.ai.gates import Gate, Stage
from incident_copilot.pipeline.ai.health import Period
from incident_copilot.pipeline.ai.offline import Evaluated
from incident_copilot.pipeline.deps import Deps
from incident_copilot.settings import load_settings
from incident_copilot.store import schema
from incident_copilot.vendors import outbound
from incident_copilot.vendors.answering import Answering

Result = TypeVar("Result")
PASSED, FAILED, WRONG_USE = 0, 1, 2
MOST_FINE = 20
ANSWER_S = 60.0

commands = typer.Typer(no_args_is_help=True, help="AI systems: quality gates, evaluation sets.")
System = Annotated[str | None, typer.Option("--system", metavar="NAME", help="One system; otherwise all.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Endpoint = Annotated[str, typer.Option(metavar="URL", help="Chat completions as .../v1 with --model, or plain JSON.")]
Model = Annotated[str | None, typer.Option(help="Its name, where it speaks chat completions.")]
TokenEnv = Annotated[str | None, typer.Option(metavar="VARIABLE", help="Holds its bearer token.")]
Version = Annotated[str, typer.Option(help="What is asked, such as 2026-11-28 or a commit.")]
Least = Annotated[float, typer.Option(min=0, max=1, help="Which share of the cases has to pass.")]
Set = Annotated[Path, typer.Argument(metavar="SET", exists=True, dir_okay=False, help="A file with a case a line.")]


@dataclass(frozen=True)
class Evaluation:
    """What is to be asked, and of whom."""

    cases: Path
    endpoint: str
    model: str | None
    token_env: str | None
    system: str
    version: str
    least: float


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
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.1)] = 30,
    continuous: Annotated[bool, typer.Option("--continuous", help="Until it is stopped.")] = False,
    security: Annotated[bool, typer.Option("--security", help="Safety and attacks only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look again and again, and print what changed; exits 1 where something fired meanwhile."""
    stage = Stage.SECURITY if security else Stage.STATUS
    looks = None if continuous else max(1, round(duration * 60 / every))
    passed = _used_right(lambda: asyncio.run(_watched(stage, system, looks, timedelta(seconds=every), as_json)))
    sys.exit(PASSED if passed else FAILED)


@commands.command("offline")
def evaluate(
    cases: Set,
    endpoint: Endpoint,
    system: Annotated[str, typer.Option(metavar="NAME", help="Whose result it is.")],
    model: Model = None,
    version: Version = "",
    least: Least = 0.95,
    token_env: TokenEnv = None,
    as_json: AsJson = False,
) -> None:
    """Ask a system the cases of a set, compare with the last time; exits 1 where too few pass, or fewer than then."""
    found = _evaluated(Evaluation(cases, endpoint, model, token_env, system, version, least))
    typer.echo(_outcome(found, as_json))
    sys.exit(PASSED if found.passes else FAILED)


@commands.command("pipeline")
def run_pipeline(
    system: Annotated[str, typer.Option(metavar="NAME", help="The system that is to be released.")],
    cases: Annotated[Path | None, typer.Option("--set", help="Also ask it the cases of this set.")] = None,
    endpoint: Endpoint = "",
    model: Model = None,
    version: Version = "",
    least: Least = 0.95,
    token_env: TokenEnv = None,
) -> None:
    """All gates in turn: validate, performance, security, and with --set and --endpoint offline; 1 if one fails."""
    if (cases is None) is not (endpoint == ""):
        raise typer.BadParameter("name --set and --endpoint together, or neither")
    found = at_rest(partial(_all_gates, system=system))
    typer.echo("\n".join(line for gate in found for line in gates.lines(gate)))
    passed = [gate.passes for gate in found]
    if cases:
        evaluated = _evaluated(Evaluation(cases, endpoint, model, token_env, system, version, least))
        typer.echo(_outcome(evaluated, as_json=False))
        passed.append(evaluated.passes)
    sys.exit(PASSED if all(passed) else FAILED)


@commands.command("report")
def report(
    kind: Annotated[Period, typer.Option("--type", help="How far back.")] = Period.WEEKLY,
    system: System = None,
    output: Annotated[Path | None, typer.Option(help="A file: .html has the plots.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print how AI systems did over a day, a week or a month, or write it as a page."""
    told = at_rest(lambda deps: health.report(deps, kind, system))
    text = told.model_dump_json(indent=2) if as_json else "\n".join(health.lines(told))
    if output is None:
        typer.echo(text)
    else:
        output.write_text(health_html.render(told) if output.suffix == ".html" else f"{text}\n", encoding="utf-8")
        typer.echo(f"{told.title} is in {output}")


@commands.command("export-set")
def export_set(
    incident: Number,
    output: Annotated[Path | None, typer.Option(help="A file; otherwise it is printed.")] = None,
) -> None:
    """Write the interactions that went wrong during an incident as an evaluation set; add `expected` by hand."""
    lines = at_rest(lambda deps: evaluation_sets.exported(deps, incident))
    if output is None:
        typer.echo("\n".join(lines))
    else:
        output.write_text("\n".join(lines) + "\n", encoding="utf-8")
        typer.echo(f"{len(lines)} cases are in {output}")


async def _all_gates(deps: Deps, system: str) -> list[Gate]:
    return [await gates.look(deps, stage, system) for stage in (Stage.VALIDATE, Stage.PERFORMANCE, Stage.SECURITY)]


def _evaluated(asked: Evaluation) -> Evaluated:
    return _used_right(lambda: asyncio.run(_ask_all(asked)))


async def _ask_all(asked: Evaluation) -> Evaluated:
    settings, token = load_settings(), os.environ.get(asked.token_env) if asked.token_env else None
    if asked.token_env and not token:
        raise ConfigError(f"{asked.token_env} is not set; set it to the endpoint's token")
    cases = evaluation_sets.read(asked.cases.read_text(encoding="utf-8"), app.now())
    async with (
        app.with_plugins(settings, "evaluators") as (deps, plugins),
        outbound.client(outbound.hosts_in([{"endpoint": asked.endpoint}]), settings.ca_file) as http,
    ):
        await schema.check_schema(deps.db)
        answering = Answering(http, asked.endpoint, model=asked.model, token=token, deadline_s=ANSWER_S)
        return await offline.evaluate(
            replace(deps, evaluators=plugins.evaluators),
            partial(answering.ask, now=app.now()),
            cases,
            system=asked.system,
            suite=_suite(asked.cases),
            version=asked.version,
            least=asked.least,
        )


def _suite(path: Path) -> str:
    """The set's name, as runs are compared under it."""
    return (
        "".join(one if one.isalnum() and one.isascii() else "-" for one in path.stem.lower()).strip("-")[:60] or "set"
    )


def _outcome(found: Evaluated, as_json: bool) -> str:
    if as_json:
        return json.dumps({**found.model_dump(mode="json"), "passes": found.passes}, ensure_ascii=False)
    return "\n".join(offline.lines(found))


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
