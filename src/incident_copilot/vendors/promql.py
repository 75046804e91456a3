"""What is known of PromQL (and of LogQL's label matchers): alert thresholds and safe label values.

Language: https://prometheus.io/docs/prometheus/latest/querying/operators/
"""

import re
from typing import NamedTuple

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`')
_COMPARISON = re.compile(r"==|!=|>=|<=|>|<")
_SET_OPERATOR = re.compile(r"\b(?:and|or|unless)\b", re.IGNORECASE)
_SCALAR = re.compile(r"(?:bool\b)?[\s\d.eE+\-*/^%()]+")
_PARENTHESES = 20
_OPEN, _CLOSE = "([{", ")]}"


class Condition(NamedTuple):
    """An alert's expression taken apart: what is measured and, where it ends in one, the threshold.

    `comparison` is None where the expression had to be kept whole; `threshold` is None where it is no plain number.
    """

    query: str
    comparison: str | None = None
    threshold: float | None = None


def condition(expression: str) -> Condition:
    """Return the expression without the comparison at its end, so that it also answers while nothing is wrong.

    Conditions joined by `and`, `or` or `unless` are kept whole: each side alone means something else.
    """
    text = _without_parentheses(expression.strip())
    top = _top_level(text)
    found = None if _SET_OPERATOR.search(top) else _last(_COMPARISON, top)
    if found is None:
        return Condition(text)
    query, bound = text[: found.start()].strip(), text[found.end() :].strip()
    if not query or not _SCALAR.fullmatch(bound):
        return Condition(text)
    return Condition(_without_parentheses(query), found[0], _number(bound))


def is_promql(expression: str) -> bool:
    """Whether an alert's query may be PromQL: neither a SELECT of some vendor nor a pipe of commands, as KQL is."""
    text = _QUOTED.sub("", expression)
    return "|" not in text and not re.match(r"\s*select\b", text, re.IGNORECASE)


def label_value(text: str) -> str:
    """Return the text as it stands between double quotes in a label matcher."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def filled(template: str, service: str) -> str:
    """Return the query with `{service}` replaced, escaped for a place between double quotes."""
    return template.replace("{service}", label_value(service))


def _top_level(text: str) -> str:
    """Return the text with quotes and everything in brackets blanked out, each character at its place."""
    unquoted = _QUOTED.sub(lambda quote: "_" * len(quote[0]), text)
    depth, shown = 0, []
    for character in unquoted:
        depth -= character in _CLOSE
        shown.append(character if depth == 0 else "_")
        depth += character in _OPEN
    return "".join(shown)


def _without_parentheses(text: str) -> str:
    """Return the text without parentheses around all of it."""
    for _ in range(_PARENTHESES):
        if not (text.startswith("(") and text.endswith(")") and set(_top_level(text)[1:-1]) <= {"_"}):
            break
        text = text[1:-1].strip()
    return text


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _number(bound: str) -> float | None:
    try:
        return float(bound.removeprefix("bool").strip().strip("()"))
    except ValueError:
        return None
