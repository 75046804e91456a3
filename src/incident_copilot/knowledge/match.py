"""Match an alert to runbooks: its link and name first, then what it says; nothing when nothing fits."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from incident_copilot.domain.base import Frozen
from incident_copilot.knowledge.links import Links, grouped
from incident_copilot.knowledge.meaning import Meaning
from incident_copilot.knowledge.runbook import Library, Runbook, Section, Step, StepKind
from incident_copilot.knowledge.search import Document, DocumentSection, Index
from incident_copilot.knowledge.words import split_name, squash

_LINKED = 1.0
_NAMED = 0.95
_BEST_BY_WORDS = 0.9
# Measured on public alert rules against 973 public runbooks: 98 % of those that have a runbook reach it, also with
# their name withheld; of those that have none, every fifth reaches it with its name.
LEAST_SHARE = 0.28
_SAME_TYPE = 1.25
_CANDIDATES = 10
_SYMPTOM_ANNOTATIONS = ("summary", "description", "message", "title")
# Labels that say where something happened and not what.
_PLACES = (
    *("service", "app", "namespace", "cluster", "pod", "instance", "host", "node", "deployment", "statefulset"),
    *("environment", "env", "region", "zone", "team"),
)


class RunbookMatch(Frozen):
    """A runbook that fits an alert and the section to begin with; `score` 0 to 1; `reasons` are for people."""

    runbook: Runbook
    section: Section
    score: float
    reasons: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Whether the alert's link or name says that it is the runbook, and not what it speaks of alone."""
        return self.score >= _NAMED

    def steps(self, *kinds: StepKind) -> Iterator[tuple[Section, Step]]:
        """The runbook's steps of these kinds with their sections; of a playbook for many alerts only this one's."""
        alone = self.section.is_of_one_alert
        return (pair for pair in self.runbook.steps(*kinds) if not alone or pair[0] == self.section)


@dataclass(frozen=True)
class RunbookIndex:
    """A library and the index over it; an edit of a runbook is a new one."""

    library: Library
    index: Index

    @classmethod
    def build(
        cls, library: Library, before: "RunbookIndex | None" = None, meaning: Meaning | None = None
    ) -> "RunbookIndex":
        """The index; runbooks that stand in `before` unchanged are not read again."""
        documents = map(as_document, library.runbooks)
        return cls(library, Index.build(documents, before.index if before else None, meaning))

    @cached_property
    def by_id(self) -> dict[str, Runbook]:
        """Runbooks by id."""
        return {runbook.id: runbook for runbook in self.library.runbooks}

    @cached_property
    def links(self) -> Links:
        """Runbooks by what links say of them."""
        return Links(self.library.runbooks)

    @cached_property
    def by_name(self) -> dict[str, list[Runbook]]:
        """Runbooks by the alerts that they answer, and by their titles."""
        names = ((squash(name), one) for one in self.library.runbooks for name in (*one.alerts, one.title))
        return grouped(names)

    @cached_property
    def by_section(self) -> dict[str, list[tuple[Runbook, Section]]]:
        """Sections that are about one alert, by its name, as playbooks for many alerts have them."""
        sections = ((one, section) for one in self.library.runbooks for section in one.sections)
        return grouped(
            (squash(section.heading), (one, section)) for one, section in sections if section.is_of_one_alert
        )


def match_runbooks(
    runbooks: RunbookIndex,
    *,
    alert_name: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    service: str | None = None,
    kind: str | None = None,
    runbook_url: str | None = None,
    limit: int = 3,
    least: float = LEAST_SHARE,
) -> list[RunbookMatch]:
    """The best runbooks for an alert, best first; an empty list means: none fits.

    `kind` is the incident's type, such as "errors". A runbook for other services is left out unless the link names it.
    `least` is the score below which one does not fit.
    """
    places = _places(labels, service)
    kind_of_alert = _kind_of_alert(alert_name, places)
    found: dict[str, RunbookMatch] = {}
    for match in [
        *_linked(runbooks, runbook_url or annotations.get("runbook_url", "")),
        *_named(runbooks, alert_name, service),
        *_named(runbooks, kind_of_alert, service),
        *_worded(runbooks, _symptom(alert_name, annotations, places), service, kind, least),
    ]:
        found.setdefault(match.runbook.id, match)
    return sorted(found.values(), key=lambda match: -match.score)[:limit]


def as_document(runbook: Runbook) -> Document:
    """The runbook as search reads it."""
    return Document(
        id=runbook.id,
        title=runbook.title,
        names=runbook.alerts,
        sections=tuple(DocumentSection(id=one.id, heading=one.heading, text=one.text) for one in runbook.sections),
    )


def _linked(runbooks: RunbookIndex, url: str) -> list[RunbookMatch]:
    return [
        RunbookMatch(runbook=runbook, section=section, score=_LINKED, reasons=("the alert links to it",))
        for runbook, section in runbooks.links.follow(url)
    ]


def _named(runbooks: RunbookIndex, alert_name: str, service: str | None) -> list[RunbookMatch]:
    """Runbooks that answer this alert name, or are called so; those written for the very service come first."""
    fitting = [runbook for runbook in runbooks.by_name.get(squash(alert_name), ()) if _is_for(runbook, service)]
    fitting.sort(key=lambda runbook: not runbook.services)
    found = [(runbook, runbook.first_section_with_steps) for runbook in fitting]
    found += [pair for pair in runbooks.by_section.get(squash(alert_name), ()) if _is_for(pair[0], service)]
    return [
        RunbookMatch(
            runbook=runbook,
            section=section,
            score=_NAMED,
            reasons=(f"answers the alert {alert_name}", *_service_reason(runbook, service)),
        )
        for runbook, section in found
    ]


def _worded(
    runbooks: RunbookIndex, symptom: str, service: str | None, kind: str | None, least: float
) -> list[RunbookMatch]:
    matches = []
    for hit in runbooks.index.search(symptom, _CANDIDATES):
        runbook = runbooks.by_id[hit.document_id]
        same_type = kind is not None and kind in runbook.types
        share = hit.score * (_SAME_TYPE if same_type else 1.0)
        if share >= least and _is_for(runbook, service):
            reasons = (*hit.reasons, *((f"is about {kind}",) if same_type else ()), *_service_reason(runbook, service))
            said = runbook.section(hit.section_id)
            section = said if said and said.is_of_one_alert else runbook.first_section_with_steps
            matches.append(
                RunbookMatch(runbook=runbook, section=section, score=min(_BEST_BY_WORDS, share), reasons=reasons)
            )
    return matches


def _symptom(alert_name: str, annotations: Mapping[str, str], places: list[str]) -> str:
    """What the alert says about the problem; its texts without the names of what it happened to.

    The alert's own name is kept whole: RedisSlow in the namespace redis is about Redis.
    """
    text = ". ".join(annotations[key] for key in _SYMPTOM_ANNOTATIONS if annotations.get(key))
    for place in places:
        text = re.sub(rf"(?<![\w-]){re.escape(place)}(?![\w-])", " ", text)
    return f"{alert_name}. {text}"


def _places(labels: Mapping[str, str], service: str | None) -> list[str]:
    """Names of where it happened, the longest first, because one may contain another."""
    named = {labels[key] for key in _PLACES if labels.get(key)} | ({service} if service else set())
    return sorted(named, key=lambda name: (-len(name), name))


def _kind_of_alert(alert_name: str, places: list[str]) -> str:
    """The alert's name without the place: PaymentsLatencyHigh of payments is LatencyHigh."""
    parts = split_name(alert_name)
    for place in map(split_name, places):
        at = next((at for at in range(len(parts)) if place and parts[at : at + len(place)] == place), None)
        if at is not None:
            parts = parts[:at] + parts[at + len(place) :]
    return " ".join(parts)


def _is_for(runbook: Runbook, service: str | None) -> bool:
    return not runbook.services or service in runbook.services


def _service_reason(runbook: Runbook, service: str | None) -> tuple[str, ...]:
    return (f"written for {service}",) if service in runbook.services else ()
