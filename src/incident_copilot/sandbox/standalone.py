"""The sandbox by itself, for `incident-copilot sandbox`: any Slack app can be developed against it."""

import asyncio
from collections.abc import Callable
from typing import Any

from incident_copilot.sandbox.sandbox import Sandbox


async def serve(port: int, ready: Callable[[Sandbox], None], **options: Any) -> None:
    """Runs until cancelled; `ready` gets the sandbox to tell its addresses and tokens. `options` as Sandbox.running."""
    async with Sandbox.running(port=port, **options) as sandbox:
        ready(sandbox)
        await asyncio.Event().wait()
