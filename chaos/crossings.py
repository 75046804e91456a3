"""Crossings: where a process commits or calls somebody; at any one of them it can be killed or stopped."""

import asyncio
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import aiohttp
import greenlet
import httpx
from sqlalchemy.engine.default import DefaultDialect

OURS = "incident_copilot"


@dataclass(frozen=True)
class Strike:
    """What happens at which crossing: SIGKILL, or SIGSTOP."""

    at: int
    signal: int = signal.SIGKILL


class Crossings:
    """Counts the crossings of this process; where it is struck it says in `note` where that was."""

    def __init__(self, strike: Strike | None, note: Path) -> None:
        self.count = 0
        self._strike = strike
        self._note = note

    def watch(self) -> None:
        """Count from now on: before and after every COMMIT, before every HTTP call and after its answer arrived."""
        self._watch_commits()
        self._watch_httpx()
        self._watch_aiohttp()

    def cross(self, what: str) -> None:
        """One more."""
        self.count += 1
        if self._strike is None:
            self._note.write_text(str(self.count))
        elif self.count == self._strike.at:
            self._note.write_text("\n".join([f"{self.count}: {what}", *_where()]))
            os.kill(os.getpid(), self._strike.signal)

    def _watch_commits(self) -> None:
        commit = DefaultDialect.do_commit

        def crossed(dialect: DefaultDialect, connection: Any) -> None:
            self.cross("before COMMIT")
            commit(dialect, connection)
            self.cross("after COMMIT")

        DefaultDialect.do_commit = crossed  # type: ignore[method-assign]

    def _watch_httpx(self) -> None:
        send = httpx.AsyncHTTPTransport.handle_async_request

        async def crossed(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            self.cross(f"before {request.method} {request.url.path}")
            response = await send(transport, request)
            self.cross(f"after {request.method} {request.url.path}")
            return response

        httpx.AsyncHTTPTransport.handle_async_request = crossed  # type: ignore[method-assign]

    def _watch_aiohttp(self) -> None:
        send = aiohttp.ClientSession._request  # noqa: SLF001 -- all requests of a session go through it

        async def crossed(session: aiohttp.ClientSession, method: str, url: Any, **kwargs: Any) -> Any:
            self.cross(f"before {method} {url}")
            response = await send(session, method, url, **kwargs)
            self.cross(f"after {method} {url}")
            return response

        aiohttp.ClientSession._request = crossed  # type: ignore[method-assign]  # noqa: SLF001


def _where() -> list[str]:
    """Return our own lines of the stack, innermost last; SQLAlchemy commits in a greenlet, its caller is the parent."""
    frames: list[FrameType | None] = [sys._getframe(1)]  # noqa: SLF001 -- there is no other way to a frame
    parent = greenlet.getcurrent().parent
    if parent:
        frames.append(parent.gr_frame)
    stack = [line for frame in reversed(frames) if frame for line in traceback.extract_stack(frame)]
    try:
        task = asyncio.current_task()
    except RuntimeError:  # the thread in which webhooks are stored has no tasks
        task = None
    lines = [f"{Path(line.filename).name}:{line.lineno} {line.name}" for line in stack if OURS in line.filename]
    return [f"task {task.get_name() if task else '-'}", *lines[-8:]]
