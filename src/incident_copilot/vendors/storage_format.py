"""Markdown as Confluence stores pages: XHTML, with macros for code and for anchors.

API: https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html
"""

from collections.abc import Sequence
from html import escape

from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from incident_copilot.vendors.markdown_html import Anchored, renderer

_LANGUAGES = frozenset({"bash", "diff", "json", "python", "sql", "yaml"})


class _Storage(Anchored):
    def anchor(self, name: str) -> str:
        """Return the anchor macro, whose one parameter has no name."""
        return _macro("anchor", "", name)

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Return the code macro."""
        del options, env
        language = tokens[idx].info.strip()
        # What ends the text early would let the rest be read as markup.
        text = tokens[idx].content.replace("]]>", "]]]]><![CDATA[>")
        body = f"<ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body>"
        return _macro("code", "language", language if language in _LANGUAGES else "text", body)


_RENDERER = renderer(_Storage)


def storage(markdown: str) -> str:
    """Return a page's body; HTML in the Markdown is shown as text, but for the anchors that links lead to."""
    return str(_RENDERER.render(markdown))


def _macro(name: str, parameter: str, value: str, body: str = "") -> str:
    given = f'<ac:parameter ac:name="{parameter}">{escape(value)}</ac:parameter>'
    return f'<ac:structured-macro ac:name="{name}">{given}{body}</ac:structured-macro>'
