"""Untrusted text made inert: nothing from outside may ping, link, disguise itself or break out of its place."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from incident_copilot.domain.redaction import redact
from incident_copilot.domain.visible import visible

CUT_NOTE = " … (shortened)"

_MASS_PING = re.compile(r"@(?=(?:here|channel|everyone)\b)", re.IGNORECASE)
_SCHEME = re.compile(r"\b([a-z][a-z0-9+.-]{1,20}):(?=//|\S)", re.IGNORECASE)
_WWW = re.compile(r"\bwww\.(?=\w)", re.IGNORECASE)
_HTTP_URL = re.compile(r"https?://[^\s<>|\"'`\\)\]]+", re.IGNORECASE)
_CHAT_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
_MENTION = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^>]{0,80})?>")
_UTC_FORMAT = "%Y-%m-%d %H:%M UTC"
_UTC_TIME = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC\b")
_SCRIPT_SCHEMES = frozenset({"javascript", "vbscript"})
_MOST_MARKS = 3
_WORTH_READING = 20_000
"""Nothing longer is ever shown whole, so nothing longer is looked at."""


def clean(text: str) -> str:
    """Return the text without what nobody sees and without secrets of a known shape.

    Tabs become spaces and every kind of line end a newline; of more than three combining marks on one letter three
    stay. Only the first 20,000 characters are looked at.
    """
    text = text[:_WORTH_READING] + (CUT_NOTE if len(text) > _WORTH_READING else "")
    return _few_marks(redact(visible(text.replace("\t", "    "))))


def one_line(text: str, limit: int) -> str:
    """Return clean text on one line of at most `limit` code points, a cut being visible."""
    return cut(" ".join(clean(text).split()), limit)


def lines(text: str, limit: int, most_lines: int = 40) -> str:
    """Return clean text of at most `limit` code points and `most_lines` lines, a cut being visible."""
    kept = clean(text).strip("\n").split("\n")
    more = len(kept) - most_lines
    shown = "\n".join(line.rstrip() for line in kept[:most_lines])
    if more <= 0:
        return cut(shown, limit)
    note = f"\n… ({more} more lines)"
    return cut(shown, limit - len(note)) + note


def cut(text: str, limit: int) -> str:
    """Return at most `limit` code points, ending in a note when something was cut off."""
    if len(text) <= limit:
        return text
    if limit <= len(CUT_NOTE) + 10:
        return text[: max(0, limit - 1)] + "…"
    return text[: limit - len(CUT_NOTE)].rstrip() + CUT_NOTE


def escape(text: str, limit: int) -> str:
    """Return clean text that Slack's mrkdwn shows literally: & < > escaped, mass pings and links made harmless.

    The limit counts the escaped characters, and no entity is cut in two.
    """
    calm = defang(_MASS_PING.sub("\uff20", clean(text)))
    shown = calm.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if len(shown) <= limit:
        return shown
    return re.sub(r"&[a-z]{0,3}$", "", shown[: limit - len(CUT_NOTE)]).rstrip() + CUT_NOTE


def bare(text: str, limit: int) -> str:
    """Return clean text on one line for places that know no markup and may read some all the same, such as a topic."""
    calm = defang(_MASS_PING.sub("\uff20", one_line(text, limit)))
    return cut(calm.replace("<", "\u2039").replace(">", "\u203a"), limit)


def defang(text: str) -> str:
    """Return the text with its links readable and not clickable: hxxps://evil.example, www[.]evil.example."""
    return _WWW.sub("www[.]", _SCHEME.sub(_harmless, text))


def link(url: str | None) -> str | None:
    """Return a web address that may become a link, else None: http or https, with a host and without user."""
    if not url or len(url) > 2900 or url != clean(url) or re.search(r"[\s<>|\"'`\\]", url):
        return None
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    return url if is_web and port_is_fine else None


def host(url: str) -> str:
    """Return the host of a web address, so that people see where a link leads."""
    return urlsplit(url).hostname or ""


def web_links(text: str) -> list[tuple[str, bool]]:
    """Split text into pieces; True marks one that is a plain web address."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in _HTTP_URL.finditer(text):
        url = found.group().rstrip(".,;:!?")
        if link(url) is None:
            continue
        pieces += [(text[end : found.start()], False), (url, True)]
        end = found.start() + len(url)
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]


def chat_id(text: str) -> str | None:
    """Return the text when it is the id of a person in the workspace, else None."""
    return text if _CHAT_ID.fullmatch(text) else None


def people_named(text: str, people: frozenset[str] | None = None) -> list[tuple[str, bool]]:
    """Split text at mentions such as <@U1> of `people`, or of anybody when None; True marks a person's id."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in _MENTION.finditer(text):
        if people is None or found.group(1) in people:
            pieces += [(text[end : found.start()], False), (found.group(1), True)]
            end = found.end()
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]


def to_one_person(text: str, limit: int = 2_500) -> str:
    """Return mrkdwn for one person's eyes: all of it literal but mentions, which notify nobody there."""
    pieces = people_named(text)
    return "".join(f"<@{piece}>" if is_person else escape(piece, limit) for piece, is_person in pieces)


def in_lines(rows: Sequence[str], limit: int, most: int) -> str:
    """Return rows for one person's eyes, a line each, saying how many were left out."""
    more = len(rows) - most
    shown = [*rows[:most], *([f"and {more} more"] if more > 0 else [])]
    return "\n".join(to_one_person(row, limit) for row in shown)


def when(at: datetime) -> str:
    """Return a time that every reader sees in their own zone, with UTC for those who cannot."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{utc(at)}>"


def utc(at: datetime) -> str:
    """Return a time in UTC as text."""
    return f"{at:{_UTC_FORMAT}}"


def times_in(text: str) -> list[tuple[str, datetime | None]]:
    """Split text into pieces; each that is a time as `utc` writes it comes with that time."""
    pieces: list[tuple[str, datetime | None]] = []
    end = 0
    for found in _UTC_TIME.finditer(text):
        try:
            at = datetime.strptime(found.group(), _UTC_FORMAT).replace(tzinfo=UTC)
        except ValueError:
            continue
        pieces += [(text[end : found.start()], None), (found.group(), at)]
        end = found.end()
    return [piece for piece in [*pieces, (text[end:], None)] if piece[0]]


def _few_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _harmless(found: re.Match[str]) -> str:
    scheme = found.group(1).lower()
    is_link = found.string[found.end() : found.end() + 2] == "//"
    if scheme in ("http", "https") and is_link:
        return f"hxxp{scheme[4:]}:"
    return f"{found.group(1)}[:]" if is_link or scheme in _SCRIPT_SCHEMES else found.group()
