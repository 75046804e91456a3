"""A model judges a few interactions, within its budgets, and how often it agrees is a figure."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.observation import Figure, Interaction, Snapshot
from incident_copilot.errors import ModelUnavailable
from incident_copilot.jobs.clock import Ticker
from incident_copilot.ports import Answered
from incident_copilot.store import interactions, model_calls, observations
from pipeline.life import CATALOG, Life

CALL = ModelCall(model="small", outcome="answered", latency_ms=5)


class Model:
    """Thinks an answer good that says yes; after so many it answers no more."""

    def __init__(self, answers=100, call=CALL):
        self.asked, self._answers, self._call = [], answers, call

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role="fast"):
        del prompt, deadline, role
        self.asked.append(leaving.text)
        if len(self.asked) > self._answers:
            raise ModelUnavailable("busy", self._call)
        return Answered(answer_type(good="yes" in leaving.text), CALL)


async def judged(db, clock, model, catalog=CATALOG, **policy):
    """Have six interactions judged, three of them good by the heuristics; return the figures of it."""
    life = Life(db, clock, llm=model, catalog=catalog, **{"judge_per_hour": 24, **policy})
    at = clock() - timedelta(minutes=1)
    told = [
        Interaction(system="bot", id=str(one), at=at, request="Hi", response="yes", score=0.9 if one % 2 else 0.1)
        for one in range(6)
    ]
    seen = Snapshot(system="bot", id="s", at=at, figures=(Figure(metric="quality.f1", value=1.0),))
    async with db.transaction() as tx:
        await interactions.add_all(tx, "w", told)
        await observations.add_all(tx, "w", [seen])
    await Ticker(db, "w", [], clock).tick("judge_interactions", 600)
    await life.work()
    async with db.read() as view:
        found = await observations.between(
            view, "w", "bot", at, clock() + timedelta(1), {"judge.good", "judge.agreement"}
        )
        kept = await model_calls.made_since(view, "w", at)
    return {one.figure.metric: (one.figure.successes, one.figure.n) for one in found}, [name for _, name, _ in kept]


async def test_half_are_the_worst_and_agreement_is_counted(db, clock):
    model = Model()

    figures, calls = await judged(db, clock, model)

    # Two are the worst, which the heuristics think bad; of the two others at least one is one that they think good.
    assert figures["judge.good"] == (4, 4)
    assert figures["judge.agreement"] in {(1, 4), (2, 4)}
    assert (calls, model.asked[0]) == (["judge"] * 4, "ASKED Hi\nANSWERED yes")


@pytest.mark.parametrize(("answers", "call", "kept"), [(1, CALL, 2), (1, None, 1)])
async def test_model_that_answers_no_more_is_left_in_peace(db, clock, answers, call, kept):
    figures, calls = await judged(db, clock, Model(answers, call))

    assert (figures["judge.good"], len(calls)) == ((1, 1), kept)


@pytest.mark.parametrize("policy", [{"model_calls_per_hour": 0}, {"catalog": "opted out"}, {"model": None}])
async def test_no_model_is_asked_beyond_its_budget_or_where_it_may_not(db, clock, policy):
    opted_out = Catalog(services=(Service(name="bot", model=False),))
    catalog = opted_out if policy.pop("catalog", None) else CATALOG
    model = policy.pop("model", Model())

    assert await judged(db, clock, model, catalog=catalog, **policy) == ({}, [])
