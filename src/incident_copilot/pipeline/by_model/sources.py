"""The tool that has a context source asked: about a service near the incident that nothing was gathered of, or of when.

What it finds becomes evidence with labels of its own, read and cited as any other; what says the same as evidence that
is held is named by that one's label.
"""

from dataclasses import replace

from incident_copilot.domain.evidence import Evidence
from incident_copilot.pipeline.by_model.existing import sources_for
from incident_copilot.pipeline.by_model.material import Material, Row, Seen, in_rows, title_of
from incident_copilot.pipeline.by_model.parameters import AskSource
from incident_copilot.pipeline.by_model.showing import listed, message
from incident_copilot.pipeline.by_model.specialists import Specialist

MOST_FOUND = 8
"""Pieces of evidence that one question brings; sources give first what moved most, or is newest."""


async def ask_source(asked: AskSource, material: Material, specialist: Specialist) -> Seen:
    """Return what a source found that a specialist may read, or in words why it could not look."""
    sources = sources_for(specialist, material)
    if asked.source not in sources:
        return Seen(f"There is no source {asked.source}; there are {listed(sources)}.", is_there=False)
    if asked.service not in material.near:
        return Seen(f"Nobody is asked about {asked.service}; ask about {listed(material.near)}.", is_there=False)
    heard = await material.ask(asked.source, asked.service, asked.window)
    found = [item for item in heard.evidence if item.kind in specialist.kinds][:MOST_FOUND]
    held = {item.id: label for item in found if (label := _held(item, material))}
    new = tuple(item for item in found if item.id not in held)
    rows: list[Row] = [((item.id,), f"{title_of(item)}: {_told(item)}") for item in new]
    rows += [((label,), f"{label} is that: {title_of(material.evidence[label])}") for label in held.values()]
    rows += [((), f"{asked.source} could not look: {gap.reason}") for gap in heard.gaps]
    nothing = ((), f"{asked.source} shows nothing of {asked.service}, {asked.window}.")
    is_there = bool(found) or not heard.gaps
    return replace(in_rows(rows or [nothing]), cited=tuple(held.values()), found=new, is_there=is_there)


def _held(item: Evidence, material: Material) -> str | None:
    """Return the label of evidence that says the same; None where it is new."""
    same = (label for label, one in material.evidence.items() if _says(one) == _says(item))
    return next(same, None)


def _says(item: Evidence) -> tuple[object, ...]:
    return item.source, item.kind, item.title, {key: value for key, value in item.data.items() if key != "window"}


def _told(item: Evidence) -> str:
    messages = [message(one) for one in item.data.get("messages") or ()]
    summary = "" if item.is_written else item.summary
    return " ".join(filter(None, [summary, "; ".join(messages)]))
