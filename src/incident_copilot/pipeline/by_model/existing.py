"""What a specialist may name to its tools: the labels, services, sources and kinds that there are in an incident."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.llm.labels import as_label
from incident_copilot.pipeline.by_model.material import Material
from incident_copilot.pipeline.by_model.parameters import (
    AskSource,
    ChangeKind,
    DataAbout,
    Label,
    Name,
    OfChanges,
    OfData,
    OfDataset,
    OfEvaluation,
    OfLabel,
    OfMetric,
    OfProvider,
    OfService,
    OfUsage,
    OfVersions,
    ReadEvidence,
    ReadMetric,
    SearchLogs,
    UsageOf,
    VersionsOf,
)
from incident_copilot.pipeline.by_model.phase_tools import EVALUATIONS, of_family
from incident_copilot.pipeline.by_model.specialists import Specialist

Existing = Callable[[Specialist, Material], Collection[str]]


def _metrics(_: Specialist, material: Material) -> Collection[str]:
    return material.of_kind(EvidenceKind.METRIC)


def _logs(_: Specialist, material: Material) -> Collection[str]:
    return material.of_kind(EvidenceKind.LOG)


def _readable(specialist: Specialist, material: Material) -> Collection[str]:
    return material.of_kind(*specialist.kinds)


def _services(_: Specialist, material: Material) -> Collection[str]:
    return sorted(material.services)


def sources_for(specialist: Specialist, material: Material) -> Collection[str]:
    """Return the context sources that look for what a specialist may read."""
    return [name for name, finds in material.sources.items() if finds & specialist.kinds]


def _near(_: Specialist, material: Material) -> Collection[str]:
    return material.near


def _datasets(_: Specialist, material: Material) -> Collection[str]:
    return sorted(material.kinds)


def _providers(_: Specialist, material: Material) -> Collection[str]:
    pages = material.of_kind(EvidenceKind.STATUS_PAGE).values()
    return sorted({str(item.data["provider"]) for item in pages})


def _sliced_by(_: Specialist, material: Material) -> Collection[str]:
    rows = [one for item in material.sampled("values").values() for one in item.data["values"]]
    return [name for name in dict.fromkeys(str(one["label"]) for one in rows) if as_label(name) == name]


def _evaluations(_: Specialist, material: Material) -> Collection[str]:
    return sorted({str(item.data["observed"][1]) for item in material.observed(EVALUATIONS).values()})


def _families(names: Any) -> Existing:
    return lambda _, material: [one for one in get_args(names) if of_family(one, material).is_there]


def _change_kinds(names: Any) -> Existing:
    def there(_: Specialist, material: Material) -> Collection[str]:
        kinds = {item.data.get("kind") for item in material.of_kind(EvidenceKind.CHANGE).values()}
        return [one for one in get_args(names) if one in kinds]

    return there


TAKES: Mapping[type[BaseModel], tuple[tuple[str, Any, Existing], ...]] = {
    ReadMetric: (("metric", Label, _metrics),),
    SearchLogs: (("log", Label, _logs),),
    ReadEvidence: (("evidence", Label, _readable),),
    OfService: (("service", Name, _services),),
    AskSource: (("source", Name, sources_for), ("service", Name, _near)),
    OfMetric: (("metric", Label, _metrics),),
    OfDataset: (("dataset", Name, _datasets),),
    OfProvider: (("provider", Name, _providers),),
    OfLabel: (("label", Name, _sliced_by),),
    OfEvaluation: (("evaluation", Name, _evaluations),),
    OfData: (("about", DataAbout, _families(DataAbout)),),
    OfUsage: (("about", UsageOf, _families(UsageOf)),),
    OfVersions: (("kind", VersionsOf, _change_kinds(VersionsOf)),),
    OfChanges: (("kind", ChangeKind, _change_kinds(ChangeKind)),),
}
"""By what a tool takes: the name of each parameter, its type, and what there is to name."""
