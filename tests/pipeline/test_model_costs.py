"""The report of what models cost, as people read it."""

from types import SimpleNamespace

import pytest

from docs.documents import ROOT, fenced
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.llm.prices import load_prices
from incident_copilot.pipeline.deps import Policy
from incident_copilot.pipeline.model_costs import costs, money
from incident_copilot.store import model_calls

DAY_S = 86_400


def call(**fields):
    return ModelCall(
        **{"model": "small", "outcome": "answered", "latency_ms": 9, "input_tokens": 900, "output_tokens": 100} | fields
    )


@pytest.fixture
def asked(db, clock):
    """Keeps calls and returns what the report needs of the dependencies."""

    async def keep(*made):
        async with db.transaction() as tx:
            for purpose, one in made:
                clock.forward(1)
                await model_calls.add(tx, workspace_id="w", incident_id=None, purpose=purpose, call=one, now=clock())
        return SimpleNamespace(db=db, now=clock, workspace_id="w", policy=Policy())

    return keep


async def test_calls_are_summed_by_purpose_and_model_and_held_against_a_days_budget(asked):
    deps = await asked(
        ("brief", call(cost_usd=0.004)),
        ("brief", call(cost_usd=0.003, outcome="it refused")),
        ("investigate.change", call(model="large", cost_usd=1.5)),
    )

    assert await costs(deps, 1) == [
        "2026-11-21, brief, small: 2 calls, 1 answered, 1,800 tokens read, 200 written, $0.007",
        "2026-11-21, investigate.change, large: 1 call, 1 answered, 900 tokens read, 100 written, $1.50",
        "Together in 24 hours: 3 calls, 2 answered, 2,700 tokens read, 300 written, $1.51",
        "Last 24 hours: $1.51 of $10.00, 3,000 of 2,000,000 tokens",
    ]


async def test_a_price_that_is_unknown_is_not_nothing(asked):
    deps = await asked(("brief", call(cost_usd=0.004)), ("brief", call()), ("draft", call(model="own")))

    lines = await costs(deps, 1)

    assert [line.rpartition("written, ")[2] for line in lines[:3]] == [
        "$0.004, 1 without a price",
        "cost unknown, the model has no price",
        "$0.004, 2 without a price",
    ]


async def test_a_day_ago_is_no_longer_in_the_days_budget(asked, clock):
    deps = await asked(("brief", call(cost_usd=2)))
    clock.forward(DAY_S + 1)

    assert (await costs(deps, 2))[-2:] == [
        "Together in 2 days: 1 call, 1 answered, 900 tokens read, 100 written, $2.00",
        "Last 24 hours: $0.00 of $10.00, 0 of 2,000,000 tokens",
    ]
    assert await costs(deps, 1) == ["The model was asked nothing in the last 24 hours."]


@pytest.mark.parametrize(("usd", "said"), [(0, "$0.00"), (0.00041, "$0.00041"), (0.5, "$0.50"), (12.345, "$12.35")])
def test_money_is_told_as_exactly_as_it_matters(usd, said):
    assert money(usd) == said


BRIEF = {"model": "gpt-4.1-mini", "input_tokens": 480, "output_tokens": 70, "latency_ms": 2_100}
LOOK = {"model": "gpt-4.1", "input_tokens": 2_400, "output_tokens": 60, "latency_ms": 2_600}
OPINION = {"model": "gpt-4.1", "input_tokens": 3_100, "output_tokens": 280, "latency_ms": 6_400}
OFTEN = (("change", 3), ("saturation", 2), ("dependency", 2), ("database", 1))
"""Which specialists are asked in the day's incidents, and how often each looks before it says what it thinks."""
A_DAY = 14  # incidents


async def a_day_of_incidents(db, clock, open_incident):
    """Each is worded once and looked into by one to three specialists; one wording came too late, one was refused."""
    prices = load_prices(ROOT / "prices.yaml")
    for number in range(A_DAY):
        incident = await open_incident(db, title=f"incident {number}")
        steps = [("brief", BRIEF)]
        for name, looks in (OFTEN[number % 4 :] + OFTEN)[: 1 + number % 3]:
            steps += [(f"investigate.{name}", LOOK)] * looks + [(f"investigate.{name}", OPINION)]
        async with db.transaction() as tx:
            for purpose, took in steps:
                clock.forward(60)
                cost = prices.cost(took["model"], took["input_tokens"], took["output_tokens"])
                one = call(**took, cost_usd=cost, outcome=AWAY.get((number, purpose), "answered"))
                await model_calls.add(
                    tx, workspace_id="w", incident_id=incident.id, purpose=purpose, call=one, now=clock()
                )
    return SimpleNamespace(db=db, now=clock, workspace_id="w", policy=Policy())


AWAY = {(3, "brief"): "no answer in 20 s", (13, "brief"): "it refused"}


async def test_a_day_of_incidents_is_told_as_the_docs_show_it(db, clock, open_incident):
    deps = await a_day_of_incidents(db, clock, open_incident)

    assert "\n".join(await costs(deps, 1)) + "\n" == fenced(ROOT / "docs" / "model.md", "2026-11-21, brief")
