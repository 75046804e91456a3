"""What a question is about, by its words: what can be answered from what is stored, without a model."""

import re
from enum import StrEnum


class Topic(StrEnum):
    """What people can ask about an incident."""

    STATUS = "status"
    CAUSE = "cause"
    WHO = "who"
    CHANGES = "changes"
    RUNBOOK = "runbook"
    SIMILAR = "similar"
    ALERTS = "alerts"
    TIMELINE = "timeline"
    NEXT = "what next"


WORDS = {
    Topic.STATUS: "status state summary summarise summarize going happening catch caught resolved fixed over bad",
    Topic.CAUSE: "cause causes caused why root reason suspect hypothesis hypotheses broke",
    Topic.WHO: "who oncall owner owns commander lead leads responders people whom team",
    Topic.CHANGES: "change changes changed deploy deploys deployed deployment release released rollout",
    Topic.RUNBOOK: "runbook runbooks playbook steps instructions",
    Topic.SIMILAR: "similar alike past previously history earlier seen",
    Topic.ALERTS: "alert alerts firing metric metrics graph",
    Topic.TIMELINE: "timeline happened events log sequence messages",
    Topic.NEXT: "next should decide decision decisions proposals proposal waiting todo",
}
_BY_WORD = {word: topic for topic, words in WORDS.items() for word in words.split()}
_LABEL = re.compile(r"\binc-([0-9]{1,9})\b", re.IGNORECASE)
_MENTION = re.compile(r"<[@#!][^>]*>")
MOST_OF_A_COMMAND = 3
"""More words than these are a question, and no command."""


def said(text: str) -> str:
    """Return a message without whom it mentions."""
    return " ".join(_MENTION.sub(" ", text).split())


def number_in(text: str) -> int | None:
    """Return the number of the incident that a text names, or None."""
    found = _LABEL.search(text)
    return int(found.group(1)) if found else None


def topic_of(text: str) -> Topic | None:
    """Return what most words of a text are about, the first named of several; None where no word is known."""
    named = [_BY_WORD[word] for word in _words(text) if word in _BY_WORD]
    return max(named, key=lambda topic: (named.count(topic), -named.index(topic)), default=None)


def is_command(text: str) -> bool:
    """Whether a text is a command rather than a question: few words, of which one names what it is about."""
    return topic_of(text) is not None and len(_words(_LABEL.sub(" ", text))) <= MOST_OF_A_COMMAND


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower().replace("on call", "oncall").replace("on-call", "oncall"))
