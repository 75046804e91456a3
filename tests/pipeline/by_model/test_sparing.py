"""What a specialist is not told where the model has no room for it, and what then becomes of its answer."""

import json
import re

from incident_copilot.domain.investigation import Look
from incident_copilot.pipeline.by_model import telling
from incident_copilot.pipeline.by_model.sparing import as_seen, spare
from llm.scripted import short
from pipeline import samples

from . import ai_system
from .scripted import TYPED, begun, judged, material, says, whole

MORE = material(*(samples.evidence(id=f"more{n}", title=f"latency {n} of checkout") for n in range(30)))


def test_what_no_computed_sentence_rests_on_may_be_left_out_from_the_end():
    assert spare(begun(MORE), MORE) == [*(f"E{n}" for n in range(35, 5, -1)), "E2", "E1"]


def test_what_the_phases_of_an_ai_system_rest_on_stays():
    known = ai_system.material()
    held = begun(known, ai_system.causes())

    rest_on = {ref for phase in known.phases for said in phase.found for ref in said.evidence_ids}
    assert rest_on
    assert {known.evidence[label].id for label in spare(held, known)}.isdisjoint(rest_on)


def test_what_a_specialist_was_not_told_but_has_looked_at_is_evidence_for_it():
    look = Look(specialist="change", request_id="1:1", tool="read_metric", result="7 at E30", cited=("E30",))

    seen = as_seen(MORE, begun(MORE, looks=(look,)), ("E30", "E31"))

    assert set(MORE.evidence) - set(seen.evidence) == {"E31"}


async def test_the_form_of_an_answer_names_no_evidence_that_is_known_to_have_no_room():
    async with short(3_500, lambda told: "{}") as running:
        await whole(running.llm, MORE, plan=("saturation", "change"))

    # The last question has no tools any more, which may still be used to look at it.
    first, last = (str(running.asked[place]).replace("'", '"') for place in (0, -1))
    assert ('"E31"' in first, '"E31"' in last, '"E4"' in last) == (True, False, True)


async def test_what_a_specialist_was_not_told_is_no_evidence_for_it_and_people_read_what_was_cut():
    def answer(told):
        judgement = judged("H2", 0.4, "E4", "E30", because="The pool of payments is at 20.")
        return json.dumps({**says(judgement), **TYPED["SaturationAnswer"]})

    async with short(3_500, answer) as running:
        held = await whole(running.llm, MORE, plan=("saturation",))

    told = [one["messages"][1]["content"] for one in running.asked]
    before, after = (re.findall(r"^\| (E\d+): ", text, re.MULTILINE) for text in told)
    assert (len(before), after) == (35, before[:13])
    assert held.struck == ["there is no evidence E30", "H2 at 0.40: its evidence supports 0.30"]
    assert held.opinions[0].judgements[0].evidence == ("E4",)
    assert telling.spent(held).endswith(
        "everybody was asked. The model had no room for all that saturation is given: 22 lines cut."
    )
