"""The loop: hypothesise, look, update; it ends on confidence, on a budget or without progress, with what it has."""

import pytest

from incident_copilot.domain.evidence import ContextBundle, EvidenceKind
from incident_copilot.domain.investigation import Budget, Spent
from incident_copilot.pipeline.by_model import telling
from incident_copilot.pipeline.by_model.material import MOST_LABELS, Material, labels_for, nobody
from incident_copilot.pipeline.by_model.turning import UNLISTED, left_of
from pipeline import samples

from .scripted import BUDGET, CALL, Scripted, another, asks, away, begun, judged, material, says, unfit, whole

POOL_FIRST = says(judged("H1", 0.2, against=["E4"]), judged("H2", 0.65, "E4", "E5"), next_step="A2")


async def test_a_look_separates_two_hypotheses_and_the_rest_is_not_asked():
    model = Scripted(asks("read_metric", metric="E4", window="since"), asks("search_logs", log="E5"), POOL_FIRST)

    held = await whole(model)

    assert held.why == "the evidence separates the causes"
    assert held.result.order == ("H2", "H1")
    assert held.result.above == "H1"
    assert held.result.evidence == ("E4", "E5")
    assert held.result.next_step == "A2"
    assert held.spent == Spent(steps=3, tokens=3000, usd=0.03, seconds=4.5)
    assert len(held.opinions) == 1


async def test_the_next_question_carries_what_was_looked_at():
    model = Scripted(asks("read_metric", metric="E4"), POOL_FIRST)

    await whole(model)

    [(request, result)] = model.seen[1][2]
    assert request.name == "read_metric"
    assert result.startswith("database pool in use of payments\nbefore: median 4.04 connections, from 3.96 to 20.2")


async def test_all_are_asked_while_nothing_separates_the_causes():
    alike = says(judged("H1", 0.45, "E3"), judged("H2", 0.45, "E4"))

    held = await whole(Scripted(alike))

    assert held.why == "everybody was asked"
    assert [one.specialist for one in held.opinions] == list(held.plan)
    assert held.result.above is None


async def test_nothing_said_against_the_computed_first_leaves_it_there():
    silent = says(judged("H1", 0.0), judged("H2", 0.65, "E4", "E5"))

    held = await whole(Scripted(asks("read_metric", metric="E4"), asks("search_logs", log="E5"), silent))

    assert held.result.confidence["H1"] < held.result.confidence["H2"]
    assert (held.result.order, held.result.above) == (("H1", "H2"), None)


async def test_without_a_look_nothing_is_surer_than_computed_and_nothing_is_separated():
    held = await whole(Scripted(says(judged("H2", 1.0, "E4"), judged("H1", 0.0))))

    assert held.why == "everybody was asked"
    assert held.result.confidence["H2"] == 0.3


@pytest.mark.parametrize(
    ("budget", "why"),
    [
        ({"steps": 2}, "the budget of 2 steps for this incident is used up"),
        ({"tokens": 1500}, "the budget of 1,500 tokens for this incident is used up"),
        ({"usd": 0.015}, "the budget of $0.015 for this incident is used up"),
        ({"seconds": 2}, "the budget of 2 s for this incident is used up"),
    ],
)
async def test_a_budget_ends_it_with_what_it_has(budget, why):
    looks = [asks("read_metric", metric=f"E{place}") for place in (2, 4)]

    held = await whole(Scripted(*looks, asks("search_logs", log="E5")), budget=BUDGET.model_copy(update=budget))

    assert held.why == why
    assert held.spent.steps == 2
    assert held.result.order == ("H1", "H2")


async def test_the_last_step_of_a_budget_must_be_an_answer():
    model = Scripted(asks("read_metric", metric="E4"), POOL_FIRST)

    held = await whole(model, budget=BUDGET.model_copy(update={"steps": 2}))

    assert model.seen[0][3] != []
    assert model.seen[1][3] == []
    assert held.result.above == "H1"


async def test_who_has_looked_in_vain_must_answer():
    again = asks("read_metric", metric="E4")
    model = Scripted(again, again, POOL_FIRST)

    held = await whole(model)

    assert [tools == [] for *_, tools in model.seen[:3]] == [False, False, True]
    assert held.result.above == "H1"


async def test_one_specialist_may_not_use_up_all_steps():
    looks = [asks("read_metric", metric=one) for one in ("E2", "E4")]
    model = Scripted(*looks, asks("search_logs", log="E5"), says(judged("H1", 0.4, "E3")))

    held = await whole(model)

    assert model.seen[3][3] == []
    assert held.place == len(held.plan)


async def test_asking_for_the_same_again_is_no_progress():
    held = await whole(Scripted(asks("read_metric", metric="E4")))

    assert held.why == "it made no progress"
    assert held.spent.steps == 3
    assert [look.result for look in held.looks[1:]] == ["You have asked for this already."] * 2


async def test_asking_for_what_there_is_not_is_no_progress():
    held = await whole(Scripted(asks("read_metric", metric="E99"), asks("read_topology", service="ghost")))

    assert held.why == "it made no progress"
    assert held.looked_at() == frozenset()


async def test_no_answer_ends_it_and_what_was_found_before_is_used():
    first = says(judged("H2", 0.4, "E4"), judged("H1", 0.2, against=["E4"]))
    model = Scripted(asks("read_metric", metric="E4"), first, away())

    held = await whole(model)

    assert held.why == "no usable answer: no answer in 20 s"
    assert held.result.above == "H1"
    assert held.spent.steps == 3


async def test_who_neither_asks_nor_answers_must_answer_without_tools():
    model = Scripted(unfit(), says(judged("H1", 0.45, "E3")))

    held = await whole(model)

    assert [tools == [] for *_, tools in model.seen[:2]] == [False, True]
    assert held.opinions[0].specialist == held.plan[0]
    assert held.unusable == {}


async def test_a_specialist_without_a_usable_answer_makes_way_for_the_next():
    model = Scripted(unfit(), unfit("it answered in prose"), asks("read_metric", metric="E4"), POOL_FIRST)

    held = await whole(model, plan=("change", "saturation"))

    assert held.unusable == {"change": "it answered in prose"}
    assert [one.specialist for one in held.opinions] == ["saturation"]
    assert (held.why, held.result.above) == ("the evidence separates the causes", "H1")
    assert telling.spent(held).endswith("separates the causes. No usable answer of change: it answered in prose.")


async def test_two_specialists_without_a_usable_answer_are_enough():
    held = await whole(Scripted(unfit()))

    assert held.why == "no usable answer: it refused"
    assert [*held.unusable] == [*held.plan[:2]]
    assert held.spent.steps == 4


async def test_a_single_hypothesis_gets_a_rival():
    [alone] = begun().hypotheses[:1]

    assert begun(hypotheses=[alone]).hypotheses == (alone, UNLISTED)
    assert begun(hypotheses=[]).hypotheses[-1] == UNLISTED


async def test_evidence_that_a_look_found_gets_a_label_and_counts():
    now = samples.evidence(
        id="fresh", title="database pool in use of payments", data={"points": [], "unit": "", "service": "payments"}
    )

    async def ask(source, service, window):
        return ContextBundle(evidence=(now,) if source == "Prometheus" else ())

    metrics, logs = frozenset({EvidenceKind.METRIC}), frozenset({EvidenceKind.LOG})
    known = material(sources={"Prometheus": metrics, "Loki": logs}, near=("payments",), ask=ask)
    metric = asks("ask_source", source="Prometheus", service="payments", window="last 15 minutes")
    model = Scripted(
        [*metric, *metric], asks("ask_source", source="Loki", service="payments", window="the hour before"), away()
    )

    held = await whole(model, known)

    assert held.labels["E6"] == "fresh"
    assert [look.cited for look in held.looks] == [("E6",), (), ()]
    assert held.looks[0].result.endswith("It is evidence E6 now.")
    assert held.looks[1].result == "You have asked for this already."
    assert held.looks[2].result == "Loki shows nothing of payments, the hour before."
    assert [telling.looked(look) for look in held.looks[1:]] == [
        "saturation: ask source Prometheus, payments, last 15 minutes (nothing new)",
        "saturation: ask source Loki, payments, the hour before",
    ]


async def test_a_cause_that_was_added_can_win():
    known = material(depends_on={"checkout": ("payments", "cart")})
    cart = samples.evidence(
        id="cart",
        title="memory of cart",
        data={"points": samples.points((40, 1), (13, 9)), "unit": "", "service": "cart"},
    )
    known = Material(**{**known.__dict__, "evidence": {**known.evidence, "E6": cart}})
    added = says(
        judged("H1", 0.1, against=["E6"]), judged("H2", 0.1), another=another("cart", "E6", because="It rose to 9.")
    )

    held = await whole(Scripted(asks("read_metric", metric="E6"), added), known)

    assert held.by_label["H3"].cause == "saturation of cart"
    assert held.result.order[0] == "H3"
    assert held.result.confidence["H3"] == 0.45


async def test_without_evidence_another_cause_is_not_put_first():
    model = Scripted(asks("read_metric", metric="E2"), says(judged("H1", 0.0, against=["E2"]), judged("H2", 0.3)))

    held = await whole(model)

    assert held.result.confidence == {"H1": 0.0, "H2": 0.3}
    assert (held.result.order, held.result.above) == (("H1", "H2"), None)
    assert telling.outcome(held) == (
        "The model looked and cites nothing that changes the order. The computed brief stands."
    )


async def test_a_model_that_agrees_says_so():
    held = await whole(Scripted(asks("list_changes", service="payments"), says(judged("H1", 0.45, "E3"))))

    assert telling.outcome(held) == 'The model puts "payments v2.31.0 (pool_size 20 -> 4)" first too: evidence E3.'


def test_evidence_has_labels_up_to_a_number_and_keeps_them():
    many = [samples.evidence(id=f"m{number}") for number in range(50)]

    labels = labels_for(many, {"E1": "m7"})

    assert (len(labels), labels["E1"], labels["E2"], labels["E40"]) == (40, "m7", "m0", "m39")
    assert labels_for(many, labels, MOST_LABELS)["E50"] == "m49"


async def test_incidents_that_were_recorded_have_nobody_to_ask():
    assert await nobody("Prometheus", "payments", "last 15 minutes") == ContextBundle()


def test_what_others_spent_on_the_incident_is_gone():
    both, mine = Spent(steps=5, tokens=500, usd=0.2, seconds=20), Spent(steps=2, tokens=200, usd=0.1, seconds=10)

    assert left_of(BUDGET, both, mine) == Budget(steps=9, tokens=59_700, usd=0.4, seconds=170)
    assert CALL.cost_usd == 0.01
