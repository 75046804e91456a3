"""The five phases as specialists: who is asked in which order, how long each may look, and what comes of it."""

import pytest

from incident_copilot.domain.hypothesis import Phase, PhaseFound, Statement
from incident_copilot.pipeline.by_model import telling
from incident_copilot.pipeline.by_model.checking import check
from incident_copilot.pipeline.by_model.choosing import choose
from incident_copilot.pipeline.by_model.material import facts
from incident_copilot.pipeline.by_model.phase_specialists import BY_NAME, PHASES
from incident_copilot.pipeline.by_model.support import highest
from pipeline import samples

from .ai_system import ORDER, causes, figures, material
from .scripted import BUDGET, TYPED, Scripted, asks, begun, judged, says, whole

ALL = (Phase.MODEL, Phase.STATISTICAL, Phase.COMPONENTS, Phase.LINEAGE, Phase.ENVIRONMENT)
LOOKS = {
    Phase.MODEL: asks("slices_by", label="version"),
    Phase.STATISTICAL: asks("change_points", metric="E2"),
    Phase.COMPONENTS: asks("component_health", service="retriever"),
    Phase.LINEAGE: asks("lineage", dataset="raw"),
    Phase.ENVIRONMENT: asks("usage", about="tokens"),
}
ALIKE = says(judged("H1", 0.3, against=["E3"]), judged("H2", 0.45, "E6", because="It fell to 70 %."))


async def run(model, known=None, **fields):
    known = known or material()
    return await whole(model, known, hypotheses=causes(), plan=choose(known, causes()), **fields)


def test_the_phases_are_asked_the_most_fitting_first():
    assert choose(material(), causes()) == ALL


@pytest.mark.parametrize(
    ("incident_type", "first"),
    [("context_retrieval", Phase.LINEAGE), ("dependency", Phase.ENVIRONMENT), ("performance", Phase.COMPONENTS)],
)
def test_the_type_of_the_incident_says_which_phase_is_first(incident_type, first):
    about = samples.incident(service="answers", incident_type=incident_type)

    assert choose(material(incident=about), ())[0] == first


def test_a_phase_with_nothing_to_look_at_is_not_asked_and_other_incidents_are_asked_about_as_ever():
    blind = material(kinds={}, without=("monitors",))
    other = material(phases=())

    assert choose(blind, causes()) == tuple(name for name in ALL if name != Phase.LINEAGE)
    assert not {*choose(other, causes())} & {*ALL}


async def test_each_phase_looks_with_its_own_tools_and_is_heard_in_its_turn():
    model = Scripted(*(step for name in ALL for step in (LOOKS[name], ALIKE)))

    held = await run(model)

    assert held.why == "everybody was asked"
    assert [one.specialist for one in held.opinions] == list(ALL)
    assert [set(offered) for *_, offered in model.seen[::2]] == [
        {*BY_NAME[name].tools} - {"ask_source"}  # there is no source to ask
        for name in ALL
    ]
    assert [look.cited for look in held.looks] == [("E6",), ("E2",), ("E3", "E12"), ("E13",), ("E4",)]
    assert (held.result.above, held.result.evidence) == ("H1", ("E6",))
    assert telling.outcome(held) == 'The model puts "model-x v2" first, above "retriever is slow": evidence E6.'


async def test_who_looks_much_leaves_the_others_a_look_each():
    looks = [asks("slices_by", label="version"), asks("slices_by", label="segment"), asks("versions", kind="model")]
    rest = (step for name in ALL[1:] for step in (LOOKS[name], ALIKE))
    model = Scripted(*looks, ALIKE, *rest)

    held = await run(model)

    assert (held.why, held.spent.steps) == ("everybody was asked", 12)
    assert [bool(offered) for *_, offered in model.seen] == [True, True, True, False, *([True, False] * 4)]


async def test_evidence_that_separates_the_causes_ends_it_before_all_are_asked():
    apart = says(judged("H1", 0.23), judged("H2", 0.65, "E6", "E8"))

    held = await run(Scripted([*LOOKS[Phase.MODEL], *asks("versions", kind="model")], apart))

    assert held.why == "the evidence separates the causes"
    assert [one.specialist for one in held.opinions] == [Phase.MODEL]


async def test_what_a_phase_asks_of_another_ones_tools_is_no_progress():
    held = await run(Scripted(asks("component_health", service="retriever"), asks("lineage", dataset="raw")))

    assert held.why == "it made no progress"
    assert {look.result for look in held.looks} == {
        "There is no tool component_health here.",
        "There is no tool lineage here.",
    }


async def test_with_few_steps_each_still_has_one_with_tools():
    model = Scripted(*(step for name in ALL for step in (LOOKS[name], ALIKE)))

    held = await run(model, budget=BUDGET.model_copy(update={"steps": 6}))

    assert held.why == "the budget of 6 steps for this incident is used up"
    assert [one.specialist for one in held.opinions] == [*ALL[:3]]


def test_facts_hold_what_was_computed_by_phase_and_nothing_that_others_wrote():
    told = facts(begun(material(), causes()), material())

    assert "Computed, statistical: It fell to 70 % [E2]" in told
    assert "E6: sample of monitors: requests of answers\n" in f"{told}\n"
    assert [line for line in told.splitlines() if "timed out" in line or ORDER in line] == []


def test_the_group_of_a_figure_is_a_word_of_its_sender():
    group = f"segment={ORDER}"
    odd = figures("quality.tone", (80, 0.9), (40, 0.5), observed=["answers", "quality.tone", group])
    odd = odd.model_copy(update={"title": f"quality.tone of answers {group}"})
    said = PhaseFound(phase=Phase.MODEL, found=(Statement(text=f"{group}: it fell", evidence_ids=(odd.id,)),))
    known = material(odd, phases=(said,))

    told = facts(begun(known, causes()), known)

    assert "E13: metric of monitors: quality.tone of answers (a name that is not shown)" in told
    assert ORDER not in told


def test_a_sentence_that_a_phase_computed_stands_and_an_order_is_struck():
    known = material()
    said = says(judged("H1", 0.45, "E2", because="It fell to 70 %."), judged("H2", 0.3, "E6", because=f"{ORDER}."))
    answer = BY_NAME[Phase.STATISTICAL].answer.model_validate(said | TYPED["StatisticalAnswer"])

    opinion, _ = check(answer, BY_NAME[Phase.STATISTICAL], begun(known, causes()), known)

    assert [one.because for one in opinion.judgements] == ["It fell to 70 %.", ""]
    assert "a sentence: it tells people what to do" in opinion.struck


async def test_the_slice_that_stands_out_speaks_for_the_version_that_carries_it():
    known = material()
    held = await run(Scripted(LOOKS[Phase.MODEL], ALIKE, LOOKS[Phase.MODEL]), known)

    blames_v2, blames_retriever = causes()[1], causes()[0]
    assert highest(blames_v2, ("E6",), held, known) == 0.45
    assert highest(blames_v2.model_copy(update={"change_id": "flag"}), ("E6",), held, known) == 0.45
    assert highest(blames_retriever, ("E6",), held, known) == blames_retriever.confidence


def test_every_phase_has_its_own_prompt_and_answer():
    assert [one.name for one in PHASES] == list(Phase)
    assert len({one.prompt.instructions for one in BY_NAME.values()}) == len(BY_NAME)
    assert len({one.answer for one in BY_NAME.values()}) == len(BY_NAME)
    assert all(len(one.prompt.purpose) <= 60 for one in PHASES)
