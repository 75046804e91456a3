"""Evidence and briefs come back as they were kept, in the order in which they were taken."""

from datetime import timedelta

import pytest

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Statement
from incident_copilot.store import evidence


@pytest.fixture
async def incident(db, open_incident):
    return await open_incident(db)


def found(clock, incident, evidence_id, after=0):
    return Evidence(
        id=evidence_id,
        incident_id=incident.id,
        source="Prometheus",
        kind=EvidenceKind.METRIC,
        title="errors",
        summary="20 %",
        taken_at=clock() + timedelta(seconds=after),
        data={"points": [[1.0, 0.2]], "unit": "ratio"},
    )


async def test_evidence_is_found_by_id_by_ids_and_by_incident(db, clock, incident, open_incident):
    other = await open_incident(db)
    late, early = found(clock, incident, "a", 5), found(clock, incident, "b")
    foreign = found(clock, other, "c")
    async with db.transaction() as tx:
        await evidence.add_all(tx, [])
        await evidence.add_all(tx, [late, early, foreign])

    async with db.read() as view:
        assert await evidence.of_incident(view, incident.id) == [early, late]
        assert await evidence.some(view, {"a", "c", "unknown"}) == [foreign, late]
        assert await evidence.some(view, set()) == []
        assert await evidence.get(view, "a") == late
        assert await evidence.get(view, "unknown") is None


async def test_newest_brief_is_the_latest_and_earlier_ones_stay(db, clock, incident):
    def brief(after):
        as_of = clock() + timedelta(seconds=after)
        return Brief(incident_id=incident.id, as_of=as_of, headline=f"after {after} s", lines=(Statement(text="x"),))

    async with db.read() as view:
        before = await evidence.latest_brief(view, incident.id)
    async with db.transaction() as tx:
        for after in (5, 0):
            await evidence.add_brief(tx, brief(after))

    async with db.read() as view:
        assert before is None
        assert await evidence.latest_brief(view, incident.id) == brief(5)
