"""What the five phases of looking into an AI system look at, and how each says what it found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from incident_copilot.analysis.findings import Findings
from incident_copilot.analysis.topology import upstream_of
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.evidence import ContextBundle
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.investigating.lines import MeasuredOnset
from incident_copilot.pipeline.investigating.observed import Watched

DATA_KINDS = frozenset({"dataset", "feature", "feature store", "index", "pipeline", "table", "topic", "source"})
"""What a thing of the catalogue is called whose content a model uses."""
Said = Iterator[Statement | str]
"""What a phase yields: a statement that it found, or in words what it could not look at."""


@dataclass(frozen=True)
class Looked:
    """What the phases look at."""

    incident: Incident
    bundle: ContextBundle
    findings: Findings
    onset: MeasuredOnset | None
    catalog: Catalog
    seen: Watched | None

    @property
    def began(self) -> datetime:
        """When the trouble began, as far as it is known."""
        return datetime.fromtimestamp(self.findings.onset_at, UTC)

    @property
    def upstream(self) -> dict[str, int]:
        """What the service rests on, with its distance."""
        return upstream_of(self.findings.depends_on, self.findings.service)


def data_below(catalog: Catalog, upstream: Iterable[str]) -> dict[str, str]:
    """Return the datasets, features and indexes among what a service rests on, with what each is."""
    kinds = {one.name: one.kind for one in catalog.services}
    return {name: str(kinds[name]) for name in upstream if kinds.get(name) in DATA_KINDS}
