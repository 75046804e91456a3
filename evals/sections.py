"""What the sections of results.md about a model have in common."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.prompt import Prompt
from incident_copilot.store.egress import Rate

Row = Sequence[str]


def section(name: str, what: str, caveat: str, prompts: Iterable[Prompt], *tables: Iterable[Row]) -> str:
    """Return a section: its name, what was asked and when, with which prompts, and tables that begin with a head."""
    asked = ", ".join(f"{one.purpose} {one.version}" for one in prompts)
    lines = [f"## {name}", "", f"{what}, {datetime.now(UTC):%Y-%m-%d}. {caveat}", f"Prompts: {asked}."]
    for head, *rows in tables:
        lines += ["", _line(head), f"|{'---|' * len(head)}", *map(_line, rows)]
    return "\n".join([*lines, ""])


def stood(rates: Sequence[Rate]) -> Iterator[tuple[str, str]]:
    """Yield how much of a model's words stood, by prompt."""
    for name in sorted({one.prompt for one in rates}):
        some = [one for one in rates if one.prompt == name]
        sentences, struck = sum(one.sentences for one in some), sum(one.struck for one in some)
        yield f"`{name}`: sentences that stand", of(sentences - struck, sentences)
        yield f"`{name}`: said nothing", of(sum(not one.sentences for one in some), len(some))


def took(spent: Sequence[Spent], each: str = "an item") -> Iterator[tuple[str, str]]:
    """Yield what the calls took."""
    yield f"tokens {each}, mean", f"{statistics.mean(one.tokens for one in spent):,.0f}"
    yield f"cost {each}, mean", f"${statistics.mean(one.usd for one in spent):.4f}"
    yield f"seconds {each}, mean", f"{statistics.mean(one.seconds for one in spent):.1f}"


def of(part: int, whole: int) -> str:
    """Return a share as it is told of few."""
    return f"{part} of {whole}"


def _line(row: Row) -> str:
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in row)}|"
