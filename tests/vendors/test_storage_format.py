"""Markdown for Confluence: tables, code and anchors as it stores them, and nothing that could be markup."""

import pytest

from incident_copilot.vendors.storage_format import storage

ANCHOR = (
    '<p><ac:structured-macro ac:name="anchor"><ac:parameter ac:name="">source-1</ac:parameter>'
    "</ac:structured-macro><strong>[1]</strong> Log</p>\n"
)
CODE = (
    '<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">{language}</ac:parameter>'
    "<ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body></ac:structured-macro>"
)


@pytest.mark.parametrize(
    ("markdown", "stored"),
    [
        ("# *Title*", "<h1><em>Title</em></h1>\n"),
        ("a  \nb", "<p>a<br />\nb</p>\n"),
        ('<a id="source-1"></a>**[1]** Log', ANCHOR),
        ("```diff\n- a ]]> b\n```", CODE.format(language="diff", text="- a ]]]]><![CDATA[> b\n")),
        ("```evil\nx\n```", CODE.format(language="text", text="x\n")),
        ("x <script>y</script>", "<p>x &lt;script&gt;y&lt;/script&gt;</p>\n"),
        ("<div onclick=x>\n", "<p>&lt;div onclick=x&gt;</p>\n"),
        ("![p](https://elsewhere.example/p.png)", '<p>!<a href="https://elsewhere.example/p.png">p</a></p>\n'),
    ],
)
def test_page_is_stored_as_confluence_does(markdown, stored):
    assert storage(markdown) == stored
