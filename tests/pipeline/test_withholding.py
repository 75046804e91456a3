"""A model that may see an incident is told nothing of services nearby that opted out of it."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Phase, PhaseFound, Statement
from incident_copilot.pipeline import facts, word_brief
from incident_copilot.pipeline.topics import Topic
from incident_copilot.pipeline.withholding import dependencies, told, withheld
from incident_copilot.store import changes, evidence

from . import samples
from .life import CATALOG as PEOPLED
from .life import Life, big
from .test_recap import samples_change

CATALOG = Catalog(
    services=(
        Service(name="checkout", depends_on=("payments", "vault")),
        Service(name="payments"),
        Service(name="vault", depends_on=("payments",), model=False),
    )
)
LIVING = PEOPLED.model_copy(update={"services": CATALOG.services})
SAID, SECRET = Statement(text="said", evidence_ids=("ours",)), Statement(text="secret", evidence_ids=("ours", "theirs"))


@pytest.mark.parametrize(
    ("data", "is_told"),
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
def test_evidence_of_a_service_that_opted_out_or_of_a_call_of_one_is_not_told(data, is_told):
    item = samples.evidence(EvidenceKind.TRACE, id="it", data=data)

    assert withheld([item], CATALOG) == (set() if is_told else {"it"})


def test_a_service_that_opted_out_is_in_no_dependency():
    assert dependencies(CATALOG) == {"checkout": ("payments",), "payments": ()}


def test_a_brief_is_told_without_what_rests_on_evidence_that_is_hidden():
    kept = samples.hypothesis(change_id="ours", supporting=(SAID, SECRET), contradicting=(SECRET,))
    of_a_change, of_vault = samples.hypothesis(change_id="theirs"), samples.hypothesis(object="vault")
    phase = PhaseFound(phase=Phase.COMPONENTS, found=(SECRET, SAID))
    brief = samples.brief(
        lines=(SECRET, SAID), hypotheses=(kept, of_a_change, of_vault), first_step=SECRET, phases=(phase,)
    )

    left = told(brief, {"theirs"}, CATALOG)

    assert (left.lines, left.first_step) == ((SAID,), None)
    assert left.hypotheses == (kept.model_copy(update={"supporting": (SAID,), "contradicting": ()}),)
    assert left.phases == (phase.model_copy(update={"found": (SAID,)}),)
    assert told(brief, set(), Catalog()) == brief


@pytest.mark.parametrize("first", [{"change_id": "theirs"}, {"object": "vault"}])
def test_where_the_suspect_opted_out_no_other_cause_is_taken_for_the_first(first):
    brief = samples.brief(hypotheses=(samples.hypothesis(**first), samples.hypothesis()))

    assert told(brief, {"theirs"}, CATALOG).hypotheses == ()


async def test_answers_and_wordings_are_made_without_it_too(db, clock):
    life = Life(db, clock, catalog=LIVING)
    incident = await life.opened(big())
    theirs = samples.evidence(id="theirs", incident_id=incident.id, data={"points": [], "service": "vault"})
    later = clock() + timedelta(minutes=1)
    brief = samples.brief(
        incident_id=incident.id, as_of=later, lines=(SAID, SECRET), hypotheses=(samples.hypothesis(),), first_step=None
    )
    deployed = samples_change("k1", "vault", clock() - timedelta(minutes=5))
    async with db.transaction() as tx:
        await evidence.add_all(tx, [theirs])
        await evidence.add_brief(tx, brief)
        await changes.record_all(tx, "w", [deployed])

    for_people = await facts.known(life.deps, incident, Topic.CHANGES)
    for_a_model, *_ = await facts.everything(life.deps, incident, "why")
    async with db.read() as reading:
        worded = await word_brief.facts_in(reading, brief, LIVING)

    assert ["vault" in one.text for one in for_people if "vault" in one.text] == [True]
    assert [one.text for one in (*for_a_model, *worded) if "vault" in one.text or one.text == "secret"] == []
    assert [one.text for one in worded if one.text == "said"] == ["said"]
