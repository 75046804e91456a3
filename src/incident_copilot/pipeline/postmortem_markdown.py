"""Render a postmortem as GitHub-flavoured Markdown that also reads well as plain text."""

import re
from collections.abc import Iterator, Sequence

from incident_copilot.domain.postmortem import ActionItem, Exhibit, Line, Part, Postmortem, Section, Source
from incident_copilot.pipeline.reviewing import inert

_SPECIAL = re.compile(r"[\\`*\[\]<|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)|#+$")
_BEGINNING = re.compile(r"^(?:([-+=>#])|(\d+)([.)])(?=\s|$))")
_FENCES = re.compile(r"`{3,}")
SHORT = 12


def render(postmortem: Postmortem) -> str:
    """Return the whole document; marks such as [3] lead to the list of sources at its end."""
    numbers = {exhibit.ref: number for number, exhibit in enumerate(postmortem.exhibits, start=1)}
    parts = [
        f"# {safe(postmortem.label)}: {safe(postmortem.title)}",
        *_facts(postmortem),
        *(text for section in postmortem.sections for text in _section(section, numbers)),
        *_action_items(postmortem.action_items, numbers),
        *_charts(postmortem),
        *_sources(postmortem.exhibits, numbers),
        *_ledger(postmortem),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def safe(text: str) -> str:
    """Return text that renders as itself and breaks out of no list, table, heading or link."""
    shown = _SPECIAL.sub(lambda found: f"\\{found[0]}", inert.one_line(text))
    shown = _BEGINNING.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", shown)
    # An address or a name in somebody's words must not become a link or call anybody.
    return shown.replace("://", "\\://").replace("www.", "www\\.").replace("@", "@\u200b")


def _facts(postmortem: Postmortem) -> Iterator[str]:
    rows = "\n".join(f"| {safe(name)} | {safe(value)} |" for name, value in postmortem.facts)
    yield f"| | |\n|---|---|\n{rows}"
    used = f" ({safe(postmortem.used)})" if postmortem.used else ""
    yield (
        f"Written {postmortem.written_at:%-d %B %Y %H:%M} UTC from the action log, the timeline and the evidence{used}."
        " A number in brackets leads to the source of a line. Times are UTC."
    )


def _section(section: Section, numbers: dict[str, int]) -> Iterator[str]:
    yield f"## {safe(section.heading)}"
    if section.lines:
        yield "\n".join(_line(line, numbers) for line in section.lines)
    for part in section.parts:
        yield from _part(part, numbers)
    if section.note:
        yield safe(section.note)
    if section.edited_by:
        yield f"Edited by {safe(section.edited_by)}."
    if section.changed:
        yield "Computed anew since, and not taken over:\n\n" + "\n".join(f"- {safe(one)}" for one in section.changed)


def _part(part: Part, numbers: dict[str, int]) -> Iterator[str]:
    yield f"### {safe(part.heading)}" + (f" ({safe(part.tag)})" if part.tag else "")
    if part.lines:
        yield "\n".join(_line(line, numbers) for line in part.lines)


def _line(line: Line, numbers: dict[str, int]) -> str:
    time = f"**{line.at:%H:%M:%S}** " if line.at else ""
    side = f"{line.tag.capitalize()}: " if line.tag in ("for", "against") else ""
    text = f"- {time}{side}{safe(line.text)}{_marks(line.sources, numbers)}"
    return f"{text}\n{_quote(line.detail)}" if line.detail else text


def _marks(sources: Sequence[Source], numbers: dict[str, int]) -> str:
    return "".join(f" [[{numbers[source.ref]}]](#source-{numbers[source.ref]})" for source in sources)


def _quote(text: str) -> str:
    if text.startswith("--- "):
        return _fenced(text)
    return "\n".join(["", *(f"  > {safe(line)}  " for line in inert.lines(text)), ""])


def _fenced(text: str) -> str:
    """Return the text in a fence longer than any inside it."""
    lines = inert.lines(text)
    language = "diff" if lines[0].startswith(("--- ", "+++ ")) else "text"
    fence = "`" * (1 + max((len(found) for line in lines for found in _FENCES.findall(line)), default=2))
    return "\n".join(["", f"  {fence}{language}", *(f"  {line}" for line in lines), f"  {fence}", ""])


def _action_items(items: Sequence[ActionItem], numbers: dict[str, int]) -> Iterator[str]:
    yield "## Action items"
    if not items:
        yield "No rule found follow-up work; add what you think is worth doing."
        return
    rows = "\n".join(_item(item, numbers) for item in items)
    yield f"| | What | Type | Owner | Due |\n|---|---|---|---|---|\n{rows}"


def _item(item: ActionItem, numbers: dict[str, int]) -> str:
    owner = safe(item.owner or "nobody yet")
    number = f"{item.number}. " if item.number else ""
    url = inert.link(item.external.url) if item.external else None
    elsewhere = f" [{safe(item.external.key)}](<{url}>)" if item.external and url else ""
    what = f"{number}{safe(item.text)}{_marks(item.sources, numbers)}{elsewhere}"
    tick = " " if item.is_open else "-" if item.dropped else "x"
    due = f"{item.due:%-d %b %Y}" if item.due else ""
    return f"| [{tick}] | {what} | {safe(item.kind)} | {owner} | {due} |"


def _charts(postmortem: Postmortem) -> Iterator[str]:
    if postmortem.charts:
        yield "## Charts"
        yield "The page of this postmortem draws them. In words:"
        yield "\n".join(f"- {safe(chart.alt)}" for chart in postmortem.charts.values())


def _sources(exhibits: Sequence[Exhibit], numbers: dict[str, int]) -> Iterator[str]:
    yield "## Sources"
    for exhibit in exhibits:
        number = numbers[exhibit.ref]
        when = f", {exhibit.at:%H:%M:%S} UTC" if exhibit.at else ""
        lines = [f'<a id="source-{number}"></a>**[{number}]** {safe(exhibit.title)}{when}']
        lines += [safe(exhibit.summary)] if exhibit.summary else []
        lines += [f"{safe(name)}: {safe(value)}" for name, value in exhibit.facts]
        link = inert.link(exhibit.link)
        lines += [f"[Open it at {safe(inert.host(link))}](<{link}>)"] if link else []
        yield "  \n".join(lines) + (f"\n{_fenced(exhibit.quote)}" if exhibit.quote else "")


def _ledger(postmortem: Postmortem) -> Iterator[str]:
    yield "## Appendix: action log"
    yield "Every row of the incident, chained by hashes; `incident-copilot verify-log` checks them."
    rows = "\n".join(
        f"| {row.seq} | {row.at:%Y-%m-%d %H:%M:%S} | {safe(row.actor)} | {safe(row.kind)} | {row.hash[:SHORT]} |"
        for row in postmortem.ledger
    )
    yield f"| Row | Time (UTC) | Who | What | Hash |\n|---|---|---|---|---|\n{rows}"
