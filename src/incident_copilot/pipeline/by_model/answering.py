"""The forms of one investigation, for looks and for answers: with the labels that exist, and no room for more.

Where a server keeps to forms no label is invented, and a small model does not judge the same again and again. It is the
form only: whatever comes is checked as before, for servers that keep to none.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, JsonValue, create_model

from incident_copilot.domain.investigation import Investigation
from incident_copilot.llm.grounding import MOST_CITED
from incident_copilot.llm.labels import as_label
from incident_copilot.pipeline.by_model.existing import TAKES
from incident_copilot.pipeline.by_model.material import Material
from incident_copilot.pipeline.by_model.specialists import Another, Judged, Specialist, SpecialistAnswer
from incident_copilot.pipeline.by_model.tools import tools_of
from incident_copilot.ports import Tool

COMPETE = 2


def tools_for(specialist: Specialist, material: Material) -> list[Tool]:
    """Return the tools of a specialist that find something here, which take the names that exist."""
    offered = (_offered(tool, specialist, material) for tool in tools_of(specialist, material))
    return [tool for tool in offered if tool]


def _offered(tool: Tool, specialist: Specialist, material: Material) -> Tool | None:
    if tool.parameters not in TAKES:
        return tool
    taken: Any = {}
    for name, kind, existing in TAKES[tool.parameters]:
        known: list[JsonValue] = [*_nameable(existing(specialist, material), material)]
        if not known:
            return None
        taken[name] = (Annotated[kind, Field(json_schema_extra={"enum": known})], ...)
    form = create_model(tool.parameters.__name__, __base__=tool.parameters, **taken)
    return replace(tool, parameters=form)


def answer_of(specialist: Specialist, held: Investigation, material: Material) -> type[SpecialistAnswer]:
    """Return the type of a specialist's answer, which names hypotheses, evidence, services and steps that exist."""
    cited: Any = Annotated[
        list[Annotated[str, _one_of(material.evidence)]],
        Field(max_length=8, json_schema_extra={"maxItems": MOST_CITED}),
    ]
    judged: Any = create_model(
        "Judged",
        __base__=Judged,
        hypothesis=(Annotated[str, _one_of(held.by_label)], ...),
        evidence=(cited, ...),
        against=(cited, ...),
    )
    another: Any = create_model(
        "Another",
        __base__=Another,
        service=(Annotated[str, _one_of(_nameable(sorted(material.services), material))], ...),
        evidence=(cited, ...),
    )
    step: Any = Annotated[str, _one_of(held.steps)] | None if held.steps else None
    return create_model(
        specialist.answer.__name__,
        __base__=specialist.answer,
        judged=(
            list[judged],
            Field(max_length=8, json_schema_extra={"minItems": COMPETE, "maxItems": len(held.hypotheses)}),
        ),
        another=(another | None, ...),
        next_step=(step, ...),
    )


def _nameable(names: Iterable[str], material: Material) -> list[str]:
    """Return the names that a form may hold: it stands beside what is marked as data, so no stranger may word it."""
    ours = {*material.depends_on, *(one for needs in material.depends_on.values() for one in needs), *material.kinds}
    return [name for name in names if name in ours or as_label(name) == name]


def _one_of(names: Iterable[str]) -> Any:
    known: list[JsonValue] = list(names)
    return Field(max_length=100, json_schema_extra={"enum": known} if known else {})
