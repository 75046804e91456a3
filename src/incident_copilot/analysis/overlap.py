"""Measures how much a change and a symptom speak of the same things: words by rarity, numbers, file names."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from incident_copilot.analysis.diffs import Diff
from incident_copilot.analysis.themes import THEMES, bridges
from incident_copilot.analysis.words import WEAK, telling, tokens

_BACKGROUND = 20  # imagined other changes, so that rarity means something among two or three
_METRIC_NAME = 0.5  # a metric's name says less than a message
_FILE_NAMED = _VALUE_NAMED = 1.5
_TELLING_VALUE = 4  # letters or digits, below which a value is in a message by chance
_SCHEME = re.compile(r"^\w+://")
_LONE_WORD = 0.35  # one word in common is often a noun of the business
_CHANCE = 0.3
_COMMON_FILES = frozenset(
    ("app", "base", "common", "database", "db", "handler", "index", "job", "main", "model", "route", "schema", "util")
)
_FIELD = 0.7  # that both are about one field, in different words
_SETTING = 0.4  # that a value was moved which the symptom is about, where hardly a word says so
_UNTELLING_NUMBERS = frozenset({"0", "1"})
_VARYING = re.compile(r"[\w.-]+=<[^>\s]+>")  # that a message has a field says nothing where its value varies


@dataclass(frozen=True)
class Overlap:
    """How strongly (0 to 1) a change matches `symptom`, by which words, and the setting among them, if any.

    `fragment` is the part of the symptom that holds the shared words. `field` is what both are about in other words.
    `moved` is 1 where a setting is moved that the symptom is about and hardly a word says so, 2 where the symptom names
    its new value.
    """

    strength: float = 0.0
    shared: tuple[str, ...] = ()
    symptom: str = ""
    fragment: str = ""
    setting: str = ""
    field: str = ""
    moved: int = 0


def overlaps(
    changes: Sequence[tuple[str, Diff]],
    messages: Mapping[str, str],
    metric_names: Iterable[str],
    *,
    ignore: Collection[str],
) -> list[Overlap]:
    """Return the best overlap of each change (its text and diff) with any one symptom; `messages` with a line of each.

    Words of the names in `ignore` (services) do not count: where a change sits is judged by topology.
    """
    names = {word for name in ignore for word in tokens(name)}
    words = [_words_of(text, diff) - names for text, diff in changes]
    # A field may be called like one of its words, which would count twice.
    seen_in = Counter(word for each in words for word in (*each, *map(_field_key, _fields_of(each))))
    rarity = {word: _rarity(word, count, len(changes)) for word, count in seen_in.items()}
    symptoms = [(text, 1.0) for text in messages] + [(name, _METRIC_NAME) for name in metric_names]
    return [
        max(
            (
                _overlap(mine, diff, symptom, weight, rarity, _named_value(diff, messages.get(symptom, "")))
                for symptom, weight in symptoms
            ),
            key=lambda overlap: overlap.strength,
            default=Overlap(),
        )
        for mine, (_, diff) in zip(words, changes, strict=True)
    ]


def _words_of(text: str, diff: Diff) -> set[str]:
    """Return the telling words of the lines a change touches (all of it where there are no such lines)."""
    touched = "\n".join((*diff.paths, *diff.added, *diff.removed)) if diff.added or diff.removed else text
    headline = text.split("\n", 1)[0]
    gone = {word for word in telling("\n".join(diff.removed)) if word[0].isdigit()}
    return telling(f"{headline}\n{touched}") - (gone - telling("\n".join(diff.added)))


def _rarity(word: str, count: int, total: int) -> float:
    """Return 1 for a word of one change only, less the more changes have it, and less for general words."""
    rare = math.log((total + _BACKGROUND) / (count + 1)) / math.log((total + _BACKGROUND) / 2)
    return rare * (0.4 if word in WEAK else 1.0)


def _fields_of(words: set[str]) -> list[str]:
    return [name for name, known in THEMES.items() if known & words]


def _field_key(name: str) -> str:
    return f"field {name}"


def _named_value(diff: Diff, line: str) -> str:
    """Return the setting whose new value a line names; a short value is chance."""
    values = ((_SCHEME.sub("", one.new), str(one)) for one in diff.settings)
    return next((told for value, told in values if len(value) >= _TELLING_VALUE and value in line), "")


def _overlap(words: set[str], diff: Diff, symptom: str, weight: float, rarity: dict[str, float], named: str) -> Overlap:
    said = telling(_VARYING.sub(" ", symptom))
    shared = (words & said) - _UNTELLING_NUMBERS
    files = [path for path in diff.paths if (name := path.rsplit("/", 1)[-1]) in symptom and "." in name]
    field = max(bridges(words, said), key=lambda name: rarity[_field_key(name)], default="")
    # A number alone is chance; beside a shared word it is a value that was set.
    if not files and not any(word.isalpha() for word in shared):
        shared = set()
    is_lone = len(shared) == 1 and not shared & _stems(diff)
    about = THEMES.get(field, frozenset())
    setting = named or next((str(one) for one in diff.settings if set(tokens(one.key)) & (shared | about)), "")
    moved = 2 if named else int(len(shared) < 2 and any(_head(one.key) in shared | about for one in diff.settings))
    total = weight * sum(rarity[word] for word in shared) * (_LONE_WORD if is_lone else 1)
    total += _FILE_NAMED * len(files) + weight * _FIELD * rarity.get(_field_key(field), 0.0)
    total += (0.0, weight * _SETTING, _VALUE_NAMED)[moved]
    if total < _CHANCE:
        return Overlap()
    return Overlap(
        strength=round(1 - 2 ** (-total / 1.5), 3),
        shared=tuple(word for word in dict.fromkeys(tokens(symptom)) if word in shared) or tuple(files),
        symptom=symptom,
        fragment=_fragment(symptom, (shared or said & about) | set(tokens(" ".join(files)))),
        setting=setting,
        field=field,
        moved=moved,
    )


def _head(key: str) -> str:
    """Return the word of a setting's name that says what it is: `memory` of `resources.limits.memory`."""
    return next((word for word in reversed(tokens(key)) if word not in WEAK), "")


def _stems(diff: Diff) -> set[str]:
    """Return the words of the touched files' names: a message that has one of them speaks of that file's matter."""
    names = (path.rsplit("/", 1)[-1].partition(".")[0] for path in diff.paths)
    return {word for name in names for word in tokens(name)} - WEAK - _COMMON_FILES


def _fragment(symptom: str, shared: set[str]) -> str:
    """Return the words of `symptom` from the first shared one to the last, a dozen at most."""
    words = symptom.split()
    hits = [place for place, word in enumerate(words) if shared & set(tokens(word))]
    return " ".join(words[hits[0] : min(hits[-1] + 1, hits[0] + 12)]) if hits else ""
