"""make demo: everything runs until Ctrl+C; the person plays."""

import asyncio
import contextlib
import os
import sys
import webbrowser
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from incident_copilot.demo import files
from incident_copilot.demo.stage import Stage, on_stage

FIRST_ALERT_AFTER_S = 3.0
SHOWN_FIRST = "bad_deploy"


async def interactive(port: int, *, open_page: bool, settings: Mapping[str, str] | None = None) -> None:
    """Run the demo until cancelled; `settings` are further variables for the copilot."""
    folder = Path("var/demo") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    async with on_stage(folder, port, settings) as stage:
        _tell(stage)
        if open_page and _has_screen():
            await asyncio.to_thread(_open, stage.sandbox.page_url)
        await asyncio.sleep(FIRST_ALERT_AFTER_S)
        await stage.play(SHOWN_FIRST)
        await asyncio.Event().wait()


def _has_screen() -> bool:
    """Without one, a browser for terminals would take this one over."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(url: str) -> None:
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(url)


def _tell(stage: Stage) -> None:
    body = (
        '{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"DiskAlmostFull",'
        '"service":"search","severity":"critical"},"annotations":{"summary":"Disk of search is 97 % full"},'
        f'"startsAt":"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"' + "}]}"
    )
    lines = [
        "",
        f"  The workspace is at  {stage.sandbox.page_url}",
        "  In a few seconds an alert fires: 20 % of checkout's requests fail.",
        "",
        "  Read the incident channel. Act as Ana (on call), Ben (commander), Cara (comms) or Gus (guest).",
        "  Reject or approve what is proposed, type /incident help, kill the bot with the button, resolve.",
        "",
        "  Send an alert of your own:",
        "",
        f"    curl -sS {stage.webhook_url} -H 'Authorization: Bearer {files.SECRET}' \\",
        f"      -H 'Content-Type: application/json' -d '{body}'",
        "",
        f"  Check the decision log:  COPILOT_DATABASE_URL=sqlite+aiosqlite:///{stage.folder}/copilot.db \\",
        "    .venv/bin/incident-copilot verify-log",
        "",
        f"  The copilot's own log is {stage.folder}/copilot.log. Ctrl+C ends the demo.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
