"""Says findings as sentences, each with the keys of the evidence it rests on, and tells whom a message names."""

import re
from collections.abc import Collection, Iterator

from incident_copilot.analysis.findings import Findings, Statement
from incident_copilot.analysis.logs import TemplateChange
from incident_copilot.analysis.words import figure

_HEADLINE = 110
_TAG = re.compile(r"^\[[\w.-]+\]\s+")
_FIELD = re.compile(r"[\w.-]+=\S+|<\*>")


def message(key: str, findings: Findings) -> Statement:
    """Return how often a template's message is written now, and in whose logs."""
    template = findings.templates[key]
    rates = f"from {figure(template.per_minute_before)} to {figure(template.per_minute_during)} a minute"
    where = f"in the logs of {template.service or findings.service}"
    return Statement(f'"{shortened(template.headline)}" {where}, {rates}', (key,))


def shortened(headline: str) -> str:
    """Return a message as people quote it: no tag at its head, no `key=value` at its tail, cut between words."""
    words = _TAG.sub("", headline).split()
    while len(words) > 3 and _FIELD.fullmatch(words[-1]):
        words.pop()
    text = " ".join(words).rstrip(" ,;:")
    return text if len(text) <= _HEADLINE else f"{text[:_HEADLINE].rsplit(' ', 1)[0].rstrip(' ,;:')} …"


def names(text: str, service: str) -> str | None:
    """Return how `text` names the service: `openai`, or `reports:settlement-export` with what follows a colon."""
    found = re.search(rf"(?<![\w-]){re.escape(service)}(?![\w-])(?::[A-Za-z][\w.-]*)?", text, re.IGNORECASE)
    return found[0] if found else None


def lasting(findings: Findings) -> Iterator[tuple[str, TemplateChange]]:
    """Yield the templates that are new or more frequent, with their keys."""
    return ((key, one) for key, one in findings.templates.items() if one.kind != "vanished")


def names_any(text: str, services: Collection[str]) -> bool:
    """Return whether `text` names one of the services."""
    return any(names(text, service) for service in services)
