"""Post how AI systems do: each morning where something fires, on Mondays the week, on the first the month."""

from datetime import datetime
from zoneinfo import ZoneInfo

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, ShowTo
from incident_copilot.pipeline import chosen
from incident_copilot.pipeline.ai import health
from incident_copilot.pipeline.ai.health import Health, Period
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects
from incident_copilot.store.jobs import Job

HOUR = 8
"""Local time at which reports are posted."""
_LONGEST = 1_700


async def due(deps: Deps, job: Job) -> None:
    """Post the report that is due in this hour, if one is; a day on which all is well has none."""
    local = deps.now().astimezone(ZoneInfo(chosen.working_hours(deps).zone))
    channel = deps.policy.ai_report_channel
    told = await health.report(deps, period_of(local)) if channel and local.hour == HOUR else None
    is_news = told is not None and bool(told.systems) and not (told.period is Period.DAILY and told.is_well)
    async with job.finish(deps.db) as tx:
        if told is None or not is_news:
            return
        slot = f"ai-report:{local:%Y-%m-%d}"
        deed = ShowTo(place=Place.CHANNEL, to=channel.removeprefix("#"), slot=slot, content=_notice(deps, told))
        await effects.enqueue(
            tx, workspace_id=deps.workspace_id, incident_id=None, stream="ai-report", deed=deed, now=deps.now()
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
