"""The command line: demo, serve, sandbox, migrate, verify-log, log, noise, mutes, dead, import, source, mcp ..."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import SecretStr

from incident_copilot import (
    ai_commands,
    app,
    automation_commands,
    case_commands,
    checks,
    demo,
    drill_commands,
    event_loop,
    impact_commands,
    log_commands,
    model_commands,
    postmortem_commands,
    print_commands,
    runbook_commands,
    snapshot_commands,
    stats_commands,
)
from incident_copilot.actions_file import schema as file_schema
from incident_copilot.doctor import examine
from incident_copilot.errors import ConfigError, CopilotError, StoreUnavailable
from incident_copilot.log_lines import LogLine
from incident_copilot.mcp.protocol import Conversation
from incident_copilot.mcp.stdio import talk
from incident_copilot.model_server import require_model
from incident_copilot.pipeline import answer_agents, bring_in, dead_letters, mute, noise, read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.rehearse import rehearse
from incident_copilot.ports import AlertSource
from incident_copilot.sandbox.sandbox import Sandbox
from incident_copilot.sandbox.standalone import serve as serve_sandbox
from incident_copilot.settings import Settings, load_settings
from incident_copilot.slack.manifest import manifest as slack_manifest
from incident_copilot.slack.seal import new_key
from incident_copilot.store import schema
from incident_copilot.terminal import say
from incident_copilot.vendors import outbound

Result = TypeVar("Result")

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
dead = typer.Typer(no_args_is_help=True, help="Webhooks that could not be understood: list, show, replay, drop.")
sources = typer.Typer(no_args_is_help=True, help="Alert sources: list, test.")
commands.add_typer(dead, name="dead")
commands.add_typer(sources, name="source")
commands.add_typer(checks.context, name="context")
commands.add_typer(checks.channel, name="channel")
commands.command("doctor")(checks.doctor)
commands.add_typer(drill_commands.commands, name="drill")
commands.add_typer(runbook_commands.commands, name="runbooks")
commands.add_typer(postmortem_commands.commands, name="postmortem")
commands.add_typer(ai_commands.commands, name="ai")
ai_commands.commands.command("affected")(impact_commands.affected)
imports = typer.Typer(no_args_is_help=True, help="Bring in what was written elsewhere: postmortems, runbooks.")
commands.add_typer(imports, name="import")
llm = typer.Typer(no_args_is_help=True, help="The language model: what it is told, and how much of its words stands.")
commands.add_typer(llm, name="llm")
model_commands.register(llm)
log_commands.register(commands)
print_commands.register(commands)
stats_commands.register(commands)
automation_commands.register(commands)
snapshot_commands.register(commands)
case_commands.register(commands)

MOST_LISTED, EVERY = 200, 1_000_000
LetterId = Annotated[str, typer.Argument(metavar="ID", help="As `dead list` prints it.")]


def main() -> None:
    """Run one command; what went wrong is one clear line, and exit code 1."""
    try:
        commands()
    except CopilotError as error:
        which = "; COPILOT_DATABASE_URL says which one" if isinstance(error, StoreUnavailable) else ""
        typer.secho(f"{error}{which}", fg=typer.colors.RED, err=True)
        sys.exit(1)


@commands.command("demo")
def run_demo(
    headless: Annotated[
        bool, typer.Option(help="Scripted people, no page; exit 0 only if every step happened.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Where --headless writes what came of it.")] = Path("var/demo/out"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the sandbox's page; 0 takes a free one.")] = 8500,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
    base_url: Annotated[str, typer.Option(help="Address of a model's server, as http://127.0.0.1:8080/v1.")] = "",
    model: Annotated[str, typer.Option(help="The model there; without one there is none in the demo.")] = "",
) -> None:
    """Watch a recorded incident, from alert to postmortem, in a workspace on this machine."""
    _log_to_stderr("warning")
    if bool(base_url) != bool(model):
        raise ConfigError("name both: --base-url http://127.0.0.1:8080/v1 --model NAME")
    settings = demo.model_settings(base_url, model, os.environ.get("COPILOT_LLM_API_KEY")) if model else {}
    if model:
        patience_s = float(settings["COPILOT_LLM_DEADLINE_S"])
        asyncio.run(require_model(Settings(llm_base_url=base_url, llm_model=model, llm_deadline_s=patience_s)))
    if headless:
        steps = demo.WITH_MODEL if model else demo.STEPS
        sys.exit(asyncio.run(_until_stopped(demo.headless(out, settings=settings, steps=steps), otherwise=1)))
    asyncio.run(_until_stopped(demo.interactive(port, open_page=open_page, settings=settings), otherwise=None))


@commands.command()
def serve() -> None:
    """Run the copilot: webhooks, workers, and Slack by Socket Mode or HTTP."""
    settings = load_settings()
    _log_to_stderr(settings.log_level, _secrets_of(settings))
    event_loop.run(_serve(settings))


@commands.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")] = 8500,
) -> None:
    """Run the sandbox workspace alone, to develop any Slack app against it."""
    _log_to_stderr("warning")
    asyncio.run(_until_stopped(_sandbox(port), otherwise=None))


@commands.command()
def manifest(
    http: Annotated[str | None, typer.Option(help="Public https address, for Slack over HTTP.")] = None,
    links: Annotated[
        str | None,
        typer.Option(envvar="COPILOT_PUBLIC_URL", help="Address of the incident pages, so that links to them unfurl."),
    ] = None,
) -> None:
    """Print the Slack app manifest as JSON: Socket Mode, or HTTP with --http."""
    typer.echo(json.dumps(slack_manifest(http, links), indent=2))


@commands.command("schema")
def print_schema(
    name: Annotated[str, typer.Argument(help="actions, catalog, monitors or case")] = "actions",
) -> None:
    """Print the JSON schema of a file that people write, or of a case, for an editor that checks as one writes."""
    typer.echo(file_schema(name))


@commands.command("new-key")
def make_key() -> None:
    """Print a key for COPILOT_INSTALL_KEY, under which the tokens of installations are kept."""
    typer.echo(new_key())


@commands.command()
def migrate() -> None:
    """Create or update the database's tables."""
    settings = load_settings()
    asyncio.run(schema.upgrade(settings.database_url, settings.migrations_dir))
    typer.echo("The database is up to date.")


@commands.command("mcp")
def serve_agent(
    asker: Annotated[str, typer.Option("--as", help="The Slack id of the person who asks, such as U012AB3CD.")],
) -> None:
    """Let an agent read incidents over standard input and output (Model Context Protocol), in a person's name."""
    settings = load_settings()
    _log_to_stderr("warning", _secrets_of(settings))
    asyncio.run(_serve_agent(settings, asker))


@commands.command("mutes")
def list_mutes() -> None:
    """Print what is muted now: here, by catalog.yaml, and elsewhere."""
    said = asyncio.run(_at_rest(lambda deps, _: mute.lines(deps)))
    say("\n".join(said) or "Nothing is muted.")


@dead.command("list")
def list_dead() -> None:
    """Print the dead letters that wait, newest first, and how many there are by source."""
    said = asyncio.run(_at_rest(_listed))
    say("\n".join(said) or "There are no dead letters.")


@dead.command("show")
def show_dead(letter_id: LetterId) -> None:
    """Print one dead letter: why it is there, the headers that were kept, the body."""
    letter = asyncio.run(_at_rest(lambda deps, _: dead_letters.get(deps, letter_id)))
    typer.echo(f"{letter.source}, {letter.received_at:%Y-%m-%d %H:%M:%S} UTC, {letter.state}, {letter.times} times")
    say(letter.why)
    for name, value in letter.headers.items():
        say(f"{name}: {value}")
    say(f"\n{letter.body.decode(errors='backslashreplace')}")


@dead.command("replay")
def replay_dead(
    letter_id: Annotated[str | None, typer.Argument(metavar="ID", help="As `dead list` prints it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Replay all that wait.")] = False,
) -> None:
    """Take dead letters in with the plugins as they are now; each once."""
    if (letter_id is None) is not every:
        raise ConfigError("name one dead letter, or say --all")
    for line in asyncio.run(_at_rest(lambda deps, source: _replayed(deps, source, letter_id))):
        say(line)


@dead.command("drop")
def drop_dead(letter_id: LetterId) -> None:
    """Forget a dead letter that says nothing of use."""
    asyncio.run(_at_rest(lambda deps, _: dead_letters.drop(deps, letter_id)))
    typer.echo(f"{letter_id}: dropped")


@commands.command("noise")
def show_noise() -> None:
    """Print the alerts that opened no incident, how often and why, and rules that the history proposes."""
    say("\n".join(noise.lines(asyncio.run(_at_rest(lambda deps, _: noise.lane(deps))))))


@sources.command("list")
def list_sources() -> None:
    """Print how each alert source does: its last delivery, what was not understood, its watchdogs."""
    said = asyncio.run(_at_rest(lambda deps, _: read.source_lines(deps)))
    say("\n".join(said) or "No alert source has delivered yet.")


@sources.command("test")
def rehearse_source(
    name: Annotated[str, typer.Argument(help="A source of copilot.yaml, or a plugin.")],
    file: Annotated[Path, typer.Argument(help="The body of a webhook.", exists=True, dir_okay=False)],
    header: Annotated[list[str] | None, typer.Option(help="As in 'x-github-event: push'; may be repeated.")] = None,
) -> None:
    """Show what a webhook's body becomes and which incident it would join; nothing is stored."""
    headers = {key.strip().lower(): value.strip() for key, _, value in (one.partition(":") for one in header or [])}
    for line in asyncio.run(_rehearsed(load_settings(), name, headers, file.read_bytes())):
        say(line)


@imports.command("postmortems")
def import_postmortems(
    place: Annotated[str, typer.Argument(metavar="PATH", help="A folder of Markdown, or a git address.")],
    source: Annotated[str | None, typer.Option(help="Who wrote them; by default the last part of PATH.")] = None,
) -> None:
    """Let old postmortems be found as similar incidents; the same again changes nothing."""
    for line in asyncio.run(_imported(place, source)):
        typer.echo(line)


@imports.command("runbooks")
def import_runbooks(
    place: Annotated[
        str,
        typer.Argument(metavar="PLACE", help="A folder, a .zip, a git address, a page, or a .txt of pages."),
    ],
    source: Annotated[str | None, typer.Option(help="Their folder's name; by default the last part of PLACE.")] = None,
) -> None:
    """Copy runbooks that are kept elsewhere into the folder; again brings in what changed."""
    for line in asyncio.run(_collected(load_settings(), place, source)):
        typer.echo(line)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    await app.serve(settings, stop, examine=examine)


async def _serve_agent(settings: Settings, asker: str) -> None:
    async with app.read_only(settings) as deps:
        await answer_agents.may_read(deps, asker)
        await talk(Conversation(deps, asker))


async def _sandbox(port: int) -> None:
    try:
        await serve_sandbox(port, _tell_sandbox)
    except OSError as error:
        raise ConfigError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}; take another --port") from error


async def _until_stopped(running: Coroutine[Any, Any, Result], otherwise: Result) -> Result:
    """Return what it returns, or `otherwise` when somebody stops it; either way it has put everything away."""
    task = asyncio.create_task(running)
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        typer.echo("Stopped.")
        return otherwise


async def _at_rest(act: Callable[[Deps, Callable[[str], AlertSource]], Awaitable[Result]]) -> Result:
    async with app.at_rest(load_settings()) as (deps, source):
        await schema.check_schema(deps.db)
        return await act(deps, source)


async def _imported(place: str, source: str | None) -> list[str]:
    async with app.at_rest(load_settings()) as (deps, _):
        await schema.check_schema(deps.db)
        return await bring_in.postmortems(deps, place, source)


async def _collected(settings: Settings, place: str, source: str | None) -> list[str]:
    async with outbound.client(outbound.hosts_in([{"pages": bring_in.pages_of(place)}])) as http:
        return await bring_in.runbooks(http, settings.runbooks_dir, place, source)


async def _listed(deps: Deps, _: Callable[[str], AlertSource]) -> list[str]:
    return dead_letters.lines(*await dead_letters.waiting(deps, MOST_LISTED))


async def _replayed(deps: Deps, source: Callable[[str], AlertSource], letter_id: str | None) -> list[str]:
    """Oldest first, as they came."""
    waiting, _ = await dead_letters.waiting(deps, EVERY)
    ids = [letter_id] if letter_id else [one.id for one in reversed(waiting)]
    return [f"{one}: {await _replay(deps, source, one)}" for one in ids]


async def _replay(deps: Deps, source: Callable[[str], AlertSource], letter_id: str) -> str:
    letter = await dead_letters.get(deps, letter_id)
    try:
        return await dead_letters.replay(deps, source(letter.source), letter)
    except ConfigError as error:
        return f"waits on: {error}"


async def _rehearsed(settings: Settings, name: str, headers: dict[str, str], body: bytes) -> list[str]:
    async with app.at_rest(settings) as (deps, source):
        return await rehearse(deps, name, source(name), headers, body)


def _tell_sandbox(running: Sandbox) -> None:
    typer.echo(f"Page            {running.page_url}")
    typer.echo(f"Web API         {running.base_url}")
    typer.echo(f"Bot token       {running.bot_token}")
    typer.echo(f"App token       {running.app_token}")
    typer.echo(f"Signing secret  {running.signing_secret}")


def _secrets_of(settings: Settings) -> list[str]:
    secrets = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    # One setting may hold two secrets while one is changed.
    return [part.strip() for secret in secrets for part in secret.split(",")]


def _log_to_stderr(level: str, secrets: Collection[str] = ()) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(LogLine(secrets))
    handler.addFilter(_is_news)
    # Libraries stay at warnings: what they say below that holds requests, alert text and secrets.
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("incident_copilot").setLevel(level.upper())
    bolt = logging.getLogger("incident_copilot.slack.bolt")
    bolt.setLevel(logging.WARNING)
    bolt.addFilter(_without_traceback)


def _is_news(record: logging.LogRecord) -> bool:
    """What is cut off because the process ends is taken up by whoever runs next."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _without_traceback(record: logging.LogRecord) -> bool:
    """The SDK shows the traceback of every connection that it tries again."""
    record.exc_info = None
    return True
