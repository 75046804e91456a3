"""Render a postmortem as one HTML file that Google Docs, Word and LibreOffice open: plain markup, pictures in it."""

import base64
import math
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from incident_copilot.charts import png
from incident_copilot.charts.chart import Chart
from incident_copilot.domain.postmortem import Picture
from incident_copilot.store.postmortems import StoredPostmortem
from incident_copilot.vendors.markdown_html import renderer

_RENDERER = renderer()
_CHARTS = "<h2>Charts</h2>\n"
_STYLE = (
    "body{font:11pt Arial,sans-serif;max-width:42em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{border:1px solid #999;padding:2px 6px;vertical-align:top}"
    "pre{background:#f4f4f4;padding:6px;white-space:pre-wrap}img{max-width:100%}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def render(written: StoredPostmortem) -> str:
    """Return the file: the Markdown as it stands, with what people wrote, and the charts as pictures."""
    body = str(_RENDERER.render(written.markdown))
    pictures = "".join(_pictures(written.postmortem.charts.values()))
    before, heading, after = body.partition(_CHARTS)
    title = escape(f"{written.postmortem.label}: {written.postmortem.title}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        f"{before}{heading}{pictures}{after}</body></html>\n"
    )


def _pictures(drawn: Iterable[Picture]) -> Iterator[str]:
    """Yield the charts as pictures; what was drawn as SVG alone is told by the words in the text."""
    for picture in drawn:
        if picture.chart:
            inline = base64.b64encode(png.draw(chart_of(picture.chart))).decode()
            yield f'<p><img alt="{escape(picture.alt)}" src="data:image/png;base64,{inline}" width="640" /></p>\n'


def chart_of(kept: Mapping[str, Any]) -> Chart:
    """Return the chart that a picture was drawn from; what was no number is a hole again."""
    points = [(at, math.nan if value is None else value) for at, value in kept["points"]]
    return Chart.model_validate({**kept, "points": points})
