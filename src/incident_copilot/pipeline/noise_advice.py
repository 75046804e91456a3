"""What could make alerts quieter, each with the incidents behind it: idle, flapping, doubled, without an owner."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations

from incident_copilot.analysis import tuning
from incident_copilot.analysis.words import duration, figure
from incident_copilot.domain.track_record import TurnedOut
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import episodes
from incident_copilot.store.episodes import Episode, Named

LOOKED_BACK = timedelta(days=90)
MOST = 12
IDLE_SHARE, FEWEST = 0.8, 5
FLAPS, TOGETHER = 3, 3
"""From how many times on an alert flaps in an incident, and from how many incidents on two alerts are one."""


async def advice(deps: Deps) -> list[str]:
    """Return what could be changed, a line each; an empty list where the last 90 days say nothing."""
    async with deps.db.read() as db:
        found = await episodes.since(db, deps.workspace_id, deps.now() - LOOKED_BACK)
        ids = [one.incident_id for one in found]
        alike = await episodes.together(db, ids)
        firings = await episodes.firings(db, ids)
    by_alert: dict[Named, list[Episode]] = defaultdict(list)
    for one in found:
        by_alert[one.name, one.service].append(one)
    said = [
        *(line for named, those in by_alert.items() for line in _tuned(named, those)),
        *_idle(by_alert),
        *_flapping(alike, firings),
        *_doubled(set(one.values()) for one in alike.values()),
        *_unowned(deps, by_alert),
    ]
    return said[:MOST]


def _tuned(named: Named, those: Sequence[Episode]) -> Iterator[str]:
    """Yield what a longer for: and another limit would have done."""
    seen = [
        tuning.Episode(is_real=one.outcome is TurnedOut.TROUBLE, lasted_s=one.lasted_s, worst=one.worst)
        for one in those
    ]
    if later := tuning.longer(seen):
        change = f"with for: {duration(later.value)} longer"
        yield f"{_said(named)}: {change} {_effect(later)}, and all others would have come that much later."
    bound = next((one.bound for one in those if one.bound is not None), None)
    same = [one for one, episode in zip(seen, those, strict=True) if episode.bound == bound]
    if bound is not None and (other := tuning.higher(same, bound)):
        yield f"{_said(named)}: with a limit of {figure(other.value)} instead of {figure(bound)} {_effect(other)}."


def _effect(found: tuning.Tuned) -> str:
    return (
        f"{found.saved} of {found.idle} pages with nothing to do would not have come,"
        f" and {found.missed} of {found.real} real ones would have been missed"
    )


def _idle(by_alert: Mapping[Named, Sequence[Episode]]) -> Iterator[str]:
    for named, those in by_alert.items():
        idle = sum(one.outcome is not TurnedOut.TROUBLE for one in those)
        if len(those) >= FEWEST and idle >= IDLE_SHARE * len(those):
            yield f"{_said(named)}: nothing was to do in {idle} of {len(those)} incidents. Is it worth a page?"


def _flapping(alike: Mapping[str, Mapping[str, Named]], firings: Mapping[tuple[str, str], int]) -> Iterator[str]:
    flaps = [key for key, times in firings.items() if times >= FLAPS]
    flapped = Counter(alike[incident_id][alert] for incident_id, alert in flaps if alert in alike.get(incident_id, {}))
    for named, number in flapped.items():
        incidents = "incident" if number == 1 else "incidents"
        yield f"{_said(named)}: it flapped in {number} {incidents}. keep_firing_for: would hold it."


def _doubled(alike: Iterable[set[Named]]) -> Iterator[str]:
    """Yield pairs of alerts that came in the same incidents and in no others."""
    alone, both = Counter[Named](), Counter[tuple[Named, Named]]()
    for names in alike:
        alone.update(names)
        both.update(combinations(sorted(names, key=str), 2))
    for (one, other), number in both.items():
        if number >= TOGETHER and alone[one] == alone[other] == number:
            yield f"{_said(one)} and {_said(other)} came together in all {number} incidents: one of them is enough."


def _unowned(deps: Deps, by_alert: Mapping[Named, Sequence[Episode]]) -> Iterator[str]:
    for (name, service), those in by_alert.items():
        known = deps.catalog.service(service) if service else None
        if known is None or known.team is None:
            why = "names no service" if service is None else f"is on {service}, which no team of the catalogue owns"
            yield f"{name} {why}: nobody is called for it by rule ({len(those)} in 90 days)."


def _said(named: Named) -> str:
    name, service = named
    return f"{name} on {service}" if service else name
