"""The weekly digest: how the week went, what comes back again and again, and what stands out against chance."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incident_copilot.analysis.patterns import standing_out
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, ShowTo
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Ending, Incident
from incident_copilot.pipeline import chosen, forget, noise_advice
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats import told
from incident_copilot.pipeline.stats.measured import measure
from incident_copilot.store import effects, evidence, incidents, measured
from incident_copilot.store.jobs import Job

WEEK, LOOKED_BACK = timedelta(days=7), timedelta(days=90)
MOST = 500
OFTEN = 3
"""From how many incidents in 90 days on something is a repeat offender."""
PART_H = 6
PARTS = 7 * 24 // PART_H
"""In how many parts of six hours a week is cut, to see whether incidents prefer one."""
MOST_NOISE, MOST_OF_A_KIND = 3, 5
QUIET = "A quiet week: no incident was opened."


class Weekly(Frozen):
    """The digest: what one reads at a glance, and the rest of it in lines."""

    heading: str
    lines: tuple[str, ...] = ()


async def digest(deps: Deps) -> Weekly:
    """Return the digest of the last seven days, with patterns of the last 90."""
    now = deps.now()
    async with deps.db.read() as db:
        recent = await incidents.recent(db, deps.workspace_id, now - LOOKED_BACK, MOST)
        real = [one for one in recent if _counts(one)]
        briefs = await measured.briefs_of(db, [one.id for one in real])
        suspects = [one.suspect for one in briefs.values() if one.suspect and one.suspect.change_id]
        changes = await evidence.some(db, {str(one.change_id) for one in suspects})
    week = await measure(deps, WEEK)
    lines = [*patterns(deps, real, briefs, changes), *await _quieter(deps), *await _demoted(deps)]
    if not week.incidents:
        return Weekly(heading=QUIET, lines=tuple(lines))
    return Weekly(heading=f"This week: {told.heading(week)}", lines=(*told.times(week), *lines))


async def post(deps: Deps, job: Job) -> None:
    """Post the digest once a week, in the first working hour of it: the glance as a message, the rest in its thread."""
    now, hours = deps.now(), chosen.working_hours(deps)
    slot = f"weekly:{now.astimezone(ZoneInfo(hours.zone)):%G-W%V}"
    channel = deps.policy.weekly_channel
    async with deps.db.read() as db:
        is_posted = await effects.latest(db, deps.workspace_id, None, slot) is not None
    shown = await digest(deps) if channel and hours.cover(now) and not is_posted else None
    async with job.finish(deps.db) as tx:
        if shown is None:
            return
        parts: list[tuple[str, Notice, str | None]] = [(slot, Notice(text=shown.heading), None)]
        if shown.lines:
            rest = Notice(text="In detail:", detail="\n".join(shown.lines))
            parts.append((f"{slot}:detail", rest, slot))
        for name, content, under in parts:
            deed = ShowTo(place=Place.CHANNEL, to=channel, slot=name, content=content, under=under)
            await effects.enqueue(
                tx, workspace_id=deps.workspace_id, incident_id=None, stream="weekly", deed=deed, now=now
            )


def patterns(
    deps: Deps, those: Sequence[Incident], briefs: Mapping[str, Brief], changes: Sequence[Evidence]
) -> Iterator[str]:
    """Yield what comes back in incidents: service, cause, kind of change, time of the week."""
    services = Counter(one.service for one in those if one.service)
    telling = standing_out(services, max(len(deps.catalog.services), len(services)))
    for service, number in _often(services):
        chance = f", {_chance(telling[service])}" if service in telling else ""
        yield f"{service}: {number} of {len(those)} incidents in 90 days{chance}."
    for cause, number in _often(Counter(_causes(those, briefs))):
        yield f"The same likely cause in {number} incidents: {cause}."
    by_id = {item.id: item for item in changes}
    suspected = (by_id.get(str(one.suspect.change_id)) for one in briefs.values() if one.suspect)
    for source, number in _often(Counter(item.source for item in suspected if item)):
        yield f"A change told of by {source} was the suspect in {number} incidents."
    zone = chosen.working_hours(deps).zone
    times = Counter(_part(one.opened_at, zone) for one in those)
    for part, how_likely in standing_out(times, PARTS).items():
        yield f"{times[part]} of {len(those)} incidents began {part}, {_chance(how_likely)}."


def _often(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [pair for pair in Counter(counts).most_common(MOST_OF_A_KIND) if pair[1] >= OFTEN]


def _causes(those: Sequence[Incident], briefs: Mapping[str, Brief]) -> Iterator[str]:
    for one in those:
        suspect = briefs[one.id].suspect if one.id in briefs else None
        if suspect:
            yield f"{suspect.rule} ({suspect.object or one.service or 'no service'})"


def _part(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    begin = local.hour // PART_H * PART_H
    return f"{local:%A}s between {begin:02}:00 and {begin + PART_H:02}:00 ({zone})"


def _chance(chance: float) -> str:
    return "which comes by chance " + (f"once in {1 / chance:,.0f}" if chance > 0 else "hardly ever")


def _counts(one: Incident) -> bool:
    return not (one.test or one.private or one.ending in (Ending.MERGED, Ending.FALSE_ALARM))


async def _quieter(deps: Deps) -> list[str]:
    return [f"Quieter: {line}" for line in (await noise_advice.advice(deps))[:MOST_NOISE]]


async def _demoted(deps: Deps) -> list[str]:
    return [
        f"Comes last by its record: {one.said}, {one.record}." for one in await forget.learned(deps) if one.is_demoted
    ]
