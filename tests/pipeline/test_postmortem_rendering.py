"""Markdown and page of a postmortem: everything leads to its source, and text from outside stays text."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from incident_copilot.charts.chart import COLOURS
from incident_copilot.domain.postmortem import (
    ActionItem,
    Exhibit,
    External,
    LedgerRow,
    Line,
    Part,
    Picture,
    Postmortem,
    Section,
    Source,
)
from incident_copilot.pipeline import postmortem_html, postmortem_markdown
from incident_copilot.pipeline.reviewing import inert

from .samples import INCIDENT_ID, NOON

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "https://evil.example/login",
    "www.evil.example",
    "<https://evil.example>",
    "a | b | c",
    "`code` and ``` fence",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "> quote",
    "**bold** _it_ ~~gone~~",
    "&lt;b&gt; &amp;",
    "[^1]: note",
    "---",
    "===",
    'title="x" onmouseover="alert(1)"',
    "back\\slash \\[x](y)",
    "two\n\n# lines",
)
ROW = Source(ref="log:1", label="Action log, row 1")
MADE = Source(ref="computed:detect", label="a minus b")


def a_postmortem(text="It failed.", detail="", **fields):
    line = Line(text=text, sources=(ROW, MADE), at=NOON, detail=detail, tag="for")
    values = {
        "incident_id": INCIDENT_ID,
        "label": "INC-1",
        "title": text,
        "written_at": NOON,
        "facts": (("Service", text),),
        "sections": (
            Section(key="summary", heading="Summary", lines=(Line(text=text, sources=(ROW,)),), note=text),
            Section(key="causes", heading="Causes", parts=(Part(heading=text, lines=(line,), tag="likely"),)),
            Section(key="empty", heading="Empty", parts=(Part(heading="Nothing"),)),
        ),
        "action_items": (ActionItem(text=text, kind="prevent", owner=text, sources=(ROW,)),),
        "exhibits": (
            Exhibit(
                ref="log:1",
                title=text,
                summary=text,
                at=NOON,
                facts=(("by", text),),
                quote=text,
                link="https://a.example/?q=1",
            ),
            Exhibit(ref="computed:detect", title="Computed", summary="", link="javascript:alert(1)"),
        ),
        "ledger": (LedgerRow(seq=1, at=NOON, actor=text, kind="incident:opened", hash="ab" * 32),),
        "charts": {"timeline": Picture(title="t", svg="<svg></svg>", alt=text)},
    }
    return Postmortem.model_validate(values | fields)


class Page(HTMLParser):
    """The elements, ids, links and text of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.ids, self.links, self.text, self.attributes = [], [], [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.text.append(data)


def rendered(markdown):
    """The Markdown as GitHub's dialect understands it, with raw HTML and bare links on."""
    return MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(markdown)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_stays_text_in_markdown(text):
    page = Page(rendered(postmortem_markdown.render(a_postmortem(text, detail=text))))
    plain = Page(rendered(postmortem_markdown.render(a_postmortem("plain", detail="plain"))))

    shown = " ".join(" ".join(page.text).split())
    assert sorted(set(page.tags) - set(plain.tags)) == []
    assert set(page.links) == set(plain.links)
    assert " ".join(text.split()).replace("@", "@\u200b") in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_stays_text_on_the_page(text):
    page = Page(postmortem_html.render(a_postmortem(text, detail=text)))
    plain = Page(postmortem_html.render(a_postmortem("plain", detail="plain")))

    assert sorted(set(page.tags) - set(plain.tags) - {"br"}) == []
    assert set(page.links) == set(plain.links)
    assert page.attributes == plain.attributes


def test_bare_addresses_and_names_do_not_become_links_or_calls_on_github():
    shown = postmortem_markdown.safe("see https://evil.example www.evil.example @channel")

    assert re.search(r"https?://|www\.|@\w", shown) is None


def test_markdown_reads_well_as_plain_text():
    written = postmortem_markdown.render(a_postmortem("pool_size went from 20 -> 4 at 12:00, 1.5 % left"))

    assert "- pool_size went from 20 -> 4 at 12:00, 1.5 % left [[1]](#source-1)" in written.splitlines()


def test_markdown_fences_longer_than_any_inside_hold_a_difference():
    quote = "--- proposed\n+++ edited\n+````\n+text"

    written = postmortem_markdown.render(a_postmortem(detail=quote))

    assert "  `````diff\n  --- proposed\n  +++ edited\n  +````\n  +text\n  `````" in written


@pytest.mark.parametrize("render", [postmortem_markdown.render, postmortem_html.render])
def test_every_mark_leads_to_a_source_that_is_there(render):
    html = render(a_postmortem())
    page = Page(html if html.startswith("<!doctype") else rendered(html))

    inside = {link.removeprefix("#") for link in page.links if link.startswith("#") and link != "#-"}
    assert {"source-1", "source-2"} <= inside
    assert inside - set(page.ids) == set()
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("render", [postmortem_markdown.render, postmortem_html.render])
def test_only_links_to_the_web_are_followed(render):
    written = render(a_postmortem())

    assert "https://a.example/?q=1" in written
    assert "javascript:" not in written


@pytest.mark.parametrize("render", [postmortem_markdown.render, postmortem_html.render])
def test_without_action_items_and_charts_it_says_so_and_leaves_them_out(render):
    written = render(a_postmortem(action_items=(), charts={}, ledger=()))

    assert "No rule found follow-up work; add what you think is worth doing." in written
    assert "In words" not in written
    assert "<figure" not in written


def test_work_that_nobody_owns_says_so():
    item = ActionItem(text="Write a runbook", kind="process", sources=(ROW,))

    assert "| nobody yet |" in postmortem_markdown.render(a_postmortem(action_items=(item,)))
    assert "owner: nobody yet" in postmortem_html.render(a_postmortem(action_items=(item,)))


def test_edits_and_what_was_computed_beneath_them_are_said_and_work_elsewhere_is_linked():
    elsewhere = External(system="github", key="shop/web#7", url="https://github.example/7", state="open")
    item = ActionItem(text="Alert", kind="detect", number=2, external=elsewhere)
    edited = Section(key="impact", heading="Impact", edited_by="Ana", changed=("- It lasted 6 min.",))
    written = a_postmortem(sections=(edited,), action_items=(item,), exhibits=())

    markdown, html = postmortem_markdown.render(written), postmortem_html.render(written)

    assert "Edited by Ana." in markdown
    assert "Computed anew since, and not taken over:\n\n- \\- It lasted 6 min." in markdown
    assert "[shop/web#7](<https://github.example/7>)" in markdown
    assert "<summary>Computed anew since, and not taken over</summary><ul><li>- It lasted 6 min.</li></ul>" in html
    assert '<a href="https://github.example/7" rel="noopener noreferrer">shop/web#7</a>' in html


def test_the_page_loads_and_runs_nothing_and_its_policy_allows_just_its_own_style():
    html = postmortem_html.render(a_postmortem())

    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" in html
    assert re.findall(r"<script|<link|<iframe| src=| style=|@import|url\(", html) == []


def test_the_page_draws_charts_for_dark_rooms_too():
    html = postmortem_html.render(a_postmortem())

    missing = [name for name, colour in COLOURS.items() if f'"{colour}"] {{' not in html]
    assert missing == []


def test_a_line_without_a_source_is_plain_and_a_long_quote_is_folded():
    bare = Section(key="summary", heading="Summary", lines=(Line(text="No source here."),))
    exhibit = Exhibit(ref="log:1", title="t", quote="\n".join(f"line {place}" for place in range(20)))

    html = postmortem_html.render(a_postmortem(sections=(bare,), exhibits=(exhibit,)))

    assert '<div class="what">No source here.</div>' in html
    assert "<summary>20 lines</summary>" in html


def test_a_difference_shows_what_was_added_and_removed():
    html = postmortem_html.render(a_postmortem(detail="--- proposed\n+++ edited\n-old <b>\n+new\n same"))

    assert "<pre>--- proposed\n+++ edited\n<del>-old &lt;b&gt;</del>\n<ins>+new</ins>\n same</pre>" in html


def test_a_source_cited_often_names_the_first_lines_and_counts_the_rest():
    lines = tuple(Line(text=f"line {place}", sources=(ROW,)) for place in range(8))
    section = Section(key="summary", heading="Summary", lines=lines)

    html = postmortem_html.render(
        a_postmortem(sections=(section,), action_items=(), exhibits=a_postmortem().exhibits[:1])
    )

    assert '<a href="#line-6"> 6</a> and 2 more</span>' in html


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?a=1&b={c}", "https://a.example/x?a=1&b=%7Bc%7D"),
        ('https://a.example/">\n<script>', "https://a.example/%22%3E%0A%3Cscript%3E"),
        ("https://a.example/a%20b", "https://a.example/a%20b"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("http://[broken", None),
        (None, None),
    ],
)
def test_a_link_breaks_out_of_nothing(url, shown):
    assert inert.link(url) == shown


def test_marks_that_cannot_be_seen_are_taken_out():
    assert inert.one_line("a\u202eb\u200bc\x00d\n e") == "abcd e"
    assert inert.lines("a \n\u2066b\n\n") == ["a", "b"]
