"""What the demo adds to the sandbox: the bot's process, scenarios, links and further apps on the same port."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

from incident_copilot.sandbox.wire import Json


def _no_bot() -> Json:
    return {"running": False, "pid": None, "restarts": 0, "can_kill": False}


@dataclass(frozen=True, slots=True)
class SandboxHooks:
    """`bot_status` answers {"running", "pid", "restarts", "can_kill"}; a scenario has name, title and description."""

    kill_bot: Callable[[], Awaitable[None]] | None = None
    bot_status: Callable[[], Json] = _no_bot
    start_scenario: Callable[[str], Awaitable[None]] | None = None
    scenarios: Callable[[], Sequence[Json]] = tuple
    links: Callable[[], Sequence[Json]] = tuple


@dataclass(frozen=True, slots=True)
class Mount:
    """Another ASGI app served under `path`, as the world is under /world."""

    path: str
    app: ASGIApp
