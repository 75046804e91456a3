"""Markdown becomes HTML in which only what Markdown says is markup."""

from incident_copilot.vendors.markdown_html import renderer


def test_anchors_are_kept_and_other_html_is_shown_as_text():
    shown = renderer().render('<a id="source-1"></a>Said by **Ana**: <b>now</b>')

    assert shown == '<p><a id="source-1"></a>Said by <strong>Ana</strong>: &lt;b&gt;now&lt;/b&gt;</p>\n'
