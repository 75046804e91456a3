"""Post how AI systems do: each morning where something fires, on Mondays the week, on the first the month.

Below it, in its thread, stand the first plots of each system.
"""

import asyncio
import base64
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from incident_copilot.charts import png
from incident_copilot.charts.chart import Chart
from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, ShowTo, UploadTo
from incident_copilot.pipeline import chosen
from incident_copilot.pipeline.ai import health
from incident_copilot.pipeline.ai.health import Health, Period
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects
from incident_copilot.store.jobs import Job

HOUR = 8
"""Local time at which reports are posted."""
PLOTS, MOST_PLOTS = 2, 8
"""How many of a system, and of all, are shown in the chat; the page has every one."""
_LONGEST = 1_700


async def due(deps: Deps, job: Job) -> None:
    """Post the report that is due in this hour, if one is; a day on which all is well has none."""
    local = deps.now().astimezone(ZoneInfo(chosen.working_hours(deps).zone))
    channel = deps.policy.ai_report_channel
    told = await health.report(deps, period_of(local)) if channel and local.hour == HOUR else None
    is_news = told is not None and bool(told.systems) and not (told.period is Period.DAILY and told.is_well)
    slot = f"ai-report:{local:%Y-%m-%d}"
    posts = await asyncio.to_thread(_posts, deps, told, channel.removeprefix("#"), slot) if told and is_news else []
    async with job.finish(deps.db) as tx:
        for one in posts:
            await effects.enqueue(
                tx, workspace_id=deps.workspace_id, incident_id=None, stream="ai-report", deed=one, now=deps.now()
            )


def _posts(deps: Deps, told: Health, to: str, slot: str) -> list[ShowTo | UploadTo]:
    """Return the report and its pictures; drawing takes longer than the event loop may be held up."""
    report = ShowTo(place=Place.CHANNEL, to=to, slot=slot, content=_notice(deps, told))
    return [report, *_pictures(told, to=to, slot=slot)]


def _pictures(told: Health, *, to: str, slot: str) -> Iterator[UploadTo]:
    """Yield the first plots of each system, to stand in the thread of the report."""
    plotted = [(one.system, plot) for one in told.systems for plot in one.plots[:PLOTS] if len(plot.points) > 1]
    for place, (system, plot) in enumerate(plotted[:MOST_PLOTS], 1):
        title = f"{plot.title} of {system}"
        chart = Chart(title=title, unit=plot.unit, points=plot.points)
        yield UploadTo(
            place=Place.CHANNEL,
            to=to,
            slot=f"{slot}:{place}",
            name=f"ai-report-{place}.png",
            title=title,
            alt=f"{system}: {plot.said}"[:1000],
            content=base64.b64encode(png.draw(chart)).decode(),
            under=slot,
        )


def period_of(local: datetime) -> Period:
    """Return what is told on a day."""
    if local.day == 1:
        return Period.MONTHLY
    return Period.WEEKLY if local.isoweekday() == 1 else Period.DAILY


def _notice(deps: Deps, told: Health) -> Notice:
    base = deps.policy.public_url
    link = f" {base.rstrip('/')}/ai/report?period={told.period}" if base else ""
    title, *rest = health.lines(told)
    detail = "\n".join(rest)
    cut = detail if len(detail) <= _LONGEST else f"{detail[:_LONGEST]}…"
    return Notice(text=f"{title}.{link}", detail=cut)
