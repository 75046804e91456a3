"""What a shape is, and the pieces that patterns share."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Shape(NamedTuple):
    """What is hidden, and where: searched for only where a prefilter finds something.

    Prefilters are `literals` as they stand, `words` in any case, and `forms` with 0 for every digit, A for every
    capital and a for every small letter. The group `it` is hidden, or all where there is none; `is_one` looks at it
    again, with a checksum for instance. A pattern that `begins` with its prefilters is tried where they stand and
    nowhere else. One that `spans_lines` is looked for before a text is taken line by line.

    Any other pattern begins with a literal, or where its own characters cannot stand before it, and what repeats is
    bounded, so that none looks at a character more than a few times however long the text is.
    """

    kind: str
    pattern: re.Pattern[str]
    literals: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    is_one: Callable[[str], bool] | None = None
    begins: bool = False
    spans_lines: bool = False


def behind(words: Iterable[str]) -> str:
    """Return a pattern for the place right behind one of some words, or behind it and a space or sign."""
    return "(?:" + "|".join(f"(?<={word})|(?<={word}[_. -])" for word in words) + ")"


def not_behind(words: Iterable[str]) -> str:
    """Return a pattern for any other place."""
    return "".join(f"(?<!{word})(?<!{word}[_. -])" for word in words)


QUOTE = r"\\{0,3}[\"'`]"
"""A quotation mark, in JSON within JSON too."""
SIGN = rf"(?:{QUOTE})?\]?\s{{0,3}}(?:=>|:=|[:=：])\s{{0,3}}"  # noqa: RUF001 -- as Chinese and Japanese write it
"""What stands between a name and its value."""
ARGUMENT = (
    rf"(?:\b[bBuUrRNn](?=[\"']))?(?P<q>{QUOTE})?"
    r"(?P<it>(?(q)(?:(?!(?P=q))[^\n]){3,500}(?=(?P=q))|[^\s\"'`|;]{3,500}))"
)
"""A value on a command line: what its quotation marks hold, or a word."""
VALUE = (
    rf"(?:\b[bBuUrRNn](?=[\"']))?(?P<q>{QUOTE})?"
    r"(?P<it>(?(q)(?:(?!(?P=q))[^\n]){3,500}(?=(?P=q))|(?:[^\s\"'`,;&<\\]|&(?!amp;|\w{1,40}=)|\\(?![\"'nrt])){3,500}))"
)
"""A value behind a name: what its quotation marks hold, or a word up to where another name may begin."""
