"""Joins the masked words of a log line that are one value together: `Jun <NUM> <TIME>`, `<NUM> seconds`, many ids."""

import re
from dataclasses import dataclass
from functools import lru_cache

ANY = "<*>"
_EDGES = "[](){}<>,;:.\"'`"
_TOGETHER = re.compile(
    r"(?<!\S)(?:(?P<repeated>\S*<[A-Z]+>\S*)(?: (?P=repeated))+"
    r"|(?P<open>[\[({]*)(?:(?P<key>[\w.-]+=)(?P<STR>\"[^\"=]* [^\"=]*\")|"
    r"(?P<TIME>(?:(?:mon|tue|wed|thu|fri|sat|sun),? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) <NUM>,?"
    r"(?: <TIME>)?(?: <NUM>)?)"
    r"|(?P<DUR>[<>~]?<NUM> (?:ns|us|ms|secs?|seconds?|mins?|minutes?|hours?|days?))"
    r"|(?P<SIZE>[<>~]?<NUM> (?:bytes?|b|[kmgt]i?b)))"
    r"(?P<close>[\])},;:.]*))(?!\S)",
    re.IGNORECASE,
)
_TRUTH = re.compile(r"(?<![\w-])(?:true|false)(?![\w-])", re.IGNORECASE)
_VARIABLE = re.compile(r"<(?:\*|[A-Z]+)>[,;:]?")
_TYPED = re.compile(r"<(?:\*|[A-Z]+)>")
_VALUE = re.compile(r"(?<==)[^=,;\s)\]}]+")


@dataclass(frozen=True)
class Shape:
    """The tokens of a message, and at which of the line's words each begins."""

    tokens: tuple[str, ...]
    starts: tuple[int, ...]


def shape_of(masked: str) -> Shape:
    """Return the shape of a line's masked words, which one space separates."""
    text = _TRUTH.sub("<BOOL>", masked)
    tokens: list[str] = []
    starts: list[int] = []
    place = end = 0
    for found in _TOGETHER.finditer(text):
        before = text[end : found.start()].split()
        tokens += [*before, found["repeated"] or f"{found['open']}{found['key'] or ''}<{_tag(found)}>{found['close']}"]
        starts += range(place, place + len(before) + 1)
        place += len(before) + found[0].count(" ") + 1
        end = found.end()
    rest = text[end:].split()
    return Shape((*tokens, *rest), (*starts, *range(place, place + len(rest))))


@lru_cache(maxsize=50_000)
def is_variable(token: str) -> bool:
    """Return whether a token is a typed variable and nothing else."""
    return bool(_VARIABLE.fullmatch(token))


@lru_cache(maxsize=50_000)
def plain(token: str) -> str:
    """Return the bare word of a token or of its `key=`: letters, or an UPPER_CASE name; else an empty text."""
    if _TYPED.search(token):
        return ""
    bare = token.strip(_EDGES).rpartition("=")[2]
    return bare if bare.isalpha() or (bare.isupper() and bare.replace("_", "").isalpha()) else ""


@lru_cache(maxsize=50_000)
def untyped(token: str) -> str:
    """Return a token without what type its variables are of."""
    return _TYPED.sub(ANY, token) if "<" in token else token


@lru_cache(maxsize=50_000)
def skeleton(token: str) -> str:
    """Return a token without its values, be they variables or the words of `key=value` pairs."""
    return untyped(_VALUE.sub(ANY, token) if "=" in token else token)


def widened(a: str, b: str) -> str:
    """Return what two tokens have in common: the token, its keys, or any word."""
    return a if a == b else skeleton(a) if skeleton(a) == skeleton(b) else ANY


def _tag(found: re.Match[str]) -> str:
    return next(name for name in ("STR", "TIME", "DUR", "SIZE") if found[name])
