"""The noise lane: alerts that opened no incident, counted, so that people can look through them and take them out."""

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.noise import NoiseCount, never_text, rule_text
from incident_copilot.pipeline import noise_advice
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import noise, outcomes

MOST = 50
SHARE, OF_AT_LEAST = 0.8, 5
"""From which share of how many incidents with nothing to do a rule is proposed."""


class Lane(Frozen):
    """What was noise, most frequent first; `rules` is what could be added to catalog.yaml, empty where nothing is.

    `advice` says what else could make alerts quieter, with the incidents behind it.
    """

    counted: tuple[NoiseCount, ...]
    rules: str = ""
    advice: tuple[str, ...] = ()


async def lane(deps: Deps, limit: int = MOST) -> Lane:
    """Return what was noise, and the rules that the history of other alerts proposes."""
    async with deps.db.read() as db:
        counted = await noise.counted(db, deps.workspace_id, limit)
        records = await outcomes.lately(db, deps.workspace_id)
    known = {(one.name, one.service) for one in counted}
    proposed = [
        rule_text(name, service, record.text)
        for (name, service), record in records.items()
        if len(record.latest) >= OF_AT_LEAST
        and record.idle >= SHARE * len(record.latest)
        and (name, service) not in known
    ]
    rules = "\n".join(["noise:", "  rules:", *proposed[:limit]]) if proposed else ""
    return Lane(counted=tuple(counted), rules=rules, advice=tuple(await noise_advice.advice(deps)))


def lines(shown: Lane) -> list[str]:
    """Return it in lines."""
    listed = [f"{said(one)}  last {one.last_at:%Y-%m-%d %H:%M}  {one.why}" for one in shown.counted]
    proposed = ["", PROPOSED, *shown.rules.splitlines()] if shown.rules else []
    advised = ["", ADVISED, *shown.advice] if shown.advice else []
    return [*(listed or ["Nothing was noise."]), *proposed, *advised]


ADVISED = "By the incidents of the last 90 days:"
PROPOSED = "Mostly nothing to do so far. To have them counted only, add to catalog.yaml:"


def said(one: NoiseCount) -> str:
    """Return what was noise and how often."""
    where = f" on {one.service}" if one.service else ""
    return f"{one.name}{where}, {one.times} {'time' if one.times == 1 else 'times'}"


def taken_out(deps: Deps, alert: Alert) -> str:
    """Return how an alert is kept out of the noise from now on; nothing where it is none."""
    why = deps.catalog.noise.why(alert)
    return f"\nTo have it open incidents from now on, add to catalog.yaml:\n{never_text(alert)}" if why else ""
