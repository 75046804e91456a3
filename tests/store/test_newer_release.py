"""Rows of a newer release, which older replicas meet while replicas are replaced one by one."""

import asyncio

import sqlalchemy as sa

from incident_copilot.domain.effect import Pin
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log, effects, incidents
from incident_copilot.store.due_effects import due
from incident_copilot.store.tables import action_log as log_table
from incident_copilot.store.tables import effects as effects_table
from incident_copilot.store.tables import incidents as incidents_table

UNKNOWN_KIND = "incident:foretold"


async def test_field_of_a_newer_release_is_kept_when_the_row_is_written_again(any_db, open_incident):
    incident = await open_incident(any_db)
    async with any_db.transaction() as tx:
        body = incident.model_dump(mode="json") | {"weather": "rain"}
        await tx.execute(sa.update(incidents_table).values(body=body))

        await incidents.save(tx, (await incidents.get(tx, incident.id)).model_copy(update={"severity": Severity.P0}))

        kept = (await tx.execute(sa.select(incidents_table.c.body))).scalar_one()
    assert (kept["severity"], kept["weather"]) == ("P0", "rain")


async def test_deed_of_a_newer_release_is_left_to_it_and_other_streams_go_on(any_db, clock):
    async with any_db.transaction() as tx:
        for stream in ("newer", "known"):
            await effects.enqueue(
                tx, workspace_id="w", incident_id=None, stream=stream, deed=Pin(slot="card"), now=clock()
            )
        newer = sa.update(effects_table).where(effects_table.c.stream == "newer")
        await tx.execute(newer.values(deed={"do": "sing", "song": "a"}))

        assert [waiting.effect.stream for waiting in await due(tx, clock(), 10)] == ["known"]


async def test_kind_of_a_newer_release_is_read_and_its_chain_holds(any_db, clock):
    async with any_db.transaction() as tx:
        await action_log.append(
            tx, workspace_id="w", incident_id="i", actor="U1", kind=LogKind(UNKNOWN_KIND), payload={}, now=clock()
        )

    async with any_db.read() as view:
        assert [row.kind for row in await action_log.entries(view, "i")] == [UNKNOWN_KIND]
        assert await action_log.verify(view) == []
        assert (await view.execute(sa.select(log_table.c.kind))).scalar_one() == UNKNOWN_KIND
    assert UNKNOWN_KIND not in [str(kind) for kind in LogKind]


async def test_of_replicas_that_look_at_once_for_the_last_row_of_a_kind_one_finds_none(any_db, clock):
    async def write_once():
        async with any_db.transaction() as tx:
            if await action_log.latest(tx, "workspace:w", LogKind.CONFIGURED) is None:
                await action_log.append(
                    tx,
                    workspace_id="w",
                    incident_id=None,
                    actor="copilot",
                    kind=LogKind.CONFIGURED,
                    payload={},
                    now=clock(),
                )

    await asyncio.gather(*(write_once() for _ in range(4)))

    async with any_db.read() as view:
        assert len(await action_log.entries(view, chain="workspace:w")) == 1
