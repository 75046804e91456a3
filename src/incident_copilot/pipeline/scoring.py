"""The scorecard of a drill: how fast it was taken, what the brief said, what was decided, updates on time or late."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from incident_copilot.domain.comms import CommsPolicy
from incident_copilot.domain.drill import Conclusion, Mark
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.pipeline.show import in_words
from incident_copilot.ports import DrillWorld
from incident_copilot.store import action_log, evidence
from incident_copilot.store.db import Tx

ACKNOWLEDGED, BRIEFED, HEALED = "acknowledged", "first brief", "rollback"
BRIEF_WITHIN = timedelta(seconds=15)
_DECIDED = {
    LogKind.APPROVED: "approved",
    LogKind.REJECTED: "rejected",
    LogKind.DONE: "done by hand",
    LogKind.EDITED: "edited",
    LogKind.EXPIRED: "expired",
}


async def marks(tx: Tx, incident: Incident, world: DrillWorld, comms: CommsPolicy) -> tuple[Mark, ...]:
    """Return the marks of a drill whose incident has ended."""
    log = await action_log.entries(tx, incident.id)
    briefs = await evidence.briefs_of(tx, incident.id)
    truth = world.conclusion
    return (
        _acknowledged(incident),
        _briefed(incident, [brief.as_of for brief in briefs]),
        _named([brief.cause or "" for brief in briefs], truth),
        _decided(log),
        _healed(world, truth),
        _updated(incident, log, comms.cadence(incident.severity)),
        Mark(text=f"It was {truth.cause[0].lower()}{truth.cause[1:]}"),
        Mark(text=f"{truth.herring} only looked guilty. {truth.why_not}"),
    )


def line(mark: Mark) -> str:
    """Return a mark as people read it."""
    return f"{ {True: 'Good', False: 'Not yet', None: 'Note'}[mark.ok] }: {mark.text}"


def _acknowledged(incident: Incident) -> Mark:
    allowed = incident.severity.response_time
    if incident.acknowledged_at is None:
        return Mark(name=ACKNOWLEDGED, text=f"nobody acknowledged it ({in_words(allowed)} allowed)", ok=False)
    took = incident.acknowledged_at - incident.opened_at
    text = f"acknowledged after {in_words(took)} ({in_words(allowed)} allowed)"
    return Mark(name=ACKNOWLEDGED, text=text, ok=took <= allowed, took_s=int(took.total_seconds()))


def _briefed(incident: Incident, times: list[datetime]) -> Mark:
    if not times:
        return Mark(name=BRIEFED, text="there was no brief", ok=False)
    took = min(times) - incident.opened_at
    text = f"first brief after {in_words(took)}"
    return Mark(name=BRIEFED, text=text, ok=took <= BRIEF_WITHIN, took_s=int(took.total_seconds()))


def _named(causes: list[str], truth: Conclusion) -> Mark:
    last = causes[-1] if causes else ""
    if not truth.is_rollback:
        return Mark(text=f"the last brief says: {last or 'nothing stands out'}")
    is_right = truth.culprit in last
    said = "names the cause" if is_right else f"says: {last or 'nothing stands out'}"
    return Mark(name="cause", text=f"the last brief {said}", ok=is_right)


def _decided(log: list[LogEntry]) -> Mark:
    counts = Counter(_DECIDED[row.kind] for row in log if row.kind in _DECIDED)
    said = ", ".join(f"{counts[word]} {word}" for word in _DECIDED.values() if counts[word])
    is_any = any(counts[word] for word in ("approved", "rejected", "done by hand"))
    return Mark(name="decisions", text=f"decisions: {said or 'none'}", ok=is_any)


def _healed(world: DrillWorld, truth: Conclusion) -> Mark:
    if truth.is_rollback:
        said = "rolled back, and it healed" if world.is_healed else "nothing that was done healed it"
        return Mark(name=HEALED, text=said, ok=world.is_healed)
    said = "something was rolled back, which could not help" if world.done else "nothing was rolled back, rightly"
    return Mark(name=HEALED, text=said, ok=not world.done)


def _updated(incident: Incident, log: list[LogEntry], cadence: timedelta) -> Mark:
    """An update is on time when it comes within the severity's cadence after the one before, or after the start."""
    ended = incident.ended_at or incident.opened_at
    told = [row.at for row in log if row.kind is LogKind.PUBLISHED]
    late = sum(later - earlier > cadence for earlier, later in pairwise([incident.opened_at, *told, ended]))
    count = f"{len(told)} {'update' if len(told) == 1 else 'updates'}"
    text = f"{count}, {late or 'none'} late (every {in_words(cadence)})"
    return Mark(name="updates", text=text, ok=bool(told) and not late)
