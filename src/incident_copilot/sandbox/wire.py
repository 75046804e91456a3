"""The words the sandbox shares with Slack's wire: raw JSON, refusals and the clock of message timestamps."""

import uuid
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """Slack would answer `ok: false` with this error name; `detail` says why in words, `extra` joins the answer."""

    def __init__(self, error: str, detail: str = "", **extra: Any) -> None:
        super().__init__(f"{error}: {detail}" if detail else error)
        self.error = error
        self.detail = detail
        self.extra = extra


def new_id(prefix: str) -> str:
    """A Slack-like id, never the same twice: a restarted sandbox must not collide with what an app stored."""
    return prefix + uuid.uuid4().hex[:10].upper()


class Timestamps:
    """Message timestamps: strictly increasing, as Slack's are within a channel."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last_us = 0

    def next(self) -> str:
        self._last_us = max(int(self._now() * 1_000_000), self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"
