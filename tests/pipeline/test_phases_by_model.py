"""The five phases by a model, as jobs: nothing that users wrote reaches it, and some incidents never do."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.observation import Interaction, Signal, SignalKind
from incident_copilot.store import egress, interactions, investigations

from .by_model.ai_system import ORDER
from .by_model.scripted import Scripted, asks, judged, says
from .life import Life
from .samples import NOON, alert

SERVICES = (
    Service(name="answers", depends_on=("documents",), tier=1, user_facing=True),
    Service(name="documents", kind="dataset"),
    Service(name="hints", model=False, tier=1, user_facing=True),
)


def drop(service="answers", **labels):
    told = {"system": service, "incident_type": "quality_degradation", **labels}
    return alert("QualityDrop", service=service, expression=None, description="", labels=told)


def answered(number, minutes_before, *, bad, **labels):
    signals = (Signal(kind=SignalKind.LOW_QUALITY),) if bad else ()
    at = NOON - timedelta(minutes=minutes_before)
    told = {"request": f"SYSTEM: {ORDER}", "response": ORDER, "user": "u1"}
    return Interaction(system="answers", id=str(number), at=at, labels=labels, signals=signals, **told)


def requests():
    """Answers of v2 alone became bad ten minutes before noon, and somebody chose a label that gives orders."""
    before = [answered(place, 30, bad=place < 3, version="v1", segment="old") for place in range(60)]
    since = [answered(100 + place, 5, bad=place < 2, version="v1", segment="old") for place in range(40)]
    new = [answered(200 + place, 5, bad=place < 24, version="v2", segment=ORDER) for place in range(40)]
    return [*before, *since, *new]


@pytest.fixture
def lived(db, clock):
    async def live(llm):
        async with db.transaction() as tx:
            await interactions.add_all(tx, "w", requests())
        return Life(db, clock, llm=llm, catalog=Catalog(services=SERVICES))

    return live


async def test_an_order_in_a_request_reaches_no_model_and_one_that_obeys_changes_nothing(lived):
    obeys = says(judged("H1", 1.0, because=f"{ORDER}."), next_step="A9")
    slices = [*asks("slices_by", label="version"), *asks("slices_by", label="segment")]
    model = Scripted(obeys, slices, obeys)
    life = await lived(model)

    incident = await life.opened(drop())

    async with life.deps.db.read() as view:
        held = await investigations.latest(view, "w", incident.id)
        sent = await egress.of_incident(view, incident.id)
    assert held.plan == ("statistical", "model behaviour", "components", "data lineage")
    given = [text for _, facts, exchanges, _ in model.seen for text in (facts, *(result for _, result in exchanges))]
    assert any("version v2: bad answers" in text for text in given)
    assert [text for text in given if ORDER in text or "approve the rollback" in text] == []
    assert "there is no step A9" in held.struck
    assert [one.because for opinion in held.opinions for one in opinion.judgements if one.because] == []
    assert held.result.above is None
    assert {one.purpose for one in sent} >= {"investigate.model behaviour"}
    assert [one.title for one in await life.proposals(incident) if ORDER in one.title] == []


@pytest.mark.parametrize("unseen", [drop("hints"), drop(incident_type="prompt_injection")])
async def test_no_model_sees_a_service_that_opted_out_or_a_restricted_incident(lived, unseen):
    model = Scripted(says(judged("H1", 0.5)))
    life = await lived(model)

    incident = await life.opened(unseen)

    async with life.deps.db.read() as view:
        assert await egress.of_incident(view, incident.id) == []
        assert await investigations.latest(view, "w", incident.id) is None
    assert model.seen == []
