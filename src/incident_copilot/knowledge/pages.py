"""Turn a wiki's page into Markdown: headings, paragraphs, lists, code and tables, without what decorates it."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

_SKIPPED = frozenset(
    {"script", "style", "nav", "header", "footer", "aside", "form", "noscript", "svg", "head", "template"}
)
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "table", "tr", "ul", "ol", "blockquote", "body", "main", "dl", "dt", "dd"}
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MAIN = frozenset({"main-content", "content-body", "wiki-content"})
_NEVER_CLOSED = frozenset({"br", "hr", "img", "input", "link", "meta", "col", "wbr", "area", "source", "embed"})
LONGEST_PAGE = 2_000_000


class Page(NamedTuple):
    """A page's title and its text as Markdown."""

    title: str
    markdown: str


def read_page(html: str) -> Page:
    """The page; of a Confluence export the part that people wrote, without menus and the space's name."""
    reader = _Reader()
    reader.feed(html[:LONGEST_PAGE])
    reader.close()
    reader.end_block()
    # Confluence calls a page "Space : Page".
    title = " ".join("".join(reader.title).split()).rpartition(" : ")[2]
    blocks = reader.main or reader.blocks
    title = title or next((block.lstrip("# ") for block in blocks if block.startswith("#")), "")
    return Page(title=title, markdown="\n\n".join(_joined(blocks)))


def _joined(blocks: list[str]) -> list[str]:
    """Items of a list one under the other, everything else apart."""
    joined: list[str] = []
    for block in blocks:
        if joined and _is_item(block) and _is_item(joined[-1].rpartition("\n")[2]):
            joined[-1] += f"\n{block}"
        else:
            joined.append(block)
    return joined


def _is_item(line: str) -> bool:
    return re.match(r"\s*([-*]|\d+\.) ", line) is not None


class _Reader(HTMLParser):
    """Collects blocks of Markdown; `main` are those of the part that people wrote, where the page names it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.blocks: list[str] = []
        self.main: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._text: list[str] = []
        self._prefix = ""
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin what a tag begins."""
        if tag == "br":
            self._text.append("\n" if self._is_inside({"pre"}) else " ")
        if tag in _NEVER_CLOSED:
            return
        if tag in _BLOCKS or tag in _HEADINGS or tag in {"pre", "li"}:
            self.end_block()
        self._open.append((tag, bool(_MAIN & set((dict(attrs).get("id") or "").split()))))
        if tag in {"ul", "ol"}:
            self._lists.append(0 if tag == "ol" else None)
        if tag == "li":
            self._prefix = self._next_item()
        if tag in {"td", "th"}:
            self._text.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        """End what the nearest such tag began; one that was never begun is ignored."""
        at = next((at for at in range(len(self._open) - 1, -1, -1) if self._open[at][0] == tag), None)
        if at is None:
            return
        if tag in _BLOCKS or tag in _HEADINGS or tag in {"pre", "li"}:
            self.end_block()
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        del self._open[at:]

    def handle_data(self, data: str) -> None:
        """Keep text that people read."""
        if self._is_inside({"title"}):
            self.title.append(data)
        elif not self._is_inside(_SKIPPED):
            self._text.append(data)

    def end_block(self) -> None:
        """Keep what was read since the last block, in the Markdown of what it stands in."""
        raw, self._text = "".join(self._text), []
        is_code = self._is_inside({"pre"})
        text = raw.strip("\n") if is_code else " ".join(raw.split()).strip("| ")
        if not text.strip():
            return
        level = next((_HEADINGS[tag] for tag, _ in reversed(self._open) if tag in _HEADINGS), 0)
        if is_code:
            text = f"```\n{text}\n```"
            # Below the item that it belongs to.
            text = "\n".join(f"   {line}" for line in text.splitlines()) if self._lists else text
        elif level:
            text = f"{'#' * level} {text}"
        block, self._prefix = self._prefix + text, ""
        self.blocks.append(block)
        if any(is_main for _, is_main in self._open):
            self.main.append(block)

    def _next_item(self) -> str:
        indent = "   " * (len(self._lists) - 1)
        if not self._lists or self._lists[-1] is None:
            return f"{indent}- "
        self._lists[-1] += 1
        return f"{indent}{self._lists[-1]}. "

    def _is_inside(self, tags: frozenset[str] | set[str]) -> bool:
        return any(tag in tags for tag, _ in self._open)
