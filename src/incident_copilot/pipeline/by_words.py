"""What an alert's words say where its source and the catalogue are silent: how severe, whose and of which type it is.

First by the operator's own examples in the catalogue, where these are clear; severity then by rules that people can
read. Both give their reasons.
"""

from collections.abc import Mapping
from functools import lru_cache

from incident_copilot.analysis import examples, severity_words
from incident_copilot.analysis.examples import Example, Learnt, Verdict
from incident_copilot.analysis.severity_words import Guess, Said
from incident_copilot.domain.alert import VOLATILE_LABELS, Alert
from incident_copilot.domain.catalog import Catalog

CLEAR = 0.3
"""How far an answer must be ahead of the next one. Measured in evals/README.md: more is right more often, and rarer."""
_UNTOLD = VOLATILE_LABELS | {"alertname", "severity", "team"}


def learn(catalog: Catalog) -> None:
    """Learn from the catalogue's examples ahead of the first alert, which would wait for it; takes up to a second."""
    _severities(_severity_examples(catalog))
    _owners(_team_examples(catalog))
    _kinds(_type_examples(catalog))


def severity(alert: Alert, catalog: Catalog) -> Guess | None:
    """Return the severity word that an alert without one would have, or None where nothing tells."""
    learnt = _severities(_severity_examples(catalog))
    verdict = learnt and learnt.judge(examples.wording(_said(alert)))
    if learnt and verdict and verdict.lead >= CLEAR:
        return Guess(verdict.answer, (_like(verdict, learnt, f"your examples of {verdict.answer}"),))
    return severity_words.guess(_said(alert))


def team(alert: Alert, catalog: Catalog) -> str | None:
    """Return whose the alert is: as the catalogue names it, or a label, or the examples; None where none does."""
    likely = likely_owner(alert, catalog)
    return likely[0] if likely else _named(alert, catalog)


def likely_owner(alert: Alert, catalog: Catalog) -> tuple[str, str] | None:
    """Return the team whose examples the alert is like, and why; None where a team is named or none is clear."""
    if _named(alert, catalog):
        return None
    learnt = _owners(_team_examples(catalog))
    verdict = learnt and learnt.judge(examples.subject(_said(alert), telling(alert.labels)))
    if not learnt or not verdict or verdict.lead < CLEAR:
        return None
    return verdict.answer, f"team {verdict.answer}: {_like(verdict, learnt, 'its examples')}"


def kind(alert: Alert, catalog: Catalog) -> str | None:
    """Return the incident type whose examples in the catalogue an alert is clearly like; None where there is none."""
    learnt = _kinds(_type_examples(catalog))
    verdict = learnt and learnt.judge(examples.wording(_said(alert)))
    return verdict.answer if verdict and verdict.lead >= CLEAR else None


def telling(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that say what an alert is about, without those that change by themselves or name the answer."""
    return {key: value for key, value in labels.items() if key not in _UNTOLD}


def _named(alert: Alert, catalog: Catalog) -> str | None:
    service = catalog.service(alert.service)
    return (service.team if service else None) or alert.labels.get("team")


def _like(verdict: Verdict, learnt: Learnt, whose: str) -> str:
    words = ", ".join(verdict.because)
    return f"it reads like {whose} ({words}); of these, {learnt.right:.0%} are told right when left out"


def _said(alert: Alert) -> Said:
    return Said(alert.name, f"{alert.summary} {alert.description}", alert.expression or "")


def _severity_examples(catalog: Catalog) -> tuple[tuple[str, str], ...]:
    return tuple((text, word) for word, texts in catalog.severity.examples.items() for text in texts)


def _team_examples(catalog: Catalog) -> tuple[tuple[str, str], ...]:
    return tuple((text, team.name) for team in catalog.teams for text in team.examples)


def _type_examples(catalog: Catalog) -> tuple[tuple[str, str], ...]:
    return tuple((text, kind) for kind, policy in catalog.types.items() for text in policy.examples)


# One entry for each catalogue in use; a reload brings another.
@lru_cache(maxsize=4)
def _severities(shown: tuple[tuple[str, str], ...]) -> Learnt | None:
    return examples.learn([Example(examples.wording(Said(text)), word) for text, word in shown])


@lru_cache(maxsize=4)
def _kinds(shown: tuple[tuple[str, str], ...]) -> Learnt | None:
    return examples.learn([Example(examples.wording(Said(text)), kind) for text, kind in shown])


@lru_cache(maxsize=4)
def _owners(shown: tuple[tuple[str, str], ...]) -> Learnt | None:
    return examples.learn([Example(_subject(text), team) for text, team in shown])


def _subject(text: str) -> examples.Features:
    labels = dict(word.split("=", 1) for word in text.split() if "=" in word)
    return examples.subject(Said(" ".join(word for word in text.split() if "=" not in word)), labels)
