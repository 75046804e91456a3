"""Match an alert to runbooks: its link and name first, then what it says; nothing when nothing fits."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

from incident_copilot.domain.base import Frozen
from incident_copilot.knowledge.meaning import Meaning
from incident_copilot.knowledge.runbook import Library, Runbook, Section
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
_LONGEST_URL = 2_000
_LOOSE_ENDS = re.compile(r"(\.md|\.html?|/)+$")
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
    def by_file(self) -> dict[str, list[Runbook]]:
        """Runbooks by the last part of their path."""
        return _grouped((squash(one.id.rsplit("/", 1)[-1]), one) for one in self.library.runbooks)

    @cached_property
    def by_alert(self) -> dict[str, list[Runbook]]:
        """Runbooks by the alerts that they say they answer."""
        return _grouped((squash(name), one) for one in self.library.runbooks for name in one.alerts)

    @cached_property
    def by_name(self) -> dict[str, list[Runbook]]:
        """Runbooks by the alerts that they answer, and by their titles."""
        names = ((squash(name), one) for one in self.library.runbooks for name in (*one.alerts, one.title))
        return _grouped(names)


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


def _grouped(pairs: Iterable[tuple[str, Runbook]]) -> dict[str, list[Runbook]]:
    """Each name's runbooks, each once; what has no letters or digits names nothing."""
    found: dict[str, list[Runbook]] = {}
    for name, runbook in pairs:
        if name and runbook not in found.get(name, ()):
            found.setdefault(name, []).append(runbook)
    return found


def as_document(runbook: Runbook) -> Document:
    """The runbook as search reads it."""
    return Document(
        id=runbook.id,
        title=runbook.title,
        names=runbook.alerts,
        sections=tuple(DocumentSection(id=one.id, heading=one.heading, text=one.text) for one in runbook.sections),
    )


def _linked(runbooks: RunbookIndex, url: str) -> list[RunbookMatch]:
    """The runbook at the end of the link: by its own name, or by an alert's name as public collections do."""
    try:
        link = urlsplit(url[:_LONGEST_URL])
    except ValueError:
        return []
    wanted = squash(_LOOSE_ENDS.sub("", unquote(link.path)).rsplit("/", 1)[-1])
    return [
        RunbookMatch(
            runbook=runbook,
            section=runbook.section(link.fragment.lower()) or runbook.first_section_with_steps,
            score=_LINKED,
            reasons=("the alert links to it",),
        )
        for runbook in runbooks.by_file.get(wanted) or runbooks.by_alert.get(wanted) or ()
    ]


def _named(runbooks: RunbookIndex, alert_name: str, service: str | None) -> list[RunbookMatch]:
    """Runbooks that answer this alert name, or are called so; those written for the very service come first."""
    fitting = [runbook for runbook in runbooks.by_name.get(squash(alert_name), ()) if _is_for(runbook, service)]
    fitting.sort(key=lambda runbook: not runbook.services)
    return [
        RunbookMatch(
            runbook=runbook,
            section=runbook.first_section_with_steps,
            score=_NAMED,
            reasons=(f"answers the alert {alert_name}", *_service_reason(runbook, service)),
        )
        for runbook in fitting
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
            section = runbook.first_section_with_steps
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
