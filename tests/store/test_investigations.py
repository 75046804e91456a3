"""Investigations: the newest of an incident, as of its last step; and who asked for one to stop."""

from datetime import timedelta

from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.investigation import Investigation, InvestigationState, Spent
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.store import investigations, model_calls

CAUSE = Hypothesis(cause="payments v2", kind="change", verdict=Verdict.LIKELY, confidence=0.6)


def one(clock, number="1", **fields):
    values = {
        "id": number * 32,
        "workspace_id": "w",
        "incident_id": "i" * 32,
        "began_at": clock(),
        "plan": ("change",),
        "hypotheses": (CAUSE,),
    }
    return Investigation(**(values | fields))


async def test_the_newest_is_found_as_of_its_last_step(any_db, clock):
    first, second = one(clock), one(clock, "2")
    later = second.model_copy(update={"spent": Spent(steps=3, tokens=9), "state": InvestigationState.ENDED, "why": "x"})
    async with any_db.transaction() as tx:
        await investigations.add(tx, first)
        await investigations.add(tx, second)
        await investigations.save(tx, later)

    async with any_db.read() as view:
        assert await investigations.latest(view, "w", "i" * 32) == later
        assert await investigations.get(view, "1" * 32) == first
        assert await investigations.latest(view, "elsewhere", "i" * 32) is None


async def test_one_person_stops_one_that_runs_and_a_step_does_not_undo_it(any_db, clock):
    held = one(clock)
    async with any_db.transaction() as tx:
        await investigations.add(tx, held)

        asked = [await investigations.ask_to_stop(tx, "w", held.id, who) for who in ("U0ANA", "U0BEN")]
        await investigations.save(tx, held)

        assert asked == [True, False]
        assert (await investigations.get(tx, held.id)).stopped_by == "U0ANA"


async def test_what_has_ended_is_not_stopped(any_db, clock):
    async with any_db.transaction() as tx:
        await investigations.add(tx, one(clock, state=InvestigationState.ENDED))

        assert not await investigations.ask_to_stop(tx, "w", "1" * 32, "U0ANA")


async def test_what_calls_took_is_summed_by_incident_and_by_time(any_db, clock):
    call = ModelCall(model="m", outcome="answered", latency_ms=500, input_tokens=10, output_tokens=5, cost_usd=0.25)

    async with any_db.transaction() as tx:
        for incident_id in ("i", "i", "j"):
            clock.forward(60)
            await model_calls.add(
                tx, workspace_id="w", incident_id=incident_id, purpose="brief", call=call, now=clock()
            )

        assert await model_calls.spent(tx, "w", incident_id="i") == Spent(steps=2, tokens=30, usd=0.5, seconds=1.0)
        assert (await model_calls.spent(tx, "w", since=clock() - timedelta(seconds=60))).steps == 2
        assert await model_calls.spent(tx, "elsewhere") == Spent()
