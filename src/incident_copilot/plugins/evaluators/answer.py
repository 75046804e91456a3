"""Looks whether an answer is one: not empty, no refusal, not repeated, long enough, in the right language.

A refusal may be right; it is kept as a single weak signal, and its rate is what a monitor watches.

API: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-events/
"""

import re
import zlib
from collections.abc import Iterator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.languages import guess
from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.domain.sampled import Evaluation, Sampled, Usual
from incident_copilot.ports import Evaluator, PluginEnv

_NOT_ABLE = (
    r"(?:can(?:not|'t)|won't|will not|am (?:unable|not able|not allowed)|'m (?:unable|not able|not allowed)|must)"
)
_WITH = r"(?:help|assist|answer|provide|do|comply|discuss|share|continue|fulfil+|decline|give|tell|offer|say|engage)"
_REFUSES = re.compile(
    rf"\b(?:i|we) {_NOT_ABLE}(?: not)? (?:\w+ )?(?:to )?(?:\w+ )?{_WITH}\b|\bsomething i am not allowed\b"
    r"|^\W*as an? (?:ai|large|artificial|language)\b[^.]{0,40}\bi (?:can|do|am|don't|cannot)"
    r"|\bi(?:'d| would) rather not\b|\bgoes against (?:our|my|the) (?:guidelines|polic\w+|rules)"
    r"|\bfalls? outside (?:of )?what i (?:can|may)|\bi (?:don't|do not) have (?:opinions|personal)"
    r"|\b(?:kann|darf|werde) (?:ich )?(?:\w+ ){0,3}?nicht (?:helfen|beantworten|weitergeben|sagen|beitragen|unterst\w+)"
    r"|\bje ne (?:peux|suis) pas (?:\w+ ){0,2}?(?:vous|t'|te|en mesure|r[ée]pondre|aider|autoris\w+)"
    r"|\bno puedo (?:\w+ )?(?:ayudar|responder|proporcionar|compartir|hacer)",
    re.IGNORECASE,
)
_ASKS_FOR_MORE = re.compile(
    r"\b(?:why|how (?:do|does|can|to|should|would)|explain|describe|compare|summari[sz]e|warum|wieso|erkl[äa]r\w*"
    r"|beschreib\w*|pourquoi|expliqu\w+|por qu[ée]|explic\w+)\b",
    re.IGNORECASE,
)
_TRANSLATES = re.compile(
    r"\b(?:translat\w*|[üu]bersetz\w*|tradui\w*|traduc\w*|(?:in|into|auf|en) (?:english|german|french|spanish|italian"
    r"|portuguese|dutch|polish|japanese|chinese|korean|russian|arabic|englisch|deutsch|anglais|allemand|ingl[ée]s))\b",
    re.IGNORECASE,
)
_SHORTEST_LOOKED_AT = 30
"""Words from which on repetition can be told."""
_RUN = 4
_EACH = {"empty": 0.0, "repetition": 0.2, "refusal": 0.3, "language": 0.4, "short": 0.5}
"""What an answer is worth that has this fault."""


class Options(Frozen):
    """From when on an answer repeats itself (share of different runs of four words), and is too short (words)."""

    repeats_below: float = 0.5
    short_below: int = 4


def create(env: PluginEnv, options: Options) -> Evaluator:
    """Return the evaluator."""
    return Answer(env, options)


class Answer:
    """The form of answers."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "answer"
        self._options = options

    def look(self, one: Sampled, usual: Usual) -> Evaluation:
        """Return what its worst fault leaves of an answer."""
        del usual
        faults = list(self._faults(one))
        return Evaluation(
            score=min((_EACH[fault] for fault in faults), default=1.0),
            signals=tuple(Signal(kind=SignalKind.LOW_QUALITY, name=f"answer.{fault}") for fault in faults),
            facts={"quality.answered": not {"empty", "refusal"} & {*faults}},
        )

    def _faults(self, one: Sampled) -> Iterator[str]:
        words = one.response.split()
        if not words:
            yield "empty"
            return
        if _REFUSES.search(one.response[:300].replace("\u2019", "'")):
            yield "refusal"
        if self._repeats(one.response, words):
            yield "repetition"
        if self._is_short(one, words):
            yield "short"
        if _is_in_another_language(one):
            yield "language"

    def _repeats(self, text: str, words: list[str]) -> bool:
        """Long texts are looked at by their runs of words, those without blanks by how far they can be compressed."""
        if len(words) < _SHORTEST_LOOKED_AT:
            raw = text.encode()
            return len(raw) > 200 and len(zlib.compress(raw)) < 0.15 * len(raw)
        runs = [tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)]
        return len(set(runs)) < self._options.repeats_below * len(runs)

    def _is_short(self, one: Sampled, words: list[str]) -> bool:
        is_closed = one.expected is not None or one.format is not None
        return not is_closed and len(words) < self._options.short_below and bool(_ASKS_FOR_MORE.search(one.request))


def _is_in_another_language(one: Sampled) -> bool:
    wanted = one.language or (None if _TRANSLATES.search(one.request) else guess(one.request))
    found = guess(one.response) if wanted and one.format is None else None
    return found is not None and found != (wanted or "").partition("-")[0].lower()
