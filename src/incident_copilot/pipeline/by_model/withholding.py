"""What a model is not told of an incident that it may see: what is known of services nearby that opted out of it.

An incident whose own services opted out, or its alerts', is shown to no model at all (`pipeline/model_use.py`).
"""

from collections.abc import Collection, Sequence

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Statement
from incident_copilot.pipeline.model_use import opted_out


def may_be_told(item: Evidence, catalog: Catalog) -> bool:
    """Whether a model may see a piece of evidence: it is of no service that opted out, and of no call of one."""
    calls = [call[end] for call in item.data.get("calls", ()) for end in ("from", "to")]
    named = [item.data.get("service"), *(row["service"] for row in item.data.get("spans", ())), *calls]
    return opted_out({str(name) for name in named if name}, catalog) is None


def dependencies(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return what each service depends on, without those that opted out."""
    return {
        name: tuple(need for need in needs if not opted_out([need], catalog))
        for name, needs in catalog.depends_on.items()
        if not opted_out([name], catalog)
    }


def told(brief: Brief | None, withheld: Collection[str], catalog: Catalog) -> Brief | None:
    """Return a brief without what rests on evidence that is `withheld`; None where its first cause does."""
    if brief is None or any(_is_about(one, withheld, catalog) for one in brief.hypotheses[:1]):
        return None
    causes = [_without(one, withheld) for one in brief.hypotheses if not _is_about(one, withheld, catalog)]
    phases = [one.model_copy(update={"found": _kept(one.found, withheld)}) for one in brief.phases]
    return brief.model_copy(update={"hypotheses": tuple(causes), "phases": tuple(phases)})


def _is_about(one: Hypothesis, withheld: Collection[str], catalog: Catalog) -> bool:
    return one.change_id in withheld or opted_out([one.object or ""], catalog) is not None


def _without(one: Hypothesis, withheld: Collection[str]) -> Hypothesis:
    supporting, contradicting = _kept(one.supporting, withheld), _kept(one.contradicting, withheld)
    return one.model_copy(update={"supporting": supporting, "contradicting": contradicting})


def _kept(statements: Sequence[Statement], withheld: Collection[str]) -> tuple[Statement, ...]:
    return tuple(one for one in statements if not set(withheld).intersection(one.evidence_ids))
