"""What is reached over the network beside Slack: the copilot's own address, plugins, mail server, language model."""

import asyncio
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from incident_copilot import app
from incident_copilot.domain.finding import Finding
from incident_copilot.errors import VendorError
from incident_copilot.model_trial import try_model
from incident_copilot.pipeline import consult
from incident_copilot.plugins import Config, Plugins, build, load_config
from incident_copilot.ports import Checked
from incident_copilot.settings import Settings
from incident_copilot.settled import environment, longest_wait_s, mailer_of, shown
from incident_copilot.slack import checkup
from incident_copilot.slack.manifest import EVENTS_PATH
from incident_copilot.vendors import outbound

_WAIT_S = 5.0
_NOT_HERE = "Start it with `incident-copilot serve`, or let COPILOT_PUBLIC_URL and the proxy lead to it."


async def webhooks(settings: Settings) -> list[Finding]:
    """Go to the copilot's own address and back, for each alert source; not looked at where nothing listens yet."""
    here = f"http://{_host(settings.host)}:{settings.port}"
    base = (settings.public_url or here).rstrip("/")
    named = frozenset(filter(None, (urlsplit(one).hostname for one in (here, base))))
    async with outbound.client(named, settings.ca_file) as http:
        if not await _listens(http, here):
            said = f"not looked at: nothing listens at {here}; again while `incident-copilot serve` runs"
            return [Finding("webhooks", True, said)]
        found = [await _health(http, base)]
        if found[0].is_well:
            sources = [one.name for one in load_config(settings.config_file).instances if one.kind == "alert_sources"]
            found += [await _webhook(http, f"{base}/webhooks/{name}", name) for name in sources]
            found += await _slack_requests(http, base, shown(settings.slack_signing_secret))
        return found


async def plugins(settings: Settings) -> list[Finding]:
    """Ask each plugin that can be asked whether it reaches what it is for. Raises ConfigError."""
    config = load_config(settings.config_file)
    named = outbound.hosts_in(one.options for one in config.instances)
    async with outbound.client(named, settings.ca_file) as http:
        built = build(config, http, app.now, environment(), longest_wait_s(settings))
        context, others = await asyncio.gather(consult.check(built.context_sources), _others(built))
    found = [_asked("context source", name, problem) for name, problem in context]
    if not found:
        said = f"{_count(config)}; no context sources: briefs know only what alerts say"
        found = [Finding("copilot.yaml", True, said)]
    return [*found, *others]


async def mail_server(settings: Settings) -> list[Finding]:
    """Log in at the mail server, where one is set. Raises VendorError, ConfigError."""
    mailer = mailer_of(settings)
    if mailer is None:
        return [Finding("mail server", True, "none is set: nobody is told by e-mail while Slack is away")]
    await mailer.check()
    return [Finding("mail server", True, "takes the login")]


async def model(settings: Settings) -> list[Finding]:
    """Ask the language model something small, where one is named; the question is in the costs."""
    tried = await try_model(settings, only_once=True)
    if not tried:
        return [Finding("language model", True, "none is named: code words the briefs")]
    said = "; ".join(line.strip() for one in tried for line in one.lines)
    is_usable = all(one.is_usable for one in tried)
    fix = "" if is_usable else "See whether the address, the model's name and its key are right."
    return [Finding("language model", is_usable, said, fix)]


def _host(host: str) -> str:
    """Where this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104 -- a name to look up


async def _listens(http: httpx.AsyncClient, base: str) -> bool:
    try:
        await http.get(f"{base}/healthz", timeout=_WAIT_S)
    except httpx.HTTPError:
        return False
    return True


async def _health(http: httpx.AsyncClient, base: str) -> Finding:
    began = time.monotonic()
    status, said = await _answer(http, "GET", f"{base}/healthz")
    took_ms = (time.monotonic() - began) * 1000
    if status != 200:
        return Finding("webhooks", False, f"{base}/healthz: {status or said}", _NOT_HERE)
    return Finding("webhooks", True, f"{base} leads here, there and back in {took_ms:.0f} ms")


async def _webhook(http: httpx.AsyncClient, url: str, name: str) -> Finding:
    """A GET changes nothing, and only a webhook that is there answers that it wants a POST."""
    status, said = await _answer(http, "GET", url)
    if status == 405:
        return Finding(f"webhook {name}", True, f"{url} takes webhooks")
    fix = "Start the copilot again: copilot.yaml has changed since." if status == 404 else _NOT_HERE
    return Finding(f"webhook {name}", False, f"{url}: {status or said}", fix)


async def _slack_requests(http: httpx.AsyncClient, base: str, secret: str | None) -> list[Finding]:
    """Ask as Slack does when an address is entered on its page."""
    if secret is None:
        return []
    body, headers = checkup.handshake(secret.partition(",")[0].strip(), app.now())
    status, said = await _answer(http, "POST", f"{base}{EVENTS_PATH}", body, headers)
    if status == 200 and checkup.CHALLENGE in said:
        return [Finding("Slack requests", True, f"{base}{EVENTS_PATH} answers what is signed")]
    fix = "Set COPILOT_SLACK_SIGNING_SECRET to the secret on the app's page, and let the proxy hand on /slack/."
    return [Finding("Slack requests", False, f"{base}{EVENTS_PATH}: {status or said}", fix)]


async def _answer(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    body: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int | None, str]:
    """Return status and text, or None and why there is no answer."""
    content = json.dumps(body) if body else None
    try:
        answer = await http.request(method, url, content=content, headers=headers, timeout=_WAIT_S)
    except (httpx.HTTPError, VendorError) as error:
        return None, f"no answer: {type(error).__name__}"
    return answer.status_code, answer.text


async def _others(built: Plugins) -> list[Finding]:
    """What is no context source and can be asked."""
    asked = [("silence source", name, one.silences) for name, one in built.silence_sources.items()]
    kinds: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("action", built.actions),
        ("comms channel", built.comms_channels),
        ("postmortem target", built.postmortem_targets),
        ("tracker", built.trackers),
    )
    checks = [(kind, name, one.check) for kind, some in kinds for name, one in some.items() if isinstance(one, Checked)]
    found = []
    for kind, name, check in [*asked, *checks]:
        found.append(_asked(kind, name, await consult.problem_of(name, check)))
    return found


def _asked(kind: str, name: str, problem: str | None) -> Finding:
    said, _, fix = (problem or "answers").partition("; ")
    return Finding(f"{kind} {name}", problem is None, said, f"{fix[:1].upper()}{fix[1:]}." if fix else "")


def _count(config: Config) -> str:
    number = sum(one.kind == "alert_sources" for one in config.instances)
    return f"{number} alert {'source' if number == 1 else 'sources'}"
