"""The ledger of what left for a model."""

from datetime import timedelta

from incident_copilot.domain.base import new_id
from incident_copilot.domain.egress import Egress
from incident_copilot.store import egress


def sent(clock, prompt="brief 2"):
    clock.forward(1)
    return Egress(
        id=new_id(clock()),
        at=clock(),
        endpoint="llm.example",
        purpose="brief",
        prompt=prompt,
        characters=120,
        digest="d" * 64,
        hidden={"email": 2},
    )


async def test_what_left_is_kept_by_incident_and_completed_by_its_answer(any_db, clock):
    first, second, other = sent(clock), sent(clock), sent(clock)
    async with any_db.transaction() as tx:
        await egress.add(tx, "w", "i1", first)
        await egress.add(tx, "w", "i1", second)
        await egress.add(tx, "w", None, other)
        await egress.note_answer(tx, second, model="small", sentences=2, struck=1)

    async with any_db.read() as view:
        kept = await egress.of_incident(view, "i1")

    assert kept == [first, second.model_copy(update={"model": "small", "sentences": 2, "struck": 1})]


async def test_rates_are_by_model_and_prompt(any_db, clock):
    async with any_db.transaction() as tx:
        for prompt, struck in (("brief 2", 0), ("brief 2", 1), ("brief 1", 2)):
            one = sent(clock, prompt)
            await egress.add(tx, "w", "i1", one)
            await egress.note_answer(tx, one, model="small", sentences=2, struck=struck)
        await egress.add(tx, "w", "i1", sent(clock))

    async with any_db.read() as view:
        assert await egress.rates(view, "w") == [("small", "brief 1", 2, 2), ("small", "brief 2", 4, 1)]
        assert await egress.rates(view, "elsewhere") == []
        assert await egress.rates(view, "w", since=clock() + timedelta(seconds=1)) == []
