"""Doctor: looks at everything that the copilot depends on, and changes nothing."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from pydantic import SecretStr

from incident_copilot.doctor import chat, outside, own
from incident_copilot.domain.finding import Finding
from incident_copilot.errors import ConfigError, CopilotError
from incident_copilot.settings import Settings
from incident_copilot.settled import shown

__all__ = ["Finding", "examine", "lines"]

PATIENCE_S = 15.0  # a context source says by itself after 10 s that it does not answer
Check = Callable[[], Awaitable[list[Finding]]]
_USER_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
_FIXES = {
    "catalog.yaml": "Correct the line that is named; docs/operations.md shows a whole file.",
    "actions.yaml": "Correct the line that is named; docs/operations.md has a worked catalogue.",
    "monitors.yaml": "Correct the line that is named; docs/ai-incidents.md shows a whole file.",
    "database": "See whether COPILOT_DATABASE_URL is right and the database runs.",
    "Slack": "See whether COPILOT_SLACK_BOT_TOKEN and COPILOT_SLACK_BASE_URL are right.",
    "Slack socket": "Copy the app-level token again, with the scope connections:write.",
    "Slack channels": "Install the app again with the scopes of `incident-copilot manifest`.",
    "webhooks": "See whether COPILOT_PUBLIC_URL is right, and leads here.",
    "copilot.yaml": "Correct the line that is named, or set the variable that it names.",
    "mail server": "See whether COPILOT_SMTP_URL is right.",
    "language model": "See whether COPILOT_LLM_BASE_URL, COPILOT_LLM_MODEL and COPILOT_LLM_API_KEY are right.",
}


async def examine(settings: Settings, patience_s: float = PATIENCE_S) -> list[Finding]:
    """Return what was found, in the order in which it should be mended; each look takes `patience_s` at the most."""
    checks: dict[str, Check] = {
        "catalog.yaml": partial(own.catalog, settings),
        "actions.yaml": partial(own.actions, settings),
        "monitors.yaml": partial(own.monitors, settings),
        "time zones": own.zones,
        "database": partial(own.database, settings),
        "Slack": partial(chat.token, settings),
        "Slack socket": partial(chat.socket, settings),
        "Slack channels": partial(chat.channels, settings),
        "webhooks": partial(outside.webhooks, settings),
        "copilot.yaml": partial(outside.plugins, settings),
        "mail server": partial(outside.mail_server, settings),
        "language model": partial(outside.model, settings),
    }
    found = await asyncio.gather(*(_tried(what, check, patience_s) for what, check in checks.items()))
    return [_without_secrets(one, settings) for some in found for one in some]


def lines(findings: Sequence[Finding]) -> list[str]:
    """Return the findings as a table to print, each failure with its fix on a line of its own."""
    width = max((len(one.what) for one in findings), default=0)
    said = []
    for one in findings:
        said.append(f"{'ok  ' if one.is_well else 'FAIL'}  {one.what:<{width}}  {one.said}")
        said += [f"      {'':<{width}}  fix: {one.fix}"] if one.fix and not one.is_well else []
    return said


async def _tried(what: str, check: Check, patience_s: float) -> list[Finding]:
    try:
        async with asyncio.timeout(patience_s):
            return await check()
    except TimeoutError:
        return [Finding(what, False, f"no answer in {patience_s:g} s", _FIXES[what])]
    except ConfigError as error:
        # It names its own fix, which may be in another place than what was looked at.
        return [Finding(what, False, str(error), _FIXES[what] if what.endswith(".yaml") else "")]
    except CopilotError as error:
        return [Finding(what, False, str(error), _FIXES[what])]


def _without_secrets(finding: Finding, settings: Settings) -> Finding:
    """What is found is shown in Slack too, where more people read than on this machine."""
    secrets = [shown(value) or "" for _, value in settings if isinstance(value, SecretStr)]
    said = _USER_IN_URL.sub("", finding.said)
    for part in (one.strip() for secret in secrets for one in secret.split(",")):
        said = said.replace(part, "***") if len(part) > 3 else said
    return finding._replace(said=said)
