"""Which language a text is in, guessed by script and by small words; and the words of it that carry meaning."""

import re
from collections.abc import Iterator

_LONGEST = 2_000
_FEWEST = 2
_CLEARLY = 1.5
# Small words that tell a language from its neighbours; those that several share are left out where others suffice.
_SMALL = {
    "en": "the and is are was were of to in that it you your for with this have has not what how why when which can do "
    "does please there would should from about they we be will if at by an my me there's i",
    "de": "der die das und ist sind war nicht ein eine einen ich sie wir wie was warum mit für auf den dem des zu im"
    " von "
    "bitte kann haben hat auch wenn mein meine mir mich oder noch nur bei wird werden",
    "fr": "le les des et est sont dans que qui une pour pas vous je nous avec sur ce cette au aux du mon ma comment "
    "pourquoi quand peut être il elle votre vos ne mais ou",
    "es": "el los las y es son en que una para no por con su se lo como cómo qué cuando puede mi usted del al pero más "
    "está yo le muy también si",
    "it": "il gli e è sono che una per non con di del della come perché quando può mio mia lei al alla si ma più"
    " questo "
    "questa ho hai nel",
    "pt": "o os as e é são que uma para não por com seu sua se como quando pode meu minha você do da em no na mas mais "
    "está isso muito também",
    "nl": "de het een en is zijn niet van ik je u wij hoe wat waarom met voor op in te dat die kan hebben heeft ook"
    " als "
    "mijn maar bij naar aan wordt",
    "pl": "i w na nie jest się to że z do jak co dlaczego czy dla mój moja ja pan pani może być są ale oraz przez po",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_STOP = frozenset().union(*_WORDS.values())
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_SCRIPT_SHARE = 0.3
_JAPANESE_SHARE = 0.05
"""Japanese is written mostly in Chinese characters; a few of its own are enough."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MEANING = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?")
_SHORTEST = 3


def guess(text: str) -> str | None:
    """Return the language as ISO 639-1 says it; None where the text is too short to tell."""
    text = text[:_LONGEST]
    letters = sum(map(str.isalpha, text))
    for language, script in _SCRIPTS:
        least = _JAPANESE_SHARE if language == "ja" else _SCRIPT_SHARE
        if letters and len(script.findall(text)) > letters * least:
            return language
    words = [word.lower() for word in _WORD.findall(text)]
    hits = sorted(
        ((sum(word in small for word in words), language) for language, small in _WORDS.items()), reverse=True
    )
    (most, language), (next_most, _) = hits[:2]
    return language if most >= _FEWEST and most >= _CLEARLY * next_most else None


def telling(text: str) -> set[str]:
    """Return the words and numbers that carry meaning, in small letters and cut to a stem of six."""
    return set(_stems(text))


def numbers(text: str) -> set[str]:
    """Return the numbers of a text as digits, whatever separates them."""
    return {re.sub(r"\D", "", found) for found in _MEANING.findall(text) if found[0].isdigit()}


def _stems(text: str) -> Iterator[str]:
    for found in _MEANING.findall(text):
        word = found.lower()
        if word[0].isdigit():
            yield word
        elif len(word) >= _SHORTEST and word not in _STOP:
            yield word[:6]
