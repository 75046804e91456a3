"""Text as a reader means it: without what nobody sees, look-alike letters as Latin ones, spaced-out words joined."""

import re
import unicodedata

from incident_copilot.domain.visible import visible

# Letters of other scripts that look like Latin ones; https://www.unicode.org/reports/tr39/ (confusables).
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u03bf\u03b1\u03b9\u03bd\u03c1\u03c4\u0261\u0131"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7",
    "aeopcyxijsdhoaivptgiABEKMHOPCTXIJSABEHIKMNOPTX",
)
_LATIN = re.compile("[A-Za-z]")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*]){3,}\w(?!\w)")
_BETWEEN = re.compile(r"[ .\-_*]")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
# The flags of England, Scotland and Wales are a black flag with tags.
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f")
_HIDDEN = re.compile("[\u200b\u200c\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return the text as it is read; words in another script than Latin stay as they are."""
    text = unicodedata.normalize("NFKC", visible(text))
    # Where no Latin letter stands, nothing pretends to be one.
    if not text.isascii() and _LATIN.search(text):
        text = " ".join(_as_latin(word) for word in text.split(" "))
    return _SPACED.sub(lambda found: _BETWEEN.sub("", found[0]), text)


def smuggled(text: str) -> str:
    """Return what tag characters say, which people do not see and a model reads; "" where there are none."""
    tags = _TAGS.findall(_FLAG.sub("", text))
    return " ".join("".join(chr(ord(one) - 0xE0000) for one in run) for run in tags)


def hidden(text: str) -> int:
    """Return how many zero-width and direction characters a text has."""
    return len(_HIDDEN.findall(text))


def _as_latin(word: str) -> str:
    """A word that is wholly Latin with its look-alikes changed was meant so; a Russian word has other letters too."""
    changed = word.translate(_ALIKE)
    return changed if changed.isascii() else word
