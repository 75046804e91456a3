"""What an investigation works with: the incident, its evidence by label, and every name that exists."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, PhaseFound, Statement
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.investigation import Investigation
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.similar import PastIndex
from incident_copilot.llm.labels import as_label
from incident_copilot.llm.log_lines import as_template
from incident_copilot.llm.unwanted import reads_like_an_order
from incident_copilot.pipeline.by_model.parameters import Window
from incident_copilot.ports import OfferedTool

MOST_FACTS = 10_000  # characters
MOST_EVIDENCE = 40
MOST_LABELS = 80
"""With what looks find: who was given all that is known can still ask for more."""
MOST_SUMMARY = 200
MOST_SERVICES = 60
Ask = Callable[[str, str, Window], Awaitable[ContextBundle]]
"""Asks one context source about one service in a window of time; a gap says why it could not look."""
QUOTED = 30
"""Characters by which a line of a log is known where it is quoted; the end of a long one is cut off there."""


async def nobody(*_: str) -> ContextBundle:
    """Ask nobody: for incidents that were recorded."""
    return ContextBundle()


@dataclass(frozen=True)
class Seen:
    """What a tool shows: text, the labels of the evidence that it shows, and evidence that was not held before.

    `is_there` is False where there is nothing of the name that was asked for. `parts` is what of the text is about each
    of several labels, or about each piece in `found`, by its id.
    """

    text: str
    cited: tuple[str, ...] = ()
    found: tuple[Evidence, ...] = ()
    is_there: bool = True
    parts: Mapping[str, str] = field(default_factory=dict)


Row = tuple[tuple[str, ...], str]
"""A row that a tool shows, with the labels that it is about: without one it is about all that are shown."""


def in_rows(rows: Sequence[Row], cited: Sequence[str] = ()) -> Seen:
    """Return what is shown row by row; `cited` are labels of which there may be no row."""
    labels = tuple(dict.fromkeys([*cited, *(label for about, _ in rows for label in about)]))
    parts = {one: "\n".join(text for about, text in rows if one in (about or labels)) for one in labels}
    return Seen("\n".join(text for _, text in rows), labels, parts=parts)


@dataclass(frozen=True)
class Offered:
    """A tool that a context source offers, and when it was listed."""

    tool: OfferedTool
    source: str
    listed_at: datetime


@dataclass(frozen=True)
class Material:
    """The incident as code knows it; nothing here comes from a model.

    `evidence` is by label. `sources` are the context sources that may be asked, by name, with what each looks for;
    `near` the services that they may be asked about. `offered` are the tools that operators allow besides our own.
    `phases` are what was computed of an AI system, none of any other; `kinds` says what of the catalogue is a dataset
    or the like, and `as_of` when this is known.
    """

    incident: Incident
    evidence: Mapping[str, Evidence]
    depends_on: Mapping[str, Sequence[str]] = field(default_factory=dict)
    runbooks: RunbookIndex | None = None
    past: PastIndex | None = None
    sources: Mapping[str, frozenset[EvidenceKind]] = field(default_factory=dict)
    near: tuple[str, ...] = ()
    ask: Ask = nobody
    offered: Mapping[str, Offered] = field(default_factory=dict)
    phases: tuple[PhaseFound, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None

    @property
    def services(self) -> frozenset[str]:
        """Every service that exists: what the alerts, the evidence and the dependencies name."""
        named = {self.incident.service, *self.depends_on, *(one for needs in self.depends_on.values() for one in needs)}
        for item in self.evidence.values():
            named |= {item.data.get("service"), item.data.get("provider")}
            named |= {call[end] for call in item.data.get("calls", ()) for end in ("from", "to")}
        return frozenset(str(name) for name in named if name)

    def of_kind(self, *kinds: EvidenceKind) -> dict[str, Evidence]:
        """Return the evidence of some kinds, by label."""
        return {label: item for label, item in self.evidence.items() if item.kind in kinds}

    def observed(self, *families: str) -> dict[str, Evidence]:
        """Return the series of an AI system's figures whose names begin so, by label."""
        metrics = self.of_kind(EvidenceKind.METRIC)
        return {label: item for label, item in metrics.items() if _figure_of(item).startswith(families)}

    def sampled(self, name: str) -> dict[str, Evidence]:
        """Return the looks at an AI system that tell of something, such as "values" or "findings", by label."""
        return {label: item for label, item in self.of_kind(EvidenceKind.SAMPLE).items() if item.data.get(name)}


def _figure_of(item: Evidence) -> str:
    return str((item.data.get("observed") or ("", ""))[1])


def telling_first(found: Sequence[Evidence], cited: Collection[str]) -> list[Evidence]:
    """Return what the brief cites before the rest, newest first: there are labels for so much evidence only.

    `found` is oldest first. What was found anew at each refresh is in it once: as cited, or else the newest.
    """
    newest = found[::-1]
    ordered = [*(one for one in newest if one.id in cited), *(one for one in newest if one.id not in cited)]
    once: dict[tuple[str, str, str], Evidence] = {}
    for item in ordered:
        once.setdefault((item.source, item.kind, item.title), item)
    return [item for item in ordered if item.id in cited or once[item.source, item.kind, item.title] is item]


def labels_for(
    evidence: Sequence[Evidence], known: Mapping[str, str] | None = None, most: int = MOST_EVIDENCE
) -> dict[str, str]:
    """Return label to evidence id: those that are `known` keep theirs, others get the next ones, `most` in all."""
    labels = dict(known or {})
    for item in evidence:
        if item.id not in labels.values() and len(labels) < most:
            labels[f"E{len(labels) + 1}"] = item.id
    return labels


def by_label(labels: Mapping[str, str], evidence: Sequence[Evidence]) -> dict[str, Evidence]:
    """Return label to evidence, of what is still there."""
    by_id = {item.id: item for item in evidence}
    return {label: by_id[one] for label, one in labels.items() if one in by_id}


def facts(held: Investigation, material: Material) -> str:
    """Return what a specialist is given to begin with: typed fields and the copilot's own sentences.

    What anybody can have written, to a log or a wiki, is not in it; only in what a tool shows, once the plan is fixed.
    """
    # Whoever names an alert in two lines would write one of ours.
    return "\n".join(" ".join(line.splitlines()) for line in _facts(held, material))[:MOST_FACTS]


def _facts(held: Investigation, material: Material) -> Iterator[str]:
    incident = material.incident
    yield f"Incident: {incident.title}"
    about = f"service {incident.service or 'unknown'}; environment {incident.environment or 'unknown'}"
    yield f"Type: {incident.incident_type}; {about}; since {incident.started_at:%Y-%m-%d %H:%M} UTC"
    yield "Hypotheses:"
    short = {one: label for label, one in held.labels.items()}
    for label, hypothesis in held.by_label.items():
        yield f"{label}: {hypothesis.cause} ({hypothesis.kind}, computed confidence {hypothesis.confidence:.2f})"
        for sign, statements in (("+", hypothesis.supporting), ("-", hypothesis.contradicting)):
            yield from (f"  {sign} {said}" for said in _said(statements, short, material))
    for phase in material.phases:
        # What monitors say names groups, which are words of whoever sent the figures.
        found = [one for one in phase.found if not reads_like_an_order(one.text)]
        yield from (f"Computed, {phase.phase}: {said}" for said in _said(found, short, material))
    yield f"Services: {', '.join(sorted(material.services)[:MOST_SERVICES])}"
    yield f"Sources that can be asked again: {', '.join(material.sources) or 'none'}"
    yield "Next steps that exist:"
    yield from (f"{label}: {title}" for label, title in held.steps.items())
    yield "Evidence:"
    yield from (f"{label}: {named(item)}" for label, item in material.evidence.items())


def _said(statements: Sequence[Statement], short: Mapping[str, str], material: Material) -> Iterator[str]:
    for statement in statements:
        labels = [short[ref] for ref in statement.evidence_ids if ref in short]
        is_known = len(labels) == len(statement.evidence_ids)
        if is_known and not any(material.evidence[label].is_written for label in labels if label in material.evidence):
            yield f"{statement.text} [{', '.join(labels)}]"


def named(item: Evidence) -> str:
    """Return a piece of evidence by source and title, with its summary unless anybody can have written it."""
    told = "" if item.is_written or item.summary in ("", item.title) else f": {item.summary[:MOST_SUMMARY]}"
    return f"{item.kind.replace('_', ' ')} of {item.source}: {title_of(item)}{told}"


def title_of(item: Evidence) -> str:
    """Return a title as a model may see it: whose figure it is and of which version are words of its sender.

    That of an error is its message, which whoever caused it can choose, as a line of a log.
    """
    title = as_template(item.title) if item.kind is EvidenceKind.ERROR else item.title
    named = ((item.data.get("observed") or ("", "", ""))[2], (item.data.get("labels") or {}).get("version"))
    for name in filter(None, named if "observed" in item.data else ()):
        title = title.replace(name, as_label(name))
    return title


def told_by(item: Evidence) -> str:
    """Return a summary as a model may see it: where it quotes an error or a line of a log, as its template."""
    quoted = (str(text)[:QUOTED] for _, text in item.data.get("lines", ()))
    is_quoting = item.kind is EvidenceKind.ERROR or any(text in item.summary for text in quoted)
    return as_template(item.summary) if is_quoting else item.summary


def blamed(hypothesis: Hypothesis, material: Material) -> Evidence | None:
    """Return the change that a hypothesis blames; None where it blames none."""
    return next((one for one in material.evidence.values() if one.id == hypothesis.change_id), None)


def subjects(hypothesis: Hypothesis, material: Material) -> frozenset[str]:
    """Return the services that a hypothesis is about: that of its change, its object, and the incident's."""
    change = blamed(hypothesis, material)
    named = {hypothesis.object, change.data.get("service") if change else None}
    return frozenset(str(name) for name in named if name) or frozenset({material.incident.service or ""})
