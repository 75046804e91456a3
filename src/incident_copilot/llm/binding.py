"""Says whether what a clause tells of a system is, in the evidence, told of that system and not of another."""

from collections.abc import Callable, Iterator, Sequence

from incident_copilot.llm.clock_times import Times
from incident_copilot.llm.derived import held, shares, stated
from incident_copilot.llm.places import Place, related
from incident_copilot.llm.units import Figure, Kind

Holds = Callable[[Place], bool]


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
            if not held(figure, seen):
                return f"figure {figure.text} is in no evidence it cites"
    return next((why for clause in said for why in _anothers(clause, seen)), None)


def _to_be_held(clause: Place, seen: Sequence[Place]) -> Iterator[Figure]:
    """Yield the figures of a clause; the two of "four in five" are one share where that is held, or no count."""
    told = list(clause.figures)
    for share, is_no_count in shares(clause.times.rest):
        if is_no_count or held(share, seen):
            told = [one for one in told if not share.at <= one.at < share.end]
            yield share
    yield from told


def _anothers(clause: Place, seen: Sequence[Place]) -> Iterator[str]:
    for text, holds in values(clause):
        if clause.about and _is_anothers(clause, [place for place in seen if holds(place)]):
            yield f"{text} is not of {min(clause.about)} in its evidence"


def values(clause: Place) -> Iterator[tuple[str, Holds]]:
    """Yield what a clause tells of a system: figures that are no factors, times, and versions."""
    for figure in clause.figures:
        if figure.kind is not Kind.FACTOR and not figure.changes:
            yield f"figure {figure.text}", _holds_figure(figure)
    for moment in clause.times.moments:
        yield f"time {moment.text}", lambda place, moment=moment: any(map(moment.is_told_by, place.times.moments))
    for name in clause.versions:
        yield name, lambda place, name=name: name in place.versions


def _holds_figure(figure: Figure) -> Holds:
    return lambda place: any(figure.rounds(value) for value in stated(figure.kind, place))


def _is_anothers(clause: Place, holding: Sequence[Place]) -> bool:
    """Whether others only have a value. A place that names nobody counts where it has a word of the clause."""
    of_others = [place for place in holding if place.about and not related(clause.about, place.about)]
    of_it = [place for place in holding if related(clause.about, place.about)]
    of_nobody = [place for place in holding if not place.about and place.stems & clause.stems]
    return bool(of_others) and not of_it and not of_nobody
