"""A model that may see an incident is told nothing of services nearby that opted out of it."""

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Phase, PhaseFound, Statement
from incident_copilot.pipeline.by_model.withholding import dependencies, may_be_told, told
from pipeline import samples

CATALOG = Catalog(
    services=(
        Service(name="checkout", depends_on=("payments", "vault")),
        Service(name="payments"),
        Service(name="vault", depends_on=("payments",), model=False),
    )
)
SAID, SECRET = Statement(text="said", evidence_ids=("ours",)), Statement(text="secret", evidence_ids=("ours", "theirs"))


@pytest.mark.parametrize(
    ("data", "may"),
    [
        ({}, True),
        ({"service": None}, True),
        ({"service": "payments"}, True),
        ({"service": "vault"}, False),
        ({"service": "checkout", "spans": [{"service": "checkout"}], "calls": []}, True),
        ({"service": "checkout", "spans": [{"service": "vault"}]}, False),
        ({"service": "checkout", "calls": [{"from": "checkout", "to": "vault"}]}, False),
    ],
)
def test_evidence_of_a_service_that_opted_out_or_of_a_call_of_one_is_not_told(data, may):
    assert may_be_told(samples.evidence(EvidenceKind.TRACE, data=data), CATALOG) is may


def test_a_service_that_opted_out_is_in_no_dependency():
    assert dependencies(CATALOG) == {"checkout": ("payments",), "payments": ()}


def test_a_brief_is_told_without_what_rests_on_withheld_evidence():
    kept = samples.hypothesis(change_id="ours", supporting=(SAID, SECRET), contradicting=(SECRET,))
    of_a_change, of_vault = samples.hypothesis(change_id="theirs"), samples.hypothesis(object="vault")
    phase = PhaseFound(phase=Phase.COMPONENTS, found=(SECRET, SAID))
    brief = samples.brief(hypotheses=(kept, of_a_change, of_vault), phases=(phase,))

    left = told(brief, {"theirs"}, CATALOG)

    assert left.hypotheses == (kept.model_copy(update={"supporting": (SAID,), "contradicting": ()}),)
    assert left.phases == (phase.model_copy(update={"found": (SAID,)}),)


@pytest.mark.parametrize("first", [{"change_id": "theirs"}, {"object": "vault"}])
def test_where_the_first_cause_is_of_a_service_that_opted_out_there_is_nothing_to_test(first):
    brief = samples.brief(hypotheses=(samples.hypothesis(**first), samples.hypothesis()))

    assert told(brief, {"theirs"}, CATALOG) is None
    assert told(None, set(), CATALOG) is None
