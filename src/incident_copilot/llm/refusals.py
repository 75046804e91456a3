"""What an error of a server means: in words of ours, and whether to ask again, or with less."""

import email.utils
import math
import re
import time
from collections.abc import Mapping
from typing import Any

from openai import APIStatusError

from incident_copilot.llm.wire import Trouble

RETRIED = frozenset({0, 408, 425, 429, 500, 502, 503, 504, 529})
"""0 is an error in the middle of an answer."""
NOT_ITS_FAULT = frozenset({400, 413, 422})
NO_MONEY, TOO_LONG, REFUSED = "its account has no money left", "the question is too long for it", "it refused"
_OF_LENGTH = (
    r"context[ _]?(?:length|size|window)|input length|prompt is too long|input token count|request too large"
    r"|too large for model|tokens to keep|`inputs`"
)
_BY_WORDS = (
    (NO_MONEY, r"insufficient[ _](?:quota|balance|credits)|credit balance"),
    (TOO_LONG, _OF_LENGTH),
    (REFUSED, r"content_filter|content management policy|usage polic(?:y|ies)|flagged|moderation"),
    ("it gives no answers as long as is set", r"supports at most|valid range of max_tokens"),
)
"""What no other form of the question would change, by the words of the servers in docs/model.md."""
_BY_STATUS = {
    0: "it failed while it answered",
    401: "it does not accept the key",
    402: NO_MONEY,
    403: "it does not accept the key",
    404: "it has no such model or address",
    413: TOO_LONG,
    429: "it is asked too much",
    503: "it is not ready",
}
_ECHOES = frozenset({"input", "ctx", "flagged_input"})
"""Fields of errors that repeat what was sent, whose words say nothing of what is wrong."""


def refused(error: APIStatusError) -> Trouble:
    """Return what an answer means that has the status of an error."""
    return _meaning(error.status_code, error.body, _asked_to_wait(error.response.headers))


def broken_off(error: Any) -> Trouble:
    """Return what an error means that stands in an answer, which had begun before it was known."""
    code = str(error.get("code")) if isinstance(error, dict) else ""
    return _meaning(int(code) if re.fullmatch("[45][0-9]{2}", code) else 0, error)


def _meaning(status: int, body: object, wait_s: float | None = None) -> Trouble:
    said = _words(body)
    by_words = next((reason for reason, words in _BY_WORDS if re.search(words, said.lower())), None)
    reason = by_words or _BY_STATUS.get(status) or _otherwise(status)
    return Trouble(
        f"{reason} ({status})" if status else reason,
        status=status,
        said=said,
        is_servers=by_words not in {TOO_LONG, REFUSED} if by_words else status not in NOT_ITS_FAULT,
        wait_s=wait_s,
        may_retry=status in RETRIED and by_words is None,
        may_ask_less=by_words is None,
        is_too_long=reason == TOO_LONG,
    )


def _otherwise(status: int) -> str:
    if status >= 500:
        return "it failed"
    return "its address leads elsewhere" if status < 400 else "it does not accept the question"


def _words(body: object) -> str:
    found: list[str] = []
    left = [body]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += [value for name, value in one.items() if name not in _ECHOES]
        elif isinstance(one, list):
            left += one
        else:
            found.append(str(one))
    return " ".join(found)


def _asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Azure's milliseconds, or Retry-After, in seconds or as a date (RFC 9110, 10.2.3)."""
    for name, parts in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            wait_s = float(headers.get(name, "")) / parts
        except ValueError:
            continue
        if math.isfinite(wait_s):
            return max(wait_s, 0.0)
    try:
        return max(email.utils.parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None
