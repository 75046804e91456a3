"""Reads evidence as places, each of which says one thing, and sentences as clauses, each of which claims one."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from incident_copilot.llm import names
from incident_copilot.llm.names import Known, folded
from incident_copilot.llm.sentences import clock_times
from incident_copilot.llm.sentences.clock_times import Times
from incident_copilot.llm.sentences.figures import figures, without_figures
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import Figure

_CLAUSE = re.compile(
    r"[;\n]|[.!?](?=\s|$)|,\s(?:while|but|whereas|and|so|although|though|yet)\s|\s(?:while|whereas"
    r"|(?<![Aa]ll )(?<!nothing )(?<!anything )but)\s|,\s(?=(?:the|all) (?:others?"
    r"|rest)\b)"
)
_VERSION = re.compile(r"v?\d+(?:\.\d+)+")
_POINTS_BACK = re.compile(
    r"\W*(?:it|its|they|their|both|this|that|these|those|which|still|now|was|were)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Place:
    """One thing that is said: its words, figures and times, and the names it is about.

    `plain` is its text without systems, whose parts are no words. `names` are all of its own; `about` are the systems
    or, where it has none, those named before it in its `line`.
    """

    text: str
    plain: str
    line: str
    names: frozenset[str]
    about: frozenset[str]
    stems: frozenset[str]
    figures: tuple[Figure, ...]
    times: Times

    @property
    def versions(self) -> frozenset[str]:
        """The versions among its names, without the v."""
        return frozenset(name.removeprefix("v") for name in self.names if _VERSION.fullmatch(name))

    def shares(self, other: "Place") -> int:
        """Return how many words and names two places have in common."""
        return len(self.stems & other.stems) + len(self.names & other.names)

    def may_be_about(self, other: "Place") -> bool:
        """Whether this may speak of the same as `other`: neither the systems nor the versions that they name differ."""
        is_of_it = not self.about or not other.about or bool(related(self.about, other.about))
        return is_of_it and (not self.versions or not other.versions or not self.versions.isdisjoint(other.versions))


def places(texts: Sequence[str], known: Known) -> list[Place]:
    """Return the places of texts, in order."""
    return [place for text in texts for line in text.split("\n") for place in _of_line(line, known)]


def claimed(sentence: str, known: Known) -> list[Place]:
    """Return the clauses of a sentence; one that begins with "it" is about what the one before is about."""
    found: list[Place] = []
    about: frozenset[str] = frozenset()
    for clause in clauses(sentence, known.all):
        place = _place(clause, sentence, about if _POINTS_BACK.match(clause) else frozenset(), known)
        about = place.about
        found.append(place)
    return found


def clauses(text: str, known: Collection[str] = ()) -> list[str]:
    """Return the parts of a text that say one thing each; a known name after a comma begins a new one."""
    return [part.strip() for whole in _CLAUSE.split(text) for part in _at_names(whole, known) if part.strip()]


def related(some: Collection[str], others: Collection[str]) -> set[str]:
    """Return which names of `some` are among `others`, as the service of a host or pod is, or the reverse."""
    return {
        one
        for one in some
        for other in others
        if one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")
    }


@lru_cache(maxsize=512)  # all sentences of an answer are held against the same lines
def _of_line(line: str, known: Known) -> tuple[Place, ...]:
    found: list[Place] = []
    for clause in clauses(line, known.all):
        found.append(_place(clause, line, found[-1].about if found else frozenset(), known))
    return tuple(found)


def _place(text: str, line: str, before: frozenset[str], known: Known) -> Place:
    told = clock_times.times(text)
    own = frozenset(name.casefold() for name in names.names(without_figures(told.rest), known.all))
    systems = own & known.systems
    plain = _without(text, systems)
    return Place(
        text=text,
        plain=plain,
        line=line,
        names=own,
        about=systems or before,
        stems=stems(plain),
        figures=tuple(figures(told.rest)),
        times=told,
    )


def _without(text: str, named: Collection[str]) -> str:
    """Return a text without these names: their parts are no words of it."""
    return (
        re.sub("|".join(rf"(?<![\w-]){re.escape(name)}(?!\w)" for name in named), " ", text, flags=re.IGNORECASE)
        if named
        else text
    )


def _at_names(text: str, known: Collection[str]) -> Iterator[str]:
    begun = 0
    low = folded(frozenset(known))
    for match in re.finditer(r",\s(?=([\w./-]*\w)(?!,| and\b| or\b|$))", text):
        if match[1].casefold() in low:
            yield text[begun : match.start()]
            begun = match.end()
    yield text[begun:]
