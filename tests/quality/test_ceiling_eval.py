"""The most that a model can change: one that knows, one that misleads, and what the checks leave of either."""

from dataclasses import replace

from evals import ceiling
from evals.ceiling import Wish, mended, moved, right_ones, wrong_ones

from incident_copilot.domain.hypothesis import Verdict
from pipeline import samples
from pipeline.by_model.scripted import causes

from .test_llm_eval import case


def of(passes, *hypotheses):
    return replace(case(), brief=samples.brief(hypotheses=hypotheses or causes()), passes=passes)


def is_saturation_of(service):
    return lambda brief: (brief.hypotheses[0].kind, brief.hypotheses[0].object) == ("saturation", service)


async def test_a_model_that_knows_puts_a_cause_of_the_brief_first():
    one = of(is_saturation_of("payments"))

    assert right_ones(one) == [Wish(listed="H2"), Wish(kind="saturation", service="payments")]
    assert await mended(one) == Wish(listed="H2")


async def test_a_model_that_knows_adds_a_cause_that_evidence_speaks_for():
    wish = await mended(of(is_saturation_of("checkout")))

    assert wish.name == "saturation of checkout"


async def test_no_model_mends_what_no_cause_would_pass():
    assert await mended(of(lambda _: False)) is None


async def test_a_model_that_misleads_moves_what_is_weak_and_not_what_is_strong():
    weak = of(lambda _: True)
    first = causes()[0].model_copy(update={"verdict": Verdict.LIKELY, "confidence": 0.9})
    strong = of(lambda _: True, first, causes()[1].model_copy(update={"supporting": (), "object": "search"}))

    assert wrong_ones(weak) == [Wish(listed="H2")]
    assert Wish(kind="traffic", service="checkout") in wrong_ones(of(is_saturation_of("checkout")))
    assert [await moved(weak), await moved(strong)] == [True, False]


async def test_both_are_counted_over_the_cases(capsys):
    await ceiling.tell([of(is_saturation_of("payments")), of(lambda _: True)])

    assert capsys.readouterr().out.splitlines() == [
        "cases: 2; the computed answer passes 1",
        "a model that knows mends 1 of 1",
        "  pool: H2",
        "a model that misleads puts another cause first in 1 of 1",
        "  where the first was likely: 0 of 0",
    ]
