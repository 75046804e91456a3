"""What a model is not told of an incident that it may see: what is known of services nearby that opted out of it.

An incident whose own services opted out, or its alerts', is shown to no model at all (`model_use.why_no_model`).
"""

from collections.abc import Collection, Iterable, Sequence

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Statement


def withheld(found: Iterable[Evidence], catalog: Catalog) -> frozenset[str]:
    """Return the ids of the evidence that is of a service that opted out, or of a call of one, or not for models."""
    hidden = catalog.opted_out
    return frozenset(
        item.id for item in found if not item.data.get("for_models", True) or not hidden.isdisjoint(_services(item))
    )


def _services(item: Evidence) -> set[str]:
    calls = [call[end] for call in item.data.get("calls", ()) for end in ("from", "to")]
    named = [item.data.get("service"), *(row["service"] for row in item.data.get("spans", ())), *calls]
    return {str(name) for name in named if name}


def dependencies(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return what each service depends on, without those that opted out."""
    hidden = catalog.opted_out
    return {
        name: tuple(need for need in needs if need not in hidden)
        for name, needs in catalog.depends_on.items()
        if name not in hidden
    }


def told(brief: Brief, hidden: Collection[str], catalog: Catalog) -> Brief:
    """Return a brief without what rests on `hidden` evidence, and without causes that opted out.

    Where the suspect is one of these it has no causes at all: another would be taken for the first.
    """
    step, suspect = brief.first_step, brief.suspect
    causes = () if suspect and _is_hidden(suspect, hidden, catalog) else brief.hypotheses
    return brief.model_copy(
        update={
            "lines": _kept(brief.lines, hidden),
            "hypotheses": tuple(_without(one, hidden) for one in causes if not _is_hidden(one, hidden, catalog)),
            "first_step": step if step and _kept([step], hidden) else None,
            "phases": tuple(one.model_copy(update={"found": _kept(one.found, hidden)}) for one in brief.phases),
        }
    )


def _is_hidden(one: Hypothesis, hidden: Collection[str], catalog: Catalog) -> bool:
    return one.change_id in hidden or one.object in catalog.opted_out


def _without(one: Hypothesis, hidden: Collection[str]) -> Hypothesis:
    supporting, contradicting = _kept(one.supporting, hidden), _kept(one.contradicting, hidden)
    return one.model_copy(update={"supporting": supporting, "contradicting": contradicting})


def _kept(statements: Sequence[Statement], hidden: Collection[str]) -> tuple[Statement, ...]:
    return tuple(one for one in statements if not set(hidden).intersection(one.evidence_ids))
