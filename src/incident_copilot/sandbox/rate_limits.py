"""Slack's rate limits: a small burst of messages per channel, then one a second; so many calls a minute per method."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from incident_copilot.sandbox.timing import Timing
from incident_copilot.sandbox.wire import Refused


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimits:
    def __init__(self, now: Callable[[], float], timing: Timing) -> None:
        self._now = now
        self._timing = timing
        self._buckets: dict[str, _Bucket] = {}

    def post(self, channel: str) -> None:
        """Counts a message into this channel. Raises: Refused ratelimited with `retry_after`."""
        self._take(f"post {channel}", self._timing.burst, 1 / self._timing.post_interval_s)

    def call(self, method: str, per_minute: int) -> None:
        """Counts a call. Raises: Refused ratelimited with `retry_after`."""
        self._take(method, per_minute, per_minute / self._timing.minute_s)

    def _take(self, name: str, capacity: float, per_second: float) -> None:
        now = self._now()
        bucket = self._buckets.setdefault(name, _Bucket(capacity, now))
        bucket.tokens = min(capacity, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.tokens < 1:
            wait = max(1, math.ceil((1 - bucket.tokens) / per_second))
            raise Refused("ratelimited", f"{name}: wait {wait} s", retry_after=wait)
        bucket.tokens -= 1
