"""The eval of a model: the product's coordinator answers, lift and grounding are counted, and a section is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from evals import llm
from evals.llm import Case, keep, measure, reordered, report
from evals.tried import Progress

from incident_copilot.domain.evidence import ContextBundle
from incident_copilot.domain.hypothesis import Phase
from incident_copilot.domain.investigation import PER_INCIDENT
from pipeline import samples
from pipeline.by_model.scripted import Scripted, asks, away, causes, evidence, judged, says

DEADLINE = timedelta(seconds=1)
LOOK = asks("read_metric", metric="E4")
POOL = says(judged("H1", 0.1, against=["E4"]), judged("H2", 0.9, "E4", "E99", because="The pool of payments is at 20."))


def case():
    """One whose right answer is the pool, which is computed second."""
    return Case(
        name="pool",
        incident=samples.incident(),
        bundle=ContextBundle(evidence=tuple(evidence())),
        brief=samples.brief(hypotheses=causes()),
        passes=lambda brief: brief.hypotheses[0].kind == "saturation",
    )


async def runs_of(*scripts):
    return [
        await measure(Scripted(*script), case(), run, PER_INCIDENT, DEADLINE) for run, script in enumerate(scripts, 1)
    ]


async def test_lift_variance_and_grounding_are_counted_over_the_runs():
    runs = await runs_of((LOOK, POOL), (LOOK, POOL), (away("it refused"),))

    of_others = runs[0].model_copy(update={"case": "not asked for this time", "run": 4})
    table = report("tiny", [case(), replace(case(), name="later")], [*runs, of_others])

    for row in (
        "| cases, by run | 1, 1, 1 |",
        "| passed, computed | 0, 0, 0 |",
        "| passed, with the model, by run | 1, 1, 0 |",
        "| lift, mean (standard deviation) | +0.67 (0.47) |",
        "| same first cause in all runs | 0 of 1 |",
        "| other first cause than computed | 2 of 3 |",
        "| grounding rate | 0.67 of 12 claims |",
        "| steps a case, mean | 1.7 |",
        "| ended: no usable answer: it refused | 1 |",
        "| pool | fails | passes, passes, fails |",
        "| later | fails | not tried |",
    ):
        assert row in table


async def test_what_people_would_read_has_the_sentences_that_stood():
    held = await llm.looked_into(Scripted(LOOK, POOL), case(), PER_INCIDENT, DEADLINE)

    brief = reordered(case().brief, held)

    assert [one.kind for one in brief.hypotheses] == ["saturation", "change"]
    assert brief.hypotheses[0].supporting[-1].text == "The pool of payments is at 20."
    assert reordered(case().brief, held.model_copy(update={"result": None})) == case().brief


async def test_without_claims_there_is_no_rate():
    assert "| grounding rate | no claims |" in report("tiny", [case()], await runs_of((away(),)))


async def test_what_was_tried_before_a_stop_is_not_tried_again(tmp_path):
    file = tmp_path / "tried.jsonl"
    [first, second] = await runs_of((LOOK, POOL), (away(),))
    before = Progress(file, "tiny", "change 1")
    before.add(first)
    before.add(second)

    after = Progress(file, "tiny", "change 1")

    assert after.tried == [first, second]
    assert [after.has("pool", run) for run in (1, 2, 3)] == [True, True, False]
    assert Progress(file, "tiny", "change 2").tried == Progress(file, "other", "change 1").tried == []


async def test_a_model_that_went_away_is_no_result_and_what_was_tried_is_kept(tmp_path):
    out, progress = tmp_path / "results.md", tmp_path / "tried.jsonl"
    asked = llm.arguments(["--runs", "2", "--out", str(out), "--progress", str(progress)])
    model = Scripted(LOOK, POOL, away("it cannot be reached"))

    with pytest.raises(SystemExit, match="the model is away, no usable answer: it cannot be reached; what was tried"):
        await llm.try_all(model, asked, [case()], "tiny")

    assert [one.run for one in Progress(progress, "tiny", llm.prompts_of([case()])).tried] == [1]
    assert "| pool | fails | passes |" in out.read_text()


def test_held_out_incidents_of_twelve_kinds_are_cases():
    cases = llm.chosen(llm.kind_cases(), 4)

    assert len(cases) == 4
    assert all(isinstance(one.passes(one.brief), bool) for one in cases)
    assert all(one.bundle.evidence for one in cases)


async def test_incidents_of_ai_systems_are_cases_that_the_phases_look_into():
    cases = llm.ai_cases()
    held = [await llm.looked_into(Scripted(away()), one, PER_INCIDENT, DEADLINE) for one in cases]
    tried = await measure(Scripted(away()), cases[0], 1, PER_INCIDENT, DEADLINE)

    assert [len(one.brief.phases) for one in cases] == [5] * 4
    assert [one.passes(one.brief) for one in cases] == [True, True, False, True]
    assert all({*one.plan} <= {*Phase} for one in held)
    assert "investigate.data lineage 1" in report("tiny", cases, [tried])


def test_half_of_the_cases_are_such_as_the_computed_answer_fails_and_all_are_spread():
    def numbered(number):
        return replace(case(), name=str(number), passes=lambda _: number % 4 > 0)

    every = [numbered(number) for number in range(12)]

    assert [one.name for one in llm.chosen(every, 4)] == ["0", "4", "1", "6"]
    assert [one.name for one in llm.chosen(every[1:4], 2)] == ["1", "2"]
    assert llm.chosen(every, None) == llm.chosen(every, 12) == every


def test_a_section_takes_the_place_of_the_models_earlier_one(tmp_path):
    out = tmp_path / "results.md"
    keep(out, "a", "## a\n\nold\n")
    keep(out, "b", "## b\n\nother\n")

    keep(out, "a", "## a\n\nnew\n")

    assert out.read_text() == "# Results with a model\n\n## b\n\nother\n\n## a\n\nnew\n"


def test_without_a_model_it_says_so(capsys):
    assert llm.main([]) == 0
    assert capsys.readouterr().out.startswith("skipped: no model")
