"""Tells what kind of trouble a metric's name or a message speaks of, and of which resource."""

import re
from typing import Literal

from incident_copilot.analysis.words import tokens

MetricClass = Literal["errors", "saturation", "latency", "traffic", "other"]
Trouble = Literal["saturation", "unreachable"]

# First match wins: `db_pool_wait_seconds` is saturation, `request_duration_seconds` latency, `requests_total` traffic.
_CLASS_WORDS: dict[MetricClass, str] = {
    "errors": """error err fail failure failed exception fault 5xx 4xx 500 502 503 504 rejected
        availability success successful uptime""",
    "saturation": """cpu mem memory heap rss disk filesystem inode pool connection conn queue backlog lag utilization
        utilisation usage saturation throttled throttling throttle inflight progress thread fd file iops credit
        conntrack quota load swap depth pending oom restart evicted eviction free freeable""",
    "latency": "latency duration second m ms p50 p90 p95 p99 response elapsed delay wait slow",
    "traffic": """request rps qps throughput traffic hit call message rate session order invocation
        workload ops""",
}
_CLASSES = {kind: frozenset(words.split()) for kind, words in _CLASS_WORDS.items()}
_FREE = frozenset({"free", "freeable", "available", "remaining", "idle"})
_GOOD = frozenset({"availability", "success", "successful", "uptime"})
_RESOURCES: tuple[tuple[str, frozenset[str]], ...] = (
    ("connection pool", frozenset({"pool"})),
    ("connections", frozenset({"connection", "conn", "conntrack"})),
    ("CPU", frozenset({"cpu", "load", "throttled", "throttling", "throttle", "credit"})),
    ("memory", frozenset({"mem", "memory", "heap", "rss", "oom", "swap", "evicted", "eviction"})),
    ("disk", frozenset({"disk", "filesystem", "inode", "iops", "storage", "space", "device"})),
    ("queue", frozenset({"queue", "backlog", "lag", "depth", "pending"})),
    ("threads", frozenset({"thread", "worker", "inflight", "progress"})),
    ("file descriptors", frozenset({"fd", "file"})),
    ("quota", frozenset({"quota", "limit", "rate", "429"})),
)
_STATUS_MATCHER = re.compile(r"\b5(?:\.\.|\.\*|\\d\\d)")  # as PromQL writes server errors
_COUNTED = re.compile(r"_(?:seconds|milliseconds|ms)_count\b|per[ _-]?(?:second|sec|minute|min)\b|/s\b", re.IGNORECASE)
_SPAN = re.compile(r"\d+(?:ms|[smhdwy])\b")  # the 5m of a range or of a recording rule's name is no unit
_SATURATED = re.compile(
    r"pool limit|too many (?:connections|open files|requests)|exhaust|out of memory|oom-?kill|no space left|quota"
    r"|rate.?limit|\b429\b|throttl|queue (?:is )?full|limit .{0,40}reached|max\w* .{0,40}(?:reached|exceeded)"
    r"|remaining connection slots|overload|backpressure",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(
    r"connection (?:refused|reset|closed|aborted)|timed? ?out|deadline exceeded|unreachable|no route"
    r"|no such host|name resolution|nxdomain|broken pipe|unavailable|bad gateway|\b50[234]\b|upstream",
    re.IGNORECASE,
)


def classify_metric(name: str) -> MetricClass:
    """Return what a metric of this name measures; labels in the name count too."""
    words = _words(name)
    return next((kind for kind, known in _CLASSES.items() if words & known), "other")


def measures_what_is_left(name: str) -> bool:
    """Return whether the metric counts what is free, so that falling is the bad direction."""
    return bool(_words(name) & _FREE)


def measures_success(name: str) -> bool:
    """Return whether the metric counts or rates what succeeds, so that falling is the bad direction."""
    return bool(_words(name) & _GOOD)


def worsens(name: str, direction: Literal["up", "down", "flat"]) -> bool:
    """Return whether a metric of this name tells of trouble where it moves that way.

    Less traffic does not: it is what trouble elsewhere does. A metric of no known kind does, either way.
    """
    kind = classify_metric(name)
    if kind == "other":
        return direction != "flat"
    falls = measures_what_is_left(name) if kind == "saturation" else kind == "errors" and measures_success(name)
    return direction == ("down" if falls else "up")


def resource_of(text: str) -> str:
    """Return the resource that a metric's name or a message is about; `capacity` when none is named."""
    words = _words(text)
    return next((resource for resource, known in _RESOURCES if words & known), "capacity")


def trouble_of(message: str) -> Trouble | None:
    """Return what a message complains about: something used up, something not answering, or None."""
    if _SATURATED.search(message):
        return "saturation"
    return "unreachable" if _UNREACHABLE.search(message) else None


def _words(text: str) -> set[str]:
    """Return the tokens of `text` and its words with digits, such as `5xx` and `p99`, kept whole."""
    plain = _STATUS_MATCHER.sub("5xx", _COUNTED.sub("requests", _SPAN.sub(" ", text)))
    return set(tokens(plain)) | set(re.findall(r"[0-9a-z]+", plain.lower()))
