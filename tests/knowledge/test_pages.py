"""Wiki pages as Markdown: what people wrote, in the shape that runbooks are read in."""

from incident_copilot.knowledge.pages import Page, read_page
from incident_copilot.knowledge.steps import read_sections

CONFLUENCE = """\
<!DOCTYPE html><html><head><title>Shop : Queue is stuck</title><style>p {}</style></head><body>
<div id="breadcrumbs"><a href="index.html">Shop</a></div>
<div id="main-content" class="wiki-content group">
<h2 id="x">Diagnosis</h2>
<p>See how <strong>far</strong> it lags &amp; since&nbsp;when.</p>
<ol><li><p>List the groups.</p><pre class="syntaxhighlighter-pre">kafka-consumer-groups.sh --list
  --all</pre></li><li>Ask <a href="https://x.example">the team</a>.<ul><li>by day</li><li>by night</li></ul></li></ol>
<table><tr><th>Queue</th><th>Owner</th></tr><tr><td>orders</td><td>shop</td></tr></table>
<p>One<br>two</p><hr>
<h2>Fix</h2><ul><li>Restart.</li></ul>
</div><script>alert(1)</script><footer>Powered by</footer></body></html>
"""


def test_confluence_page_becomes_the_markdown_that_people_wrote():
    page = read_page(CONFLUENCE)

    assert page.title == "Queue is stuck"
    assert page.markdown == (
        "## Diagnosis\n\n"
        "See how far it lags & since when.\n\n"
        "1. List the groups.\n\n"
        "   ```\n   kafka-consumer-groups.sh --list\n     --all\n   ```\n\n"
        "2. Ask the team.\n"
        "   - by day\n"
        "   - by night\n\n"
        "Queue | Owner\n\norders | shop\n\n"
        "One two\n\n"
        "## Fix\n\n"
        "- Restart."
    )


def test_its_steps_are_read_with_their_commands():
    diagnosis, fix = read_sections("x", read_page(CONFLUENCE).markdown, 1)

    assert [(step.text, step.commands) for step in diagnosis.steps] == [
        ("List the groups.", ("kafka-consumer-groups.sh --list\n  --all",)),
        ("Ask the team.", ()),
    ]
    assert [step.text for step in fix.steps] == ["Restart."]


def test_plain_page_is_read_whole_and_called_by_its_heading():
    html = "<h1>Disk full</h1></b><pre>df -h<br>du</pre><li>loose</li>text at the end"

    assert read_page(html) == Page("Disk full", "# Disk full\n\n```\ndf -h\ndu\n```\n\n- loose\n\ntext at the end")


def test_page_without_text_is_empty():
    assert read_page("<html><body><p> </p></body></html>") == Page("", "")
