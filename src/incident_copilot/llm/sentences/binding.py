"""Says whether what a clause tells of a system is, in the evidence, told of that system and not of another."""

import re
from collections.abc import Iterator, Sequence

from incident_copilot.llm.sentences.clock_times import Times, written
from incident_copilot.llm.sentences.derived import counted, held, shares, stated
from incident_copilot.llm.sentences.places import Place, related
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import Figure, Kind

_PERSON = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b")


def unheld(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return which time, date or figure of a sentence is in no evidence, or there of another system, in words."""
    everything = Times(
        tuple(moment for place in seen for moment in place.times.moments),
        tuple(date for place in seen for date in place.times.dates),
        "",
    )
    for clause in said:
        if (time := clause.times.unheld(everything)) is not None:
            return f"time {time} is in no evidence it cites"
    for clause in said:
        for figure in _to_be_held(clause, seen):
            if not held(figure, clause, seen):
                return f"figure {figure.text} is in no evidence it cites"
    return next((why for clause in said for why in _misplaced(clause, seen)), None)


def _misplaced(clause: Place, seen: Sequence[Place]) -> Iterator[str]:
    yield from _anothers(clause, seen)
    if (why := _miscounted(clause, seen)) is not None:
        yield why
    for person in _PERSON.findall(clause.text):
        lines = {place.line for place in seen if person.casefold() in place.line.casefold()}
        asked = clause.stems - stems(person)
        others = max((len(asked & place.stems) for place in seen if place.line not in lines), default=0)
        if lines and not any(asked & stems(line) for line in lines) and others * 2 >= len(asked) > 0:
            yield f"its evidence does not say it of {person}"
    if clause.about and _is_said_of_others(clause, seen):
        yield f"its evidence does not say it of {min(clause.about)}"


def _to_be_held(clause: Place, seen: Sequence[Place]) -> Iterator[Figure]:
    """Yield the figures of a clause; the two of "four in five" are one share where that is held, or no count."""
    told = list(clause.figures)
    for share, is_no_count in shares(clause.times.rest):
        if is_no_count or held(share, clause, seen):
            told = [one for one in told if not share.at <= one.at < share.end]
            yield share
    yield from told


def values(clause: Place, seen: Sequence[Place]) -> Iterator[tuple[str, list[Place]]]:
    """Yield the figures but factors, times, dates and versions of a clause, and the places that hold each."""
    for figure in clause.figures:
        if figure.kind is not Kind.FACTOR:
            yield f"figure {figure.text}", _holding(figure, seen)
    for moment in clause.times.moments:
        yield f"time {moment.text}", [place for place in seen if any(map(moment.is_told_by, place.times.moments))]
    for year, month, day in clause.times.dates:
        told = Times((), ((year, month, day),), "")
        yield f"date {written(year, month, day)}", [place for place in seen if told.unheld(place.times) is None]
    for name in clause.versions:
        yield name, [place for place in seen if name in place.versions]


def _holding(figure: Figure, seen: Sequence[Place]) -> list[Place]:
    """Return the places that state a figure; where it is "above 90 %", those that state 90 % come first."""
    told = [(place, value) for place in seen for value in stated(figure.kind, place) if figure.rounds(value)]
    exact = [place for place, value in told if abs(value - figure.value) <= 1e-9 * figure.value]
    return exact or [place for place, _ in told]


def _anothers(clause: Place, seen: Sequence[Place]) -> Iterator[str]:
    for text, holding in values(clause, seen):
        if clause.about and _is_of_others(clause, holding, seen):
            yield f"{text} is not of {min(clause.about)} in its evidence"
        elif text.startswith("date ") and holding and _is_elsewhere(clause, holding, seen):
            yield f"{text} is of something else in its evidence"


def _is_of_others(clause: Place, holding: Sequence[Place], seen: Sequence[Place]) -> bool:
    """Whether others only have a value, and no place names these together with what the clause is about.

    A place that names nobody counts where it has a word of the clause.
    """
    of_others = [place for place in holding if place.about and not related(clause.about, place.about)]
    together = frozenset().union(*(place.about for place in seen if related(clause.about, place.about)))
    of_it = [place for place in holding if related(together, place.about)]
    of_nobody = [place for place in holding if not place.about and place.stems & clause.stems]
    return bool(of_others) and not of_it and not of_nobody


def _is_said_of_others(clause: Place, seen: Sequence[Place]) -> bool:
    """Whether no line about a system, or about none, has a word of the clause, and one about another has most of them.

    Where the clause has values, these are bound to the system.
    """
    asked = frozenset() if any(values(clause, seen)) else clause.stems
    ours = {place.line for place in seen if related(clause.about, place.about)}
    others = [place for place in seen if place.line not in ours]
    of_others = max((len(asked & place.stems) for place in others if place.about), default=0)
    of_nobody = max((len(asked & place.stems) for place in others if not place.about), default=0)
    if not asked or any(asked & place.stems for place in seen if place.line in ours):
        return False
    if of_nobody:
        return of_others == len(asked) > max(of_nobody, 1)
    return of_others == len(asked) or (of_others > 1 and of_others * 2 >= len(asked))


def _is_elsewhere(clause: Place, holding: Sequence[Place], seen: Sequence[Place]) -> bool:
    """Whether only places of which the clause has no word hold a date, and another that is like it has one."""
    if any(clause.shares(place) for place in holding):
        return False
    return any(len(clause.stems & place.stems) > 1 and place.times.dates for place in seen)


def _miscounted(clause: Place, seen: Sequence[Place]) -> str | None:
    """Return a figure that counts something else in the evidence, which has a word for what the clause counts."""
    for figure in clause.figures:
        what = counted(figure, clause)
        holding = _holding(figure, seen)
        if figure.kind is not Kind.PLAIN or not what or any(what & place.stems for place in holding):
            continue
        seen_counted = [counted(one, place) for place in holding for one in place.figures if figure.rounds(one.value)]
        lines = {place.line for place in holding}
        is_told_of = any(
            what & place.stems and (place.line not in lines or any(map(_is_count, place.figures))) for place in seen
        )
        if is_told_of and seen_counted and all(one and not one & clause.stems for one in seen_counted):
            return f"figure {figure.text} is of something else in its evidence"
    return None


def _is_count(figure: Figure) -> bool:
    return figure.kind is Kind.PLAIN and figure.value > 0 and figure.text[0].isdigit()
