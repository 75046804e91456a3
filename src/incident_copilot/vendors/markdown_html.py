"""Markdown as HTML in which nothing of it is markup but what Markdown says, and anchors that links lead to."""

import re
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_ANCHOR = re.compile(r'<a id="([\w-]{1,100})">')


class Anchored(RendererHTML):
    """Renders as XHTML; of HTML in the Markdown only `<a id="name"></a>` counts, all else is shown as text."""

    def anchor(self, name: str) -> str:
        """Return what a link to this name leads to."""
        return f'<a id="{name}"></a>'

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Keep an anchor, and show anything else as the text that it is."""
        del options, env
        found = _ANCHOR.fullmatch(tokens[idx].content)
        if found:
            return self.anchor(found.group(1))
        return "" if tokens[idx].content == "</a>" else escape(tokens[idx].content)

    def html_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Show it as text."""
        del options, env
        return f"<p>{escape(tokens[idx].content.strip())}</p>\n"


def renderer(kind: type[Anchored] = Anchored) -> MarkdownIt:
    """Return what renders GitHub's tables too; pictures are links, so that nothing is loaded from elsewhere."""
    made = MarkdownIt("commonmark", {"xhtmlOut": True, "html": True}, renderer_cls=kind)
    return made.enable("table").disable("image")
