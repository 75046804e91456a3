"""What PromQL and LogQL share: splitting a query into tokens, label matchers, durations and times."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
      | (?P<number>[0-9.][0-9a-zA-Z.]*(?:(?<=[eE])[-+][0-9]+)?)
      | (?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)
      | (?P<operator>\|=|\|~|=~|!~|==|!=|>=|<=|[-+*/%^=<>|@])
      | (?P<bracket>[(){}\[\]])
      | (?P<comma>,)""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_DURATION = re.compile(r"([0-9.]+)(ms|[smhdwy])")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}


class QueryProblem(ValueError):
    """A query that cannot be read; `at` is the character, counted from 1."""

    def __init__(self, at: int, problem: str) -> None:
        super().__init__(problem)
        self.at, self.problem = at, problem


class Token(NamedTuple):
    """A piece of a query; `text` of a string is its content without quotes."""

    kind: str
    text: str
    at: int


class Matcher(NamedTuple):
    """One condition on a label, such as `service=~"a|b"`; a label that is absent counts as empty."""

    label: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the labels fulfil the condition."""
        actual = labels.get(self.label, "")
        if self.operator in {"=", "=="}:
            return actual == self.value
        if self.operator == "!=":
            return actual != self.value
        found = re.fullmatch(self.value, actual) is not None
        return found == (self.operator == "=~")


class Cursor:
    """Reads tokens one after the other."""

    def __init__(self, tokens: list[Token], length: int) -> None:
        self._tokens, self._next, self._end = tokens, 0, length + 1

    @property
    def token(self) -> Token:
        """Return the token to read next; its kind is "end" after the last one."""
        return self._tokens[self._next] if self._next < len(self._tokens) else Token("end", "", self._end)

    def take(self, *texts: str, kind: str | None = None) -> Token | None:
        """Step over the next token and return it if it is one of the texts, or of the kind; else None."""
        token = self.token
        if token.kind == "end" or (token.kind != kind if kind else token.kind == "string" or token.text not in texts):
            return None
        self._next += 1
        return token

    def expect(self, *texts: str, kind: str | None = None) -> Token:
        """Step over the next token and return it. Raises QueryProblem if it is another one."""
        token = self.take(*texts, kind=kind)
        if token is None:
            wanted = kind or " or ".join(f'"{text}"' for text in texts)
            raise QueryProblem(self.token.at, f"unexpected {said(self.token)}, expected {wanted}")
        return token


def tokenise(text: str) -> list[Token]:
    """Return the tokens without white space. Raises QueryProblem for a character or quote out of place."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            quote = text[position] in "\"'`"
            raise QueryProblem(
                position + 1,
                "unterminated quoted string" if quote else f"unexpected character: '{text[position]}'",
            )
        kind = str(found.lastgroup)
        if kind != "space":
            content = _unquoted(found[0]) if kind == "string" else found[0]
            tokens.append(Token(kind, content, position + 1))
        position = found.end()
    return tokens


def matchers(cursor: Cursor) -> list[Matcher]:
    """Return the conditions between braces. Raises QueryProblem, also for a bad regular expression."""
    cursor.expect("{")
    found: list[Matcher] = []
    while not cursor.take("}"):
        label = cursor.expect(kind="word").text
        operator = cursor.expect("=", "!=", "=~", "!~").text
        found.append(matcher(label, operator, cursor.expect(kind="string")))
        if not cursor.take(","):
            cursor.expect("}")
            break
    return found


def matcher(label: str, operator: str, value: Token) -> Matcher:
    """Return the condition. Raises QueryProblem for a bad regular expression."""
    if operator.endswith("~"):
        compiled(value)
    return Matcher(label, operator, value.text)


def compiled(value: Token) -> re.Pattern[str]:
    """Return the regular expression that a string token holds. Raises QueryProblem if it is none."""
    try:
        return re.compile(value.text)
    except re.error as error:
        raise QueryProblem(value.at, f"error parsing regexp: {error}") from None


def duration_s(text: str) -> float:
    """Return the seconds of a duration such as `90s`, `1h30m` or a bare number. Raises ValueError."""
    if not text or _DURATION.sub("", text):
        return float(text)
    return sum(float(amount) * _UNIT_S[unit] for amount, unit in _DURATION.findall(text))


def unix_s(text: str) -> float:
    """Return unix seconds of a number of seconds or an RFC 3339 time. Raises ValueError."""
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()


def said(token: Token) -> str:
    """Return how an error message names the token."""
    return "end of input" if token.kind == "end" else f'{token.kind} "{token.text}"'


def _unquoted(quoted: str) -> str:
    return quoted[1:-1] if quoted[0] == "`" else _ESCAPE.sub(_escaped, quoted[1:-1])


def _escaped(escape: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])
