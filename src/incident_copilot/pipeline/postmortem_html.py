"""Render a postmortem as one self-contained page: a click on a sentence shows its evidence, without any script."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files

from incident_copilot.domain.postmortem import ActionItem, Exhibit, Line, Part, Postmortem, Section, Source
from incident_copilot.pipeline.reviewing import inert

TAGS = {"for": "speaks for it", "against": "speaks against it"}
STYLE = "postmortem.css"
SHORT_QUOTE = 12  # lines; a longer one is folded


def render(postmortem: Postmortem) -> str:
    """Return the page; it loads nothing and runs nothing, and its policy says so to the browser."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    name = f"{_text(postmortem.label)}: {_text(postmortem.title)}"
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">',
            f"<title>{name}</title><style>{style}</style></head><body>",
            *_Page(postmortem).body(),
            "</body></html>\n",
        ]
    )


@cache
def _style() -> str:
    return files("incident_copilot.pipeline.reviewing").joinpath(STYLE).read_text("utf-8")


class _Page:
    """One rendering: numbers the sources, and remembers which sentences cite which of them."""

    def __init__(self, postmortem: Postmortem) -> None:
        self.postmortem = postmortem
        self.numbers = {exhibit.ref: number for number, exhibit in enumerate(postmortem.exhibits, start=1)}
        self.cited_by: dict[str, list[int]] = {}
        self.sentences = 0

    def body(self) -> Iterator[str]:
        yield from self._header()
        yield "<main>"
        for section in self.postmortem.sections:
            yield from self._section(section)
            if section.key == "summary":
                yield from self._charts()
        yield from self._action_items(self.postmortem.action_items)
        yield from self._sources()
        yield from self._ledger()
        yield "</main>"

    def _header(self) -> Iterator[str]:
        shown = self.postmortem
        yield f'<header><p class="label">Postmortem of {_text(shown.label)}</p><h1>{_text(shown.title)}</h1>'
        yield '<dl class="facts">'
        used = f" ({_text(shown.used)})" if shown.used else ""
        for name, value in shown.facts:
            yield f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>"
        yield (
            '</dl><p class="how">Built from the action log, the timeline and the evidence on '
            f"{shown.written_at:%-d %B %Y at %H:%M} UTC{used}. "
            "<strong>Click a sentence to see where it comes from.</strong>"
            ' All times are UTC.</p></header><nav aria-label="Sections"><ul>'
        )
        for section in shown.sections:
            yield f'<li><a href="#{_text(section.key)}">{_text(section.heading)}</a></li>'
        yield '<li><a href="#action-items">Action items</a></li><li><a href="#sources">Sources</a></li></ul></nav>'

    def _section(self, section: Section) -> Iterator[str]:
        yield f'<section id="{_text(section.key)}"><h2>{_text(section.heading)}</h2>'
        yield from self._lines(section.lines)
        for part in section.parts:
            yield from self._part(part)
        if section.note:
            yield f'<p class="note">{_text(section.note)}</p>'
        yield from self._edited(section)
        yield "</section>"

    def _edited(self, section: Section) -> Iterator[str]:
        if section.edited_by:
            yield f'<p class="note">Edited by {_text(section.edited_by)}.</p>'
        if section.changed:
            lines = "".join(f"<li>{_text(one)}</li>" for one in section.changed)
            yield f"<details><summary>Computed anew since, and not taken over</summary><ul>{lines}</ul></details>"

    def _part(self, part: Part) -> Iterator[str]:
        tag = f'<span class="state {_class(part.tag)}">{_text(part.tag)}</span>' if part.tag else ""
        yield f'<div class="part"><h3>{_text(part.heading)} {tag}</h3>'
        yield from self._lines(part.lines)
        yield "</div>"

    def _lines(self, lines: Sequence[Line]) -> Iterator[str]:
        if lines:
            is_timed = any(line.at for line in lines)
            yield f'<ul class="lines{" timed" if is_timed else ""}">'
            for line in lines:
                yield self._line(line, (_time(line.at) or "<span></span>") if is_timed else "")
            yield "</ul>"

    def _line(self, line: Line, time: str) -> str:
        side = f'<span class="side">{TAGS[line.tag]}:</span> ' if line.tag in TAGS else ""
        detail = _detail(line.detail) if line.detail else ""
        said = self._said(line.text, line.sources)
        return (
            f'<li id="line-{self.sentences}" class="{_class(line.tag)}">{time}'
            f'<div class="what">{side}{said}{detail}</div></li>'
        )

    def _said(self, text: str, sources: Sequence[Source]) -> str:
        """Return a sentence that leads to its first source, and a mark for each."""
        self.sentences += 1
        for source in sources:
            self.cited_by.setdefault(source.ref, []).append(self.sentences)
        numbers = [self.numbers[source.ref] for source in sources]
        if not numbers:
            return _text(text)
        marks = "".join(
            f'<a href="#source-{number}" title="{_text(source.label)}">{number}</a>'
            for number, source in zip(numbers, sources, strict=True)
        )
        return f'<a class="said" href="#source-{numbers[0]}">{_text(text)}</a><sup class="marks">{marks}</sup>'

    def _charts(self) -> Iterator[str]:
        for name, chart in self.postmortem.charts.items():
            yield f'<figure id="chart-{_text(name)}">{chart.svg}</figure>'

    def _action_items(self, items: Sequence[ActionItem]) -> Iterator[str]:
        yield '<section id="action-items"><h2>Action items</h2>'
        if items:
            yield '<ol class="items">'
            for item in items:
                said = self._said(item.text, item.sources)
                yield (
                    f'<li id="line-{self.sentences}"><div class="what">{said}</div>'
                    f'<p class="owner"><span class="state">{_text(item.kind)}</span> {_of_item(item)}</p></li>'
                )
            yield "</ol>"
        else:
            yield '<p class="note">No rule found follow-up work; add what you think is worth doing.</p>'
        yield "</section>"

    def _sources(self) -> Iterator[str]:
        yield '<section id="sources"><h2>Sources</h2><ol class="sources">'
        for exhibit in self.postmortem.exhibits:
            yield from self._exhibit(exhibit)
        yield "</ol></section>"

    def _exhibit(self, exhibit: Exhibit) -> Iterator[str]:
        number = self.numbers[exhibit.ref]
        yield (
            f'<li id="source-{number}" class="exhibit"><a class="close" href="#-" aria-label="Close">&times;</a>'
            f'<h3><span class="number">{number}</span> {_text(exhibit.title)} {_time(exhibit.at)}</h3>'
        )
        if exhibit.summary:
            yield f"<p>{_text(exhibit.summary)}</p>"
        if exhibit.facts:
            rows = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in exhibit.facts)
            yield f"<dl>{rows}</dl>"
        if exhibit.quote:
            yield _quote(exhibit.quote)
        yield f"<footer>{_open(exhibit.link)}{self._back(exhibit)}</footer></li>"

    def _back(self, exhibit: Exhibit) -> str:
        sentences = self.cited_by[exhibit.ref]
        links = ", ".join(
            f'<a href="#line-{sentence}">{"line" if place == 0 else ""} {sentence}</a>'
            for place, sentence in enumerate(sentences[:6])
        )
        more = f" and {len(sentences) - 6} more" if len(sentences) > 6 else ""
        return f'<span class="back">cited by {links}{more}</span>'

    def _ledger(self) -> Iterator[str]:
        rows = self.postmortem.ledger
        yield '<section id="ledger"><h2>Appendix: action log</h2>'
        yield f"<details><summary>All {len(rows)} rows, chained by hashes</summary>"
        yield '<div class="wide"><table><thead><tr><th>Row</th><th>Time</th><th>Who</th><th>What</th><th>Hash</th></tr>'
        yield "</thead><tbody>"
        for row in rows:
            yield (
                f"<tr><td>{row.seq}</td><td>{row.at:%H:%M:%S}</td><td>{_text(row.actor)}</td>"
                f"<td>{_text(row.kind)}</td><td><code>{row.hash[:12]}</code></td></tr>"
            )
        yield "</tbody></table></div></details></section>"


def _time(at: datetime | None) -> str:
    return f'<time datetime="{at.isoformat()}">{at:%H:%M:%S}</time>' if at else ""


def _of_item(item: ActionItem) -> str:
    """Return who has an item, by when, how it stands, and where else it is tracked."""
    said = [f"owner: {_text(item.owner or 'nobody yet')}"]
    said += [f"due {item.due:%-d %B %Y}"] if item.due else []
    said += [] if item.is_open else ["dropped" if item.dropped else "done"]
    url = inert.link(item.external.url) if item.external else None
    if item.external and url:
        said.append(f'<a href="{escape(url)}" rel="noopener noreferrer">{_text(item.external.key)}</a>')
    return " &middot; ".join(said)


def _detail(text: str) -> str:
    """Return words as people wrote them; a difference between two versions is shown as one."""
    if text.startswith("--- "):
        return _quote(text)
    return f"<blockquote>{'<br>'.join(escape(line) for line in inert.lines(text))}</blockquote>"


def _quote(text: str) -> str:
    lines = inert.lines(text)
    shown = "\n".join(_diff_line(line) if lines[0].startswith(("+++ ", "--- ")) else escape(line) for line in lines)
    if len(lines) <= SHORT_QUOTE:
        return f"<pre>{shown}</pre>"
    return f"<details><summary>{len(lines)} lines</summary><pre>{shown}</pre></details>"


def _diff_line(line: str) -> str:
    tag = {"+": "ins", "-": "del"}.get(line[:1], "")
    return f"<{tag}>{escape(line)}</{tag}>" if tag and line[:3] not in ("+++", "---") else escape(line)


def _open(link: str | None) -> str:
    url = inert.link(link)
    return (
        f'<a class="open" href="{escape(url)}" rel="noopener noreferrer">Open it at {_text(inert.host(url))}</a> '
        if url
        else ""
    )


def _text(text: str) -> str:
    return escape(inert.one_line(text))


def _class(tag: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in tag)
