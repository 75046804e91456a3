"""The documents that are checked, and how they are read."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [*DOCS, *sorted((ROOT / "runbooks").glob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_QUOTED = re.compile(r"`([^`\n]+)`")


def everything():
    """The text of all documents that describe the copilot."""
    return "\n".join(page.read_text(encoding="utf-8") for page in DOCS)


def quoted(page):
    """What a page puts between backticks, outside of fenced blocks."""
    return _QUOTED.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def fenced(page, first_line):
    """The one fenced block of a page that begins with this line."""
    blocks = [body for _, body in _FENCE.findall(page.read_text(encoding="utf-8")) if body.startswith(first_line)]
    (block,) = blocks
    return block


def relative_links(page):
    """The targets of a page's links that are no addresses."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return [target for target in _LINK.findall(text) if not re.match(r"[a-z]+:", target)]


def anchors(page):
    """The fragments that a page's headings can be reached under, as GitHub makes them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
