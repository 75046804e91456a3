"""Splits identifiers and prose into comparable tokens, and says numbers and durations the way people do."""

import re

_PIECES = re.compile(r"\d+(?:\.\d+)?|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")

# Words that appear in any diff or log line and so tie nothing together.
_STOP_WORDS = """a an and are as at be been but by can could did do does for from had has have if in into is it its new
    no not of off on or out so than that the then there this to too up was were will with
    add added class const def else error exception fail failed failure fatal file import info int level line
    log message msg none null occurred public return self static str string true false type update use
    using var warn warning num path uuid dur time hex ip
    com http https io net org www www2 app service src test main v
    total bucket sum"""
STOP = frozenset(_STOP_WORDS.split())
# Words that tie two texts together only a little.
_WEAK_WORDS = """address api call client code config connection count data default host id key length limit max min
    name number port query rate read request response result server set size start state status stop timeout
    user value version write"""
WEAK = frozenset(_WEAK_WORDS.split())
_BYTES = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def tokens(text: str) -> list[str]:
    """Return the lower-case words and numbers of `text`; camel, snake and kebab case are split, plurals cut."""
    return [_singular(piece.lower()) for piece in _PIECES.findall(text)]


def telling(text: str) -> set[str]:
    """Return the tokens of `text` that carry meaning: no stop words, no single letters, numbers kept."""
    return {token for token in tokens(text) if token[0].isdigit() or (len(token) > 1 and token not in STOP)}


def figure(value: float) -> str:
    """Return a number with three significant digits at most, thousands separated: `1,240`, `0.4`, `20`."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):.10f}".rstrip("0").rstrip(".")


def number(value: float, unit: str) -> str:
    """Return a value the way people say it: `20 %`, `1.2 s`, `350 ms`, `1,240 req/s`."""
    if unit == "ratio":
        return f"{value * 100:.1f} %".replace(".0 %", " %")
    if unit == "s" and abs(value) < 1:
        return f"{value * 1000:.0f} ms"
    if unit == "B":
        unit, size = next((one for one in _BYTES if abs(value) >= one[1]), ("B", 1.0))
        value /= size
    return f"{figure(value)} {unit}".rstrip()


def duration(seconds: float) -> str:
    """Return a length of time in its largest fitting unit: `80 s`, `12 min`, `3 h`, `4 d`."""
    for limit, unit, per_unit in ((120, "s", 1), (7200, "min", 60), (172_800, "h", 3600)):
        if abs(seconds) < limit:
            return f"{seconds / per_unit:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
