"""Measures as a read-only page: plots, tables, load; no script, nothing loaded."""

from collections.abc import Iterator
from html import escape

from incident_copilot.analysis.words import duration
from incident_copilot.charts import bars
from incident_copilot.charts.bars import Bar, Bars
from incident_copilot.domain.measures import Measures, Phase, Share, Times
from incident_copilot.pipeline.stats import told

STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}li{margin:.35rem 0}"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1rem;"
    "align-items:start}.chart{width:100%;border:1px solid #ccd3db;border-radius:8px}"
    ".wide{overflow-x:auto}table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;"
    "white-space:nowrap}td.n{text-align:right}"
)
METHOD = (
    "Medians with the values between which the true one lies in 9 of 10 cases, p90, and means beside them. "
    "Tests, private and merged incidents are left out."
)


def render(found: Measures) -> str:
    """Return the page."""
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Incidents, {found.days} days</title><style>{STYLE}</style></head><body><main>",
            f"<h1>{escape(told.heading(found))}</h1>",
            f'<div class="charts">{"".join(map(bars.draw, charts(found)))}</div>',
            *_list("Times", told.times(found)),
            *_table(found),
            *_list("The copilot", told.copilot(found)),
            *_list("Detection, triage, updates", told.quality(found)),
            *_list("Load", told.loads(found)),
            f"<p>{METHOD}</p></main></body></html>\n",
        ]
    )


def charts(found: Measures) -> Iterator[Bars]:
    """Return what is drawn: by week, by severity and service, what was accepted."""
    yield Bars(
        title="Incidents by week",
        bars=tuple(
            Bar(name=f"{one.begins:%d %b}", value=one.incidents, text=str(one.incidents)) for one in found.weeks
        ),
    )
    yield Bars(
        title="Median time to resolve by week",
        bars=tuple(
            Bar(
                name=f"{one.begins:%d %b}",
                value=one.resolve_s or 0.0,
                text="none" if one.resolve_s is None else duration(one.resolve_s),
            )
            for one in found.weeks
        ),
    )
    for kind in ("severity", "service", "type"):
        yield Bars(title=f"Median time to resolve by {kind}", bars=tuple(_resolve(found.by.get(kind, {}))))
    yield Bars(title="Suggestions taken, of those decided", bars=tuple(map(_share, found.accepted)), most=1.0)


def _resolve(groups: dict[str, Times]) -> Iterator[Bar]:
    for name, of in groups.items():
        if one := of.get(Phase.RESOLVE):
            text = f"{duration(one.median)} (n {one.number})"
            yield Bar(name=name, value=one.median, text=text, low=one.low, high=one.high)


def _share(one: Share) -> Bar:
    return Bar(name=one.name, value=one.part / one.whole, text=f"{one.part} of {one.whole}", low=one.low, high=one.high)


def _table(found: Measures) -> Iterator[str]:
    rows = [(kind, name, of) for kind, groups in found.by.items() for name, of in groups.items() if of]
    if not rows:
        return
    heads = "".join(f"<th>{phase.short}</th>" for phase in Phase)
    yield f'<h2>By group</h2><div class="wide"><table><tr><th>Group</th><th>Name</th>{heads}</tr>'
    for kind, name, of in rows:
        cells = "".join(f'<td class="n">{_cell(of, phase)}</td>' for phase in Phase)
        yield f"<tr><td>{escape(kind)}</td><td>{escape(name)}</td>{cells}</tr>"
    yield "</table></div><p>Medians, with how many.</p>"


def _cell(of: Times, phase: Phase) -> str:
    one = of.get(phase)
    return f"{duration(one.median)} ({one.number})" if one else ""


def _list(title: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield f"<h2>{title}</h2><ul>{''.join(f'<li>{escape(row)}</li>' for row in rows)}</ul>"
