"""Measures in lines that people read, and as rows of a table for spreadsheets."""

from collections.abc import Iterator

from incident_copilot.analysis.samples import CLEAR
from incident_copilot.analysis.words import duration, figure
from incident_copilot.domain import csv_text
from incident_copilot.domain.measures import Measures, Phase, Share, Spread
from incident_copilot.pipeline.model_costs import money

COLUMNS = ("group", "name", "measure", "number", "mean", "median", "p90", "low", "high", "before", "before_number")


def lines(found: Measures) -> list[str]:
    """Return everything but the groups, a measure a line."""
    return [heading(found), *times(found), *copilot(found), *quality(found), *loads(found)]


def heading(found: Measures) -> str:
    """Return what is measured."""
    of = f" ({found.rule.text})" if found.rule.text else ""
    count = f"{found.incidents} incident{'' if found.incidents == 1 else 's'}"
    left_out = f"; the oldest are left out, {found.left_out} or more" if found.left_out else ""
    return f"{count} in {found.days} days{of}{left_out}"


def times(found: Measures) -> list[str]:
    """Return the four times together."""
    return [f"{phase.short} (to {phase}): {took(one)}" for phase, one in found.times.items()]


def groups(found: Measures, kind: str) -> list[str]:
    """Return the medians of one kind of group, a group a line."""
    return [
        f"{name}: " + ", ".join(f"{phase.short} {duration(one.median)} (n {one.number})" for phase, one in of.items())
        for name, of in found.by.get(kind, {}).items()
    ]


def copilot(found: Measures) -> list[str]:
    """Return how the copilot did."""
    told = [f"Accepted, {one.name}: {share(one)}" for one in found.accepted]
    told += [f"In shadow, {one.name}, people did the same: {share(one)}" for one in found.shadowed]
    if found.edited:
        told.append(f"Drafts edited: {found.edited.number}, by {found.edited.median:.0%} of their words in the median")
    if found.usd and found.tokens:
        cost, tokens = found.usd, found.tokens
        told.append(
            f"Model per incident: {money(cost.median)} and {tokens.median:,.0f} tokens in the median,"
            f" {money(cost.p90)} and {tokens.p90:,.0f} at p90 (n {cost.number})"
        )
    if found.rating:
        one = found.rating
        told.append(f"Rated by people: {figure(one.mean)} of 5, median {figure(one.median)} (n {one.number})")
    if found.incidents:
        told.append(f"Time saved, an estimate: {duration(found.saved.minutes * 60)} ({'; '.join(found.saved.how)})")
    return told


def quality(found: Measures) -> list[str]:
    """Return how detection, triage and updates went, and what came back."""
    named = [*found.detection, *found.triage, *filter(None, (found.updates, found.recurring))]
    return [f"{one.name[:1].upper()}{one.name[1:]}: {share(one)}" for one in named]


def loads(found: Measures) -> list[str]:
    """Return the load of each person."""
    return [
        f"{one.name}: {one.incidents} incidents, led {one.led}, called {one.calls} times, {one.at_night} at night"
        for one in found.load
    ]


def took(one: Spread) -> str:
    """Return a sample of durations in words, its trend last."""
    between = (
        f", likely {duration(one.low)} to {duration(one.high)}" if one.low is not None and one.high is not None else ""
    )
    said = (
        f"median {duration(one.median)}{between}, p90 {duration(one.p90)}, mean {duration(one.mean)} (n {one.number})"
    )
    return f"{said}; {trend(one)}"


def trend(one: Spread) -> str:
    """Return how a sample compares with the period before."""
    if one.before is None:
        return "nothing to compare with"
    was = f"before: {duration(one.before)} (n {one.before_number})"
    if one.chance is None:
        return f"{was}, too few to tell"
    if one.chance > CLEAR:
        return f"{was}, no clear change"
    return f"{was}, {'shorter' if one.median < one.before else 'longer'} now"


def share(one: Share) -> str:
    """Return a share with its interval, in words."""
    return f"{one.part} of {one.whole} ({one.part / one.whole:.0%}, likely {one.low:.0%} to {one.high:.0%})"


def as_csv(found: Measures) -> str:
    """Return everything as CSV; durations in seconds, shares as number and part."""
    return csv_text.as_csv(COLUMNS, _rows(found))


def _rows(found: Measures) -> Iterator[tuple[object, ...]]:
    yield from (("all", "", phase.short, *_spread(one)) for phase, one in found.times.items())
    for kind, groups_of in found.by.items():
        for name, of in groups_of.items():
            yield from ((kind, name, phase.short, *_spread(one)) for phase, one in of.items())
    for name, one in (("edited", found.edited), ("usd", found.usd), ("tokens", found.tokens), ("rating", found.rating)):
        if one:
            yield ("copilot", "", name, *_spread(one))
    named = [("accepted", one) for one in found.accepted] + [("shadow", one) for one in found.shadowed]
    rest = (*found.detection, *found.triage, found.updates, found.recurring)
    for group, part in [*named, *(("quality", one) for one in rest if one)]:
        yield (
            group,
            part.name,
            "share",
            part.whole,
            round(part.part / part.whole, 4),
            "",
            "",
            part.low,
            part.high,
            "",
            "",
        )
    yield "copilot", "", "minutes saved (estimate)", found.incidents, found.saved.minutes, *[""] * 6
    for who in found.load:
        yield from (
            ("person", who.name, measure, number, *[""] * 7)
            for measure, number in (
                ("incidents", who.incidents),
                ("led", who.led),
                ("calls", who.calls),
                ("at night", who.at_night),
            )
        )


def _spread(one: Spread) -> tuple[object, ...]:
    values = (one.mean, one.median, one.p90, one.low, one.high, one.before)
    return one.number, *("" if value is None else round(value, 4) for value in values), one.before_number


def shortest(found: Measures) -> str:
    """Return what fits into one line of App Home."""
    ended = found.times.get(Phase.RESOLVE)
    took_ = f" · median {duration(ended.median)} to resolve" if ended else ""
    taken = sum(one.part for one in found.accepted), sum(one.whole for one in found.accepted)
    accepted = f" · {taken[0]} of {taken[1]} suggestions taken" if taken[1] else ""
    return f"Last {found.days} days: {found.incidents} incidents{took_}{accepted} · /incident stats"
