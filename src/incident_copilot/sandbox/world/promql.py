"""As much of PromQL as a scenario needs: comparing expressions, plain selectors and a threshold at the end."""

import operator
from collections.abc import Callable, Mapping
from itertools import accumulate, pairwise
from typing import NamedTuple

from incident_copilot.sandbox.world.series import Series
from incident_copilot.sandbox.world.tokens import (
    Cursor,
    Matcher,
    QueryProblem,
    Token,
    duration_s,
    matchers,
    said,
    tokenise,
)

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_KEYWORDS = frozenset({
    "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "sum",
    "min", "max", "avg", "count", "topk", "bottomk", "quantile", "stddev", "stdvar", "group", "count_values",
})  # fmt: skip
_OPERANDS = frozenset({"word", "number", "string"})
_BRACKETS = {"(": ")", "{": "}", "[": "]"}


class Threshold(NamedTuple):
    """The comparison at the end of an expression, such as `> 0.05`; it filters what is returned."""

    comparison: str
    bound: float

    def holds(self, value: float) -> bool:
        """Return whether a sample with this value stays in the result."""
        return _COMPARISONS[self.comparison](value, self.bound)


class Query(NamedTuple):
    """An expression in one spelling, without its threshold; `selector` is None unless it is a plain one."""

    expression: str
    threshold: Threshold | None
    selector: tuple[Matcher, ...] | None

    def selects(self, series: Series, labels: Mapping[str, str]) -> bool:
        """Return whether the series, with all its labels, belongs to the result."""
        if any(normalised(expression) == self.expression for expression in series.expressions):
            return True
        named = {"__name__": series.metric, **labels}
        return self.selector is not None and all(matcher.matches(named) for matcher in self.selector)


def parse(text: str) -> Query:
    """Return what the expression asks for. Raises QueryProblem if Prometheus would not accept it."""
    tokens = tokenise(text)
    _check(tokens, len(text))
    tokens, threshold = _without_threshold(tokens)
    tokens = _without_parentheses(tokens)
    return Query(_spelled(tokens), threshold, _selector(tokens, len(text)))


def normalised(text: str) -> str:
    """Return the expression in one spelling and without threshold, for comparing. Raises QueryProblem."""
    tokens, _ = _without_threshold(tokenise(text))
    return _spelled(_without_parentheses(tokens))


def _check(tokens: list[Token], length: int) -> None:
    if not tokens:
        raise QueryProblem(1, "no expression found in input")
    _check_brackets(tokens, length)
    for before, token in pairwise(tokens):
        if _OPERANDS.issuperset((before.kind, token.kind)) and _KEYWORDS.isdisjoint((before.text, token.text)):
            raise QueryProblem(token.at, f"unexpected {said(token)}")
    first, last = tokens[0], tokens[-1]
    if last.kind in {"operator", "comma"}:
        raise QueryProblem(length + 1, "unexpected end of input")
    if first.kind in {"operator", "comma"} and first.text not in {"-", "+"}:
        raise QueryProblem(first.at, f"unexpected {said(first)}")


def _check_brackets(tokens: list[Token], length: int) -> None:
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "operator" and token.text.startswith("|"):
            raise QueryProblem(token.at, "unexpected character: '|'")
        if token.kind == "bracket" and token.text in _BRACKETS:
            opened.append(token)
        elif token.kind == "bracket" and (not opened or _BRACKETS[opened.pop().text] != token.text):
            raise QueryProblem(token.at, f"unexpected {said(token)}")
    if opened:
        raise QueryProblem(length + 1, f'unclosed left bracket "{opened[-1].text}"')


def _without_threshold(tokens: list[Token]) -> tuple[list[Token], Threshold | None]:
    rest = list(tokens)
    if len(rest) < 3 or rest[-1].kind != "number":
        return rest, None
    try:
        bound = duration_s(rest.pop().text)
    except ValueError:
        return list(tokens), None
    if rest[-1].text == "-":
        rest.pop()
        bound = -bound
    if rest and rest[-1].text == "bool":
        rest.pop()
    if len(rest) < 2 or rest[-1].text not in _COMPARISONS:
        return list(tokens), None
    return rest[:-1], Threshold(rest[-1].text, bound)


def _without_parentheses(tokens: list[Token]) -> list[Token]:
    while len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _closing(tokens: list[Token]) -> int:
    """Return where the bracket that the first token opens is closed."""
    steps = (0 if token.kind != "bracket" else 1 if token.text in _BRACKETS else -1 for token in tokens)
    return list(accumulate(steps)).index(0)


def _selector(tokens: list[Token], length: int) -> tuple[Matcher, ...] | None:
    cursor = Cursor(tokens, length)
    name = cursor.take(kind="word")
    found = [Matcher("__name__", "=", name.text)] if name else []
    if cursor.token.text == "{":
        found += matchers(cursor)
    if cursor.token.kind != "end" or not tokens:
        return None
    if all(matcher.matches({}) for matcher in found):
        raise QueryProblem(1, "vector selector must contain at least one non-empty matcher")
    return tuple(found)


def _spelled(tokens: list[Token]) -> str:
    """Join with single spaces: white space means nothing in PromQL, and quotes are alike."""
    return " ".join(repr(token.text) if token.kind == "string" else token.text for token in tokens)
