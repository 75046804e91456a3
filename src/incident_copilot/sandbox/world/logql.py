"""As much of LogQL as finding log lines needs: selector, line filters, label filters, and counting them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from incident_copilot.sandbox.world.tokens import (
    Cursor,
    Matcher,
    QueryProblem,
    compiled,
    duration_s,
    matcher,
    matchers,
    said,
    tokenise,
)

_PARSERS = {"json", "logfmt"}


class LineFilter(NamedTuple):
    """A condition on the text of a line, such as `|~ "error"`."""

    operator: str
    pattern: re.Pattern[str]

    def keeps(self, line: str) -> bool:
        """Return whether the line passes."""
        return (self.pattern.search(line) is not None) == self.operator.startswith("|")


class LogQuery(NamedTuple):
    """Which streams and which of their lines."""

    stream: tuple[Matcher, ...]
    filters: tuple[LineFilter, ...]

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Return whether a stream with these labels is asked for."""
        return all(matcher.matches(labels) for matcher in self.stream)

    def keeps(self, line: str) -> bool:
        """Return whether the line passes all filters."""
        return all(condition.keeps(line) for condition in self.filters)


class CountQuery(NamedTuple):
    """A number of lines per `range_s`; `by` None keeps every stream apart, `()` adds all up."""

    logs: LogQuery
    range_s: float
    per_second: bool
    by: tuple[str, ...] | None


def parse(text: str) -> LogQuery | CountQuery:
    """Return what the query asks for. Raises QueryProblem if Loki would not accept it, or we do not know it."""
    cursor = Cursor(tokenise(text), len(text))
    query = _logs(cursor) if cursor.token.text == "{" else _summed(cursor)
    if cursor.token.kind != "end":
        raise QueryProblem(cursor.token.at, f"unexpected {said(cursor.token)}")
    return query


def _summed(cursor: Cursor) -> CountQuery:
    if not cursor.take("sum"):
        return _counted(cursor)
    by = _by(cursor)
    cursor.expect("(")
    query = _counted(cursor)
    cursor.expect(")")
    return query._replace(by=by or _by(cursor))


def _by(cursor: Cursor) -> tuple[str, ...]:
    if not cursor.take("by"):
        return ()
    cursor.expect("(")
    labels = [cursor.expect(kind="word").text]
    while cursor.take(","):
        labels.append(cursor.expect(kind="word").text)
    cursor.expect(")")
    return tuple(labels)


def _counted(cursor: Cursor) -> CountQuery:
    function = cursor.expect("count_over_time", "rate")
    cursor.expect("(")
    logs = _logs(cursor)
    cursor.expect("[")
    length = cursor.expect(kind="number")
    try:
        range_s = duration_s(length.text)
    except ValueError:
        raise QueryProblem(length.at, f'not a valid duration string: "{length.text}"') from None
    cursor.expect("]")
    cursor.expect(")")
    return CountQuery(logs, range_s, function.text == "rate", None)


def _logs(cursor: Cursor) -> LogQuery:
    at = cursor.token.at
    stream = matchers(cursor)
    if all(condition.matches({}) for condition in stream):
        raise QueryProblem(
            at,
            "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
            'For instance, app=~".*" does not meet this requirement, but app=~".+" will',
        )
    filters: list[LineFilter] = []
    while operator := cursor.take("|=", "|~", "!=", "!~", "|"):
        if operator.text == "|":
            stream += _label_filter(cursor)
            continue
        wanted = cursor.expect(kind="string")
        if not operator.text.endswith("~"):
            wanted = wanted._replace(text=re.escape(wanted.text))
        filters.append(LineFilter(operator.text, compiled(wanted)))
    return LogQuery(tuple(stream), tuple(filters))


def _label_filter(cursor: Cursor) -> list[Matcher]:
    """Read what follows a bare pipe; a parser adds nothing, because labels here are the stream's."""
    label = cursor.expect(kind="word").text
    if label in _PARSERS:
        return []
    operator = cursor.expect("=", "==", "!=", "=~", "!~").text
    return [matcher(label, operator, cursor.expect(kind="string"))]
