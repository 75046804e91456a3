"""Whether what fires is well again by what was told lately, long before a whole window has forgotten the trouble."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from incident_copilot.analysis.monitoring.returning import is_wrong, returned
from incident_copilot.analysis.monitoring.windows import Key
from incident_copilot.domain.observation import Observed
from incident_copilot.domain.verdict import Outcome, Verdict
from incident_copilot.ports import Watched

PART = 12
"""Into so many parts a window is divided; the last of them is lately."""


def without_trouble(observed: Iterable[Observed], before: Iterable[Verdict]) -> list[Observed]:
    """Return what was observed but for what came before a figure was well again."""
    well = {(one.metric, one.group): one.mended for one in before if one.mended}
    return [one for one in observed if one.at > well.get(_key(one), datetime.min.replace(tzinfo=one.at.tzinfo))]


def lately(watched: Watched, stand: Iterable[Verdict], level: float) -> Watched | None:
    """Return what was told lately of what fires already, and was held against a baseline; None where nothing does."""
    since = _since(watched, stand, level)
    told = [one for one in watched.current if _key(one) in since and one.at > since[_key(one)]]
    return replace(watched, current=told) if told else None


def taken_back(watched: Watched, stand: Sequence[Verdict], said: Sequence[Verdict], level: float) -> list[Verdict]:
    """Return the verdicts, fine where what was `said` of what was told lately shows that all is well again."""
    now = {one.key: one for one in said}
    since = _since(watched, stand, level)
    return [_fine(one, now.get(one.key), watched, since, level) for one in stand]


def _fine(one: Verdict, now: Verdict | None, watched: Watched, since: Mapping[Key, datetime], level: float) -> Verdict:
    key = (one.metric, one.group)
    if now is None or key not in since or one.outcome is not Outcome.FIRING:
        return one
    figures = [seen.figure for seen in watched.current if _key(seen) == key]
    is_back = returned(now, one, figures, level).is_back
    return now.model_copy(update={"since": watched.now, "mended": since[key]}) if is_back else one


def _since(watched: Watched, stand: Iterable[Verdict], level: float) -> dict[Key, datetime]:
    """Return from when on it is lately, by what fires: never before it was noticed."""
    begun = watched.now - watched.window / PART
    return {
        (one.metric, one.group): max(begun, one.since)
        for one in stand
        if one.outcome is Outcome.FIRING and one.baseline_n and one.since and is_wrong(one, level)
    }


def _key(one: Observed) -> Key:
    return one.figure.metric, one.figure.group
