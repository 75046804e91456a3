"""The health report of AI systems as a page: a plot a metric, no script, nothing loaded."""

from collections.abc import Iterator
from html import escape

from incident_copilot.charts import svg
from incident_copilot.charts.chart import Chart
from incident_copilot.pipeline.ai.health import Health, Plot, SystemHealth
from incident_copilot.pipeline.reviewing import inert

STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.5rem}li{margin:.25rem 0}"
    ".plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,28rem),1fr));gap:1rem}"
    "figure{margin:0}figcaption{font-size:.9rem;opacity:.8}svg{width:100%;height:auto}"
)


def render(health: Health) -> str:
    """Return the page."""
    title = _text(health.title)
    body = [part for one in health.systems for part in _system(one)]
    nothing = [] if health.systems else ["<p>No AI system has told anything yet.</p>"]
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>",
            *nothing,
            *body,
            *_list("Incidents", health.incidents),
            "</main></body></html>\n",
        ]
    )


def _system(one: SystemHealth) -> Iterator[str]:
    state = (
        f"{len(one.failing)} of {one.judged} metrics fire." if one.failing else f"All {one.judged} metrics are fine."
    )
    withheld = f" {one.withheld} more of fairness or security are told to their own audience." if one.withheld else ""
    yield f"<h2>{_text(one.system)}</h2><p>{state}{withheld}</p>"
    yield from _list("", one.failing)
    yield '<div class="plots">'
    yield from map(_figure, one.plots)
    yield "</div>"
    yield from _list("Evaluations", one.evaluations)


def _figure(plot: Plot) -> str:
    chart = Chart(title=plot.title, unit=plot.unit, points=plot.points)
    return f"<figure>{svg.draw(chart, plot.said)}<figcaption>{_text(plot.said)}</figcaption></figure>"


def _list(title: str, items: tuple[str, ...]) -> list[str]:
    heading = f"<h2>{title}</h2>" if title and items else ""
    return [heading, "<ul>", *(f"<li>{_text(item)}</li>" for item in items), "</ul>"] if items else []


def _text(text: str) -> str:
    return escape(inert.one_line(text))
