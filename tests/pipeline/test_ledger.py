"""The action log is written with what happens; a refusal is logged after what it refused is rolled back."""

import pytest

from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger
from incident_copilot.store import people as names

from . import samples
from .life import Life


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_row_names_actor_and_payload(life, open_incident, clock):
    incident = await open_incident(life.deps.db)

    async with life.deps.db.transaction() as tx:
        await ledger.write(tx, life.deps, incident.id, LogKind.PAGED, "policy:on-call", {"person": "U0ANA"})
        await ledger.write(tx, life.deps, None, LogKind.CONFIGURED, "copilot", {})

    [row] = await life.log(incident)
    [whole] = await life.workspace_log()
    assert (row.actor, row.kind, row.payload, row.at) == (
        "policy:on-call",
        LogKind.PAGED,
        {"person": "U0ANA"},
        clock(),
    )
    assert (whole.actor, whole.incident_id) == ("copilot", None)


async def test_name_of_a_person_is_kept_beside_the_log(life, open_incident):
    incident = await open_incident(life.deps.db)

    async with life.deps.db.transaction() as tx:
        await ledger.write_by(tx, life.deps, incident.id, LogKind.ACKNOWLEDGED, samples.ANA, {})

    [row] = await life.log(incident)
    async with life.deps.db.read() as db:
        assert await names.names(db, "w") == {"U0ANA": "Ana"}
    assert "Ana" not in str(row.payload)


async def test_refusal_rolls_back_and_is_logged(life, open_incident):
    incident = await open_incident(life.deps.db)

    async def ask():
        refusals = ledger.refusals(life.deps, samples.VIC, incident.id, {"asked": "x"})
        async with refusals, life.deps.db.transaction() as tx:
            await ledger.write(tx, life.deps, incident.id, LogKind.ACKNOWLEDGED, "U0VIC", {})
            raise DecisionRefused("No.")

    with pytest.raises(DecisionRefused):
        await ask()

    [row] = await life.log(incident)
    assert (row.kind, row.actor, row.payload) == (LogKind.DENIED, "U0VIC", {"asked": "x", "because": "No."})


async def test_what_is_not_refused_leaves_no_row(life, open_incident):
    incident = await open_incident(life.deps.db)

    async with ledger.refusals(life.deps, samples.ANA, incident.id, {}):
        pass

    assert await life.log(incident) == []


@pytest.mark.parametrize(
    ("actor", "is_one"),
    [("U0ANA", True), ("copilot", False), ("policy:quiet", False), ("action:github_workflow", False)],
)
def test_who_is_a_person(actor, is_one):
    assert ledger.is_person(actor) is is_one
