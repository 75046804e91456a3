"""Drills that are over: the scorecard of each, and how it compares with the drill before it."""

from dataclasses import dataclass
from datetime import timedelta

from incident_copilot.domain.drill import Drill, Mark
from incident_copilot.pipeline import scoring
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.show import in_words
from incident_copilot.store import drills, incidents


@dataclass(frozen=True)
class Past:
    """One drill that is over; `label` is its incident's, `trend` says how it was compared with the one before."""

    drill: Drill
    label: str
    trend: str

    @property
    def heading(self) -> str:
        """When, what, which incident, whose, and how it went."""
        by = f"begun by <@{self.drill.started_by}>" if self.drill.started_by else "begun by the calendar or an operator"
        name = f"{self.drill.started_at:%Y-%m-%d} {self.drill.scenario}"
        return f"{name}{f' ({self.label})' if self.label else ''}, {by}: {self.drill.result}"


async def history(deps: Deps, limit: int) -> list[Past]:
    """Return the latest drills that are over, newest first.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    async with deps.db.read() as db:
        # One may run, and one more is what the last of them is compared with.
        over = [one for one in await drills.latest(db, deps.workspace_id, limit + 2) if not one.is_running]
        labels = {one.incident_id: (await incidents.get(db, one.incident_id)).label for one in over if one.incident_id}
    earlier = [*over[1:], None]
    return [
        Past(one, labels.get(one.incident_id or "", ""), trend(one, before))
        for one, before in zip(over[:limit], earlier, strict=False)
    ]


def lines(past: Past) -> list[str]:
    """Return a drill as text: its heading, its marks, its trend."""
    return [past.heading, *(f"  {scoring.line(mark)}" for mark in past.drill.marks), f"  {past.trend}"]


def trend(drill: Drill, before: Drill | None) -> str:
    """Return what was better, worse, sooner and later than in the drill before."""
    if before is None:
        return "The first drill: nothing to compare it with."
    now, then = ({mark.name: mark for mark in one.marks if mark.name} for one in (drill, before))
    both = [name for name in now if name in then]
    better = [name for name in both if now[name].ok and not then[name].ok]
    worse = [name for name in both if then[name].ok and not now[name].ok]
    said = [f"better: {', '.join(better)}"] if better else []
    said += [f"worse: {', '.join(worse)}"] if worse else []
    said += [moved for name in both if (moved := _moved(now[name], then[name]))]
    found = "; ".join(said) or "no difference"
    return f"Against {before.scenario} on {before.started_at:%Y-%m-%d} ({before.result}): {found}."


def _moved(now: Mark, then: Mark) -> str:
    """Return how much sooner or later something came; nothing where that is not known, or the same."""
    if now.took_s is None or then.took_s is None or now.took_s == then.took_s:
        return ""
    word = "sooner" if now.took_s < then.took_s else "later"
    return f"{now.name} {in_words(timedelta(seconds=abs(now.took_s - then.took_s)))} {word}"
