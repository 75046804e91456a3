"""Names are kept by id, the newest wins."""

from incident_copilot.store import people


async def test_newest_name_is_known_in_its_workspace(any_db, clock):
    async with any_db.transaction() as tx:
        await people.remember(tx, "w", "U0ANA", "Ana", clock())
        await people.remember(tx, "w", "U0BEN", "Ben", clock())
        await people.remember(tx, "w", "U0ANA", "Ana Maria", clock())
        await people.remember(tx, "other", "U0CARA", "Cara", clock())

        assert await people.names(tx, "w") == {"U0ANA": "Ana Maria", "U0BEN": "Ben"}
        assert await people.names(tx, "unknown") == {}
