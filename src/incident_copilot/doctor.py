"""Doctor: looks at everything that the copilot depends on, and changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from incident_copilot import app
from incident_copilot.actions_file import load_actions
from incident_copilot.catalog_file import load_catalog
from incident_copilot.errors import CopilotError
from incident_copilot.pipeline import consult, read
from incident_copilot.plugins import load_config
from incident_copilot.settings import Settings
from incident_copilot.settled import slack_token
from incident_copilot.slack.calls import connected
from incident_copilot.slack.identity import Identity
from incident_copilot.store import schema

PATIENCE_S = 15.0  # a context source says by itself after 10 s that it does not answer
Check = Callable[[], Awaitable[list["Finding"]]]


class Finding(NamedTuple):
    """One thing that was looked at; `said` is what is well about it, or what is wrong and how to mend it."""

    what: str
    is_well: bool
    said: str


async def examine(settings: Settings, patience_s: float = PATIENCE_S) -> list[Finding]:
    """Return what was found, in the order in which it should be mended; each look takes `patience_s` at the most."""
    checks: dict[str, Check] = {
        "catalog.yaml": partial(_catalog, settings),
        "actions.yaml": partial(_actions, settings),
        "database": partial(_database, settings),
        "Slack": partial(_slack, settings),
        "copilot.yaml": partial(_sources, settings),
        "language model": partial(_model, settings),
    }
    return [one for what, check in checks.items() for one in await _tried(what, check, patience_s)]


async def _tried(what: str, check: Check, patience_s: float) -> list[Finding]:
    try:
        async with asyncio.timeout(patience_s):
            return await check()
    except TimeoutError:
        return [Finding(what, False, f"no answer in {patience_s:g} s")]
    except CopilotError as error:
        return [Finding(what, False, str(error))]


async def _catalog(settings: Settings) -> list[Finding]:
    catalog = load_catalog(settings.catalog_file)
    said = f"{len(catalog.services)} services, {len(catalog.teams)} teams"
    return [Finding("catalog.yaml", True, said)]


async def _actions(settings: Settings) -> list[Finding]:
    listed = {one.name for one in load_config(settings.config_file).instances if one.kind == "actions"}
    loaded = load_actions(settings.actions_file, listed)
    said = (
        f"{len(loaded.actions)} actions"
        if loaded.actions
        else "no actions: only rollbacks and silences can be proposed"
    )
    return [Finding("actions.yaml", True, said)]


async def _database(settings: Settings) -> list[Finding]:
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        lines = await read.source_lines(deps)
        heard = "; ".join(lines) if lines else "no alert source has delivered yet"
        return [Finding("database", True, f"its tables are those of this release; {heard}")]


async def _slack(settings: Settings) -> list[Finding]:
    async with connected(slack_token(settings), settings.slack_base_url) as client:
        me = await Identity(client).me()
    return [Finding("Slack", True, f"the token is that of {me.user_id} in {me.url or me.team_id}")]


async def _sources(settings: Settings) -> list[Finding]:
    async with app.with_sources(settings) as (_, known):
        problems = await consult.check(known)
    found = [Finding(f"context source {name}", problem is None, problem or "answers") for name, problem in problems]
    return found or [Finding("copilot.yaml", True, "no context sources: briefs know only what alerts say")]


async def _model(settings: Settings) -> list[Finding]:
    async with app.language_model(settings) as llm:
        if llm is None:
            return [Finding("language model", True, "none is named: code words the briefs")]
        from incident_copilot.llm.trial import first_answer  # noqa: PLC0415 -- with the library that app.py leaves for those who have a model

        tried = await first_answer(llm, timedelta(seconds=settings.llm_deadline_s))
        return [Finding("language model", tried.is_usable, "; ".join(tried.lines))]
