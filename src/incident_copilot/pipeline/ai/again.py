"""Requests that come again: whether the same one gets the same answer, and like ones of two groups the same decision.

Who sends few interactions at once seldom sends two that are alike, so a process remembers some of the last ones. What
it remembers is in memory alone, groups of people above all; after a restart, and in another process, pairs are fewer
and no others. Each interaction is in one pair at most, so that pairs are cases of a test.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from incident_copilot.analysis.monitoring import pairs
from incident_copilot.analysis.monitoring.pairs import Case
from incident_copilot.analysis.monitoring.shares import Share
from incident_copilot.domain.observation import Figure
from incident_copilot.domain.sampled import Sampled

CONSISTENCY, ACROSS, WITHIN = "quality.consistency", "fairness.individual", "fairness.individual_within"
FEWEST_WORDS = 3
"""What a shorter request asks depends on what was said before it."""
_ANSWERS = 2000
_GROUPS = 50


@dataclass
class Recent:
    """What is remembered of one system: answers whose request may come again, cases that wait for a like one."""

    answers: dict[str, Sampled] = field(default_factory=dict)
    cases: dict[str, Sequence[Case]] = field(default_factory=dict)


def figures(recent: Recent, sampled: Sequence[Sampled]) -> Iterator[Figure]:
    """Yield what pairs of new interactions, and of new and remembered ones, come to; and remember the new ones."""
    same = _consistency(recent.answers, sampled)
    if same.n:
        yield Figure(metric=CONSISTENCY, successes=same.successes, n=same.n)
    decided = [one for one in sampled if one.outcome is not None]
    for name in sorted({name for one in decided for name in one.groups})[:_GROUPS]:
        new = [_case(one, name) for one in decided if name in one.groups]
        found = pairs.unlike(recent.cases.get(name, ()), new)
        recent.cases[name] = found.waiting
        for metric, share in ((ACROSS, found.across), (WITHIN, found.within)):
            if share.n:
                yield Figure(metric=metric, group=name, successes=share.successes, n=share.n)


def _consistency(answers: dict[str, Sampled], sampled: Sequence[Sampled]) -> Share:
    """Count the requests that came again, each with the one before it; and of how many the answer is the same."""
    same = n = 0
    for one in sampled:
        if len(one.request.split()) < FEWEST_WORDS:
            continue
        key = _asked(one)
        before = answers.pop(key, None)
        if before is None or before.id == one.id:
            answers[key] = one
            continue
        n += 1
        same += _is_same(before, one)
    for key in list(answers)[: max(0, len(answers) - _ANSWERS)]:
        del answers[key]
    return Share(same, n)


def _asked(one: Sampled) -> str:
    """What makes two requests the same: their words, and the passages that were found for them."""
    found = sorted(passage.id for passage in one.retrieved or ())
    text = "\x1f".join([*one.request.lower().split(), "\x1e", *found])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_same(before: Sampled, now: Sampled) -> bool:
    """A decision is the same or not; of a text most of the words are."""
    if before.outcome is not None and now.outcome is not None:
        return before.outcome is now.outcome
    return pairs.likeness(pairs.words(before.response), pairs.words(now.response)) >= pairs.ALIKE


def _case(one: Sampled, name: str) -> Case:
    return Case(pairs.words(one.request), one.groups[name], is_good=one.outcome is True)
