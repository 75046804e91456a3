"""Reads an e-mail that a mail service or server hands over: who wrote it, its subject, its text without markup.

Strangers write e-mails: all is bounded, odd encodings are read as well as they can be, and nothing in them raises.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser, HeaderParser
from urllib.parse import parse_qsl

from incident_copilot.vendors.bodies import storable

LONGEST_TEXT, LONGEST_HTML = 20_000, 200_000
LONGEST_MESSAGE, LONGEST_HEADERS, LONGEST_HEADER = 128 * 1024, 32_000, 2_000
"""The time that Python's parser of e-mails takes grows with the square of what is made to hurt it."""
MOST_PARTS, MOST_FIELDS = 20, 1000
_BLOCKS = frozenset(
    {"p", "br", "div", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"}
)
_UNSEEN = frozenset({"script", "style", "head", "title", "template"})
# Not html.parser: half a minute for 50 KB of "<a <a <a".
_TAG = re.compile(r"(<[^<>]*>)")
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")


@dataclass(frozen=True)
class InboundMail:
    """One e-mail; `sender` is the bare address in small letters, what is missing is empty."""

    sender: str
    subject: str
    text: str = ""
    message_id: str = ""
    date: str = ""
    auto_submitted: str = ""

    @classmethod
    def of(cls, sender: str, subject: str, *, text: str, markup: str, headers: Mapping[str, str]) -> "InboundMail":
        """Return an e-mail that was taken apart already; names of headers are in small letters."""
        shown = text if text.strip() else text_of_html(markup)
        return cls(
            sender=address(sender or headers.get("from", "")),
            subject=" ".join(decoded(subject or headers.get("subject", "")).split()),
            text=storable(shown[:LONGEST_TEXT]).strip(),
            message_id=headers.get("message-id", "").strip().strip("<>"),
            date=headers.get("date", "").strip(),
            auto_submitted=headers.get("auto-submitted", "").strip().lower(),
        )


def of_message(raw: bytes) -> InboundMail:
    """Return the e-mail that a message as of RFC 822 is; of one with very many parts only its headers are read."""
    raw = raw.lstrip()[:LONGEST_MESSAGE]
    many = raw.lower().count(b"boundary=") > MOST_PARTS
    message = BytesParser().parsebytes(raw, headersonly=many)
    texts: dict[str, str] = {}
    for part in () if many else message.walk():
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
            texts.setdefault(kind, _content(part))
    return InboundMail.of(
        "", "", text=texts.get("text/plain", ""), markup=texts.get("text/html", ""), headers=_headers(message)
    )


def headers_of(text: str) -> dict[str, str]:
    """Return headers that come as a text, by names in small letters; of several the first."""
    return _headers(HeaderParser().parsestr(text[:LONGEST_HEADERS], headersonly=True))


def form(body: bytes) -> dict[str, str]:
    """Return the fields of a form, multipart or not, without its files; of several of one name the first."""
    if body.startswith(b"--"):
        return _multipart(body)
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)[:MOST_FIELDS]
    return {name: storable(value) for name, value in reversed(pairs)}


def _multipart(body: bytes) -> dict[str, str]:
    """Split at the boundary, which is the first line; parts of a form hold no further parts."""
    boundary = body.partition(b"\n")[0].rstrip()
    fields: dict[str, str] = {}
    for part in body.split(boundary)[1:MOST_FIELDS]:
        head, _, content = part.replace(b"\r\n\r\n", b"\n\n", 1).lstrip(b"\r\n").partition(b"\n\n")
        header = HeaderParser().parsestr(head[:LONGEST_HEADER].decode("utf-8", "replace"), headersonly=True)
        name = header.get_param("name", header="content-disposition")
        if isinstance(name, str) and header.get_filename() is None:
            fields.setdefault(name, storable(_as_text(content, header.get_content_charset())).rstrip("\r\n"))
    return fields


def address(written: str) -> str:
    """Return the bare address of "Name <address>" in small letters, the last where there are several, or ""."""
    found = _ADDRESS.findall(decoded(written))
    return found[-1].lower() if found else ""


def decoded(header: str) -> str:
    """Return a header without its encoding; where that is broken, as it is."""
    header = header[:LONGEST_HEADER]
    try:
        return storable(str(make_header(decode_header(header))))
    except (HeaderParseError, LookupError, ValueError):
        return storable(header)


def text_of_html(written: str) -> str:
    """Return what of HTML people read, a line for each block; no markup, script or address is left."""
    lines = (" ".join(line.split()) for line in "".join(_pieces(_without_comments(written[:LONGEST_HTML]))).split("\n"))
    return "\n".join(line.replace(" : ", ": ") for line in lines if line)


def _pieces(written: str) -> Iterator[str]:
    """Yield texts, and a newline for each block; cells beside each other are a name and its value."""
    unseen, before = "", "\n"
    for piece in _TAG.split(written):
        named = _TAG_NAME.match(piece)
        tag = named.group(1).lower() if named else ""
        if unseen:
            unseen = "" if tag == unseen and piece.startswith("</") else unseen
        elif tag in _UNSEEN and not piece.startswith("</"):
            unseen = tag
        elif tag in _BLOCKS:
            yield (before := "\n")
        elif tag in ("td", "th") and before != "\n" and not piece.startswith("</"):
            yield " " if before.endswith(":") else ": "
        elif not piece.startswith("<"):
            shown = html.unescape(piece).replace("\n", " ")
            yield shown
            before = shown.strip() or before


def _without_comments(written: str) -> str:
    kept = []
    while written:
        shown, _, rest = written.partition("<!--")
        kept.append(shown)
        written = rest.partition("-->")[2]
    return "".join(kept)


def _headers(message: Message) -> dict[str, str]:
    # Reversed, so that of two the first stays: those below were there before, and may be anybody's.
    return {name.lower(): storable(str(value))[:LONGEST_HEADER] for name, value in reversed(message.items())}


def _content(part: Message) -> str:
    content = part.get_payload(decode=True)
    return _as_text(content if isinstance(content, bytes) else b"", part.get_content_charset())


def _as_text(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
