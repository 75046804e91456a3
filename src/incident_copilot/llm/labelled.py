"""Material as a model reads it: one line each, which begins with the label that it is cited by, such as F1."""

from collections.abc import Iterable, Mapping

MOST_OF_A_LINE = 1_000
_CUT = " …"


def labelled(texts: Iterable[str], letter: str = "F") -> dict[str, str]:
    """Return the texts by their labels, in their order; each is cut, so that a long one pushes out no other."""
    return {f"{letter}{number}": _cut(one_line(text)) for number, text in enumerate(texts, 1)}


def as_lines(by_label: Mapping[str, str]) -> str:
    """Return what a model is given of them."""
    return "\n".join(f"{label}: {text}" for label, text in by_label.items())


def _cut(line: str) -> str:
    return line if len(line) <= MOST_OF_A_LINE else line[: MOST_OF_A_LINE - len(_CUT)] + _CUT


def one_line(text: str) -> str:
    """Return a text in which nobody can begin a line of somebody else's."""
    return " ".join(text.split())
