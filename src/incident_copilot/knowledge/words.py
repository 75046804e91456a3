"""Turn prose, alert names and metric names into the stems that search compares."""

import re
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped]  # the package ships no types

# An identifier keeps its inner separators, so that metric and alert names are found whole as well as in parts.
_WORD = re.compile(r"[A-Za-z0-9]+(?:[_.:/-][A-Za-z0-9]+)*")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
# CrashLooping -> Crash Looping, HTTPErrors -> HTTP Errors, Http5xxHigh -> Http 5xx High, OOMKilled -> OOM Killed.
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+[a-z]*")
# What a template leaves open says nothing about the symptom: {{ $labels.pod }}, {{pod}}, <pod>.
_OPEN_VALUE = re.compile(r"\{\{[^{}]*\}\}|<[a-z_ ]+\??>")
_LONGEST_WORD = 64
_STEMMER = snowballstemmer.stemmer("english")
# The last two lines are the frame of alert texts: how long, on which instance, over which threshold.
_STOP_WORDS = """
a about after again all also an and any are as at be because been before being between both but by can could did do
does for from had has have how if in into is it its may more most no not of off on once only or other our out over
same should so some such than that the their them then there these they this those through to under until up very was
we were what when where which while who why will with would you your
alert alerts current currently far hour hours instance instances label labels last least minute minutes much second
seconds threshold thresholds too value values
"""
_STOPPED = frozenset(_STOP_WORDS.split())


def split_name(name: str) -> list[str]:
    """The lower-case parts of an alert or metric name: KubePodCrashLooping -> kube, pod, crash, looping."""
    return [part.lower() for word in _ALPHANUMERIC.findall(name) for part in _CAMEL.findall(word)]


def squash(name: str) -> str:
    """The name without case and separators, so that HighErrorRate, high-error-rate and high_error_rate are one."""
    return "".join(_ALPHANUMERIC.findall(name)).lower()


def stems(text: str) -> list[str]:
    """Stems in reading order; a name of several parts gives its parts and itself; stop words are dropped."""
    return [stem for word in _WORD.findall(_OPEN_VALUE.sub(" ", text)) for stem in _stems_of(word)]


def whole_names(text: str) -> set[str]:
    """The names of several parts in the text as `stems` gives them whole; their parts say the same once more."""
    words = _WORD.findall(_OPEN_VALUE.sub(" ", text))
    return {name for word in words if (name := _whole(word))}


def word_of_stem(text: str) -> dict[str, str]:
    """Each stem of the text with the first word it came from, so that people are shown words and not stems."""
    words: dict[str, str] = {}
    for word in _WORD.findall(_OPEN_VALUE.sub(" ", text)):
        parts = _stems_of(word)
        for part in parts:
            words.setdefault(part, word if len(parts) == 1 else part)
    return words


@lru_cache(maxsize=65_536)
def _whole(word: str) -> str:
    return squash(word) if len(split_name(word)) > 1 else ""


@lru_cache(maxsize=65_536)
def _stems_of(word: str) -> tuple[str, ...]:
    if len(word) > _LONGEST_WORD:
        return ()
    parts = split_name(word)
    found = [_STEMMER.stemWord(part) for part in parts if part not in _STOPPED and len(part) > 1]
    if len(parts) > 1:
        found.append(squash(word))
    return tuple(found)
