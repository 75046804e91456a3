"""Whether what fires is well again by what was told lately, long before a whole window has forgotten the trouble.

A finding, such as an attack, alerts by itself and has nothing to be held against but that there should be none: lately
is since the last one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from incident_copilot.analysis.monitoring.returning import is_wrong, returned
from incident_copilot.analysis.monitoring.windows import Key, last_found
from incident_copilot.domain.observation import Observed
from incident_copilot.domain.verdict import Outcome, Verdict
from incident_copilot.ports import Watched

PART = 12
"""Into so many parts a window is divided; the last of them is lately."""
CALM = timedelta(minutes=15)
"""For how long nothing must be found, however many requests there are: those who attack pause."""


class Lately(NamedTuple):
    """What was told lately, and from when on it is lately, by what fires."""

    watched: Watched
    since: Mapping[Key, datetime]


def without_trouble(observed: Iterable[Observed], before: Iterable[Verdict]) -> list[Observed]:
    """Return what was observed but for what came before a figure was well again."""
    well = dict(sorted(((one.metric, one.group), one.mended) for one in before if one.mended))
    return [one for one in observed if one.at > well.get(_key(one), datetime.min.replace(tzinfo=one.at.tzinfo))]


def lately(watched: Watched, stand: Iterable[Verdict], level: float) -> Lately | None:
    """Return what was told lately of what fires already; None where nothing was."""
    firing = [one for one in stand if one.outcome is Outcome.FIRING and is_wrong(one, level)]
    begun = (((one.metric, one.group), at) for one in firing if (at := _begun(watched, one)))
    since = dict(sorted(begun, reverse=True))  # of two monitors that look at one figure the earlier
    told = [one for one in watched.current if _key(one) in since and one.at > since[_key(one)]]
    return Lately(replace(watched, current=told), since) if told else None


def taken_back(recent: Lately, stand: Sequence[Verdict], said: Sequence[Verdict], level: float) -> list[Verdict]:
    """Return the verdicts, fine where what was `said` of what was told lately shows that all is well again."""
    now = {one.key: one for one in said}
    return [_fine(one, now.get(one.key), recent, level) for one in stand]


def _fine(one: Verdict, now: Verdict | None, recent: Lately, level: float) -> Verdict:
    key, (watched, since) = (one.metric, one.group), recent
    if now is None or key not in since or one.outcome is not Outcome.FIRING:
        return one
    figures = [seen.figure for seen in watched.current if _key(seen) == key]
    is_back = returned(now, one, figures, level).is_back
    return now.model_copy(update={"since": watched.now, "mended": since[key]}) if is_back else one


def _begun(watched: Watched, one: Verdict) -> datetime | None:
    """Return from when on it is lately: never before it was noticed; None where what fires cannot end early."""
    if one.baseline_n:
        return max(watched.now - watched.window / PART, one.since or watched.now)
    if one.baseline != 0:
        return None
    last = last_found(seen for seen in watched.current if _key(seen) == (one.metric, one.group))
    return last if last and last <= watched.now - CALM else None


def _key(one: Observed) -> Key:
    return one.figure.metric, one.figure.group
