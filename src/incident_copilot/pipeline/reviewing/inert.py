"""Make text from outside harmless before it is rendered: visible, without secrets, links that lead to the web."""

import re
from urllib.parse import quote, urlsplit

from incident_copilot.domain.redaction import redact
from incident_copilot.domain.visible import visible

_CALLS = re.compile(r"@(?=\w)")
_OPENS = re.compile(r"<(?=[@!#/a-z])", re.IGNORECASE)
_KEPT_IN_LINKS = "/:?#[]@!$&*+,;=%~-._"


def one_line(text: str) -> str:
    """Return visible text without line breaks."""
    return " ".join(redact(visible(text)).split())


def dead(text: str) -> str:
    """Return text on one line that links to nothing and calls nobody, in whichever chat, mail or issue it ends up."""
    calm = one_line(text).replace("://", "[:]//").replace("www.", "www[.]")
    return _CALLS.sub("\uff20", _OPENS.sub("\u2039", calm))


def lines(text: str) -> list[str]:
    """Return the visible lines of a text, without empty ones at its end."""
    return [line.rstrip() for line in redact(visible(text)).rstrip().split("\n")]


def link(url: str | None) -> str | None:
    """Return a link to the web that breaks out of nothing, or None for anything else."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return quote(visible(str(url)), safe=_KEPT_IN_LINKS)


def host(url: str) -> str:
    """Return the host that a link leads to, for people to see before they follow it."""
    return urlsplit(url).hostname or ""
