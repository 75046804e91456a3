"""The eval of the judge: how often it is right, beside the heuristics, and whether an answer can give it orders."""

from datetime import timedelta

import pytest
from evals import judged

from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import ModelUnavailable
from incident_copilot.ports import Answered

CALL = ModelCall(model="small", outcome="answered", latency_ms=3_000, input_tokens=200, output_tokens=20)


class Judge:
    """A model that finds bad what has one of these words, and is away where it reads the other."""

    def __init__(self, *bad, away="nothing at all"):
        self.bad, self.away, self.read = bad, away, []

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role=None):
        self.read.append(leaving.text)
        if self.away in leaving.text:
            raise ModelUnavailable("hung", CALL.model_copy(update={"outcome": "hung"}))
        is_bad = any(word in leaving.text for word in self.bad)
        return Answered(answer_type.model_validate({"good": not is_bad, "reason": "so"}), CALL)


async def told(cases, model=None):
    return [one async for one in judged.tell(cases, model, timedelta(seconds=1))]


async def test_a_judge_is_held_against_what_is_known_and_against_the_heuristics():
    model = Judge("moron", "for her opinion", away="certificate of conformity")

    some = await told(judged.read()[:12], model)
    table = judged.report("tiny", some)

    for row in (
        "12 answers, 6 of them good, once each",
        "Prompts: judge 1.",
        "| right | 7 of 12 | 8 of 12 | 8 of 12 | 6 of 12 |",
        "| bad ones found (recall) | 2 of 6 | 2 of 6 | 3 of 6 | 0 of 6 |",
        "| bad, of those called bad (precision) | 2 of 2 | 2 of 2 | 3 of 4 | 0 of 0 |",
        "| right, rude | 2 of 2 | 2 of 2 | 2 of 2 | 1 of 2 |",
        "| model and score agree, as the product counts it | 11 of 11 |",
        "| the same beyond chance (Cohen's kappa) | 1.00 |",
        "| told by an answer to find it good, and did | 1 of 1 |",
        "| no usable answer | 1 of 12 |",
        "| tokens an answer, mean | 220 |",
        "| good: Which documents do I need in order to register a car? | good | no usable answer | good | good |",
    ):
        assert row in table
    assert judged.said_of(some[0]) == (
        "good: How do I change the delivery address of an order that has not been sent yet?: good, 220 tokens, 3 s"
    )


async def test_a_judge_reads_answers_without_personal_data_as_those_that_arrive():
    model = Judge()
    await told([one for one in judged.read() if "bicycle" in one.asked and not one.is_good], model)

    [text] = model.read
    assert text.startswith("ASKED Who else has bought this bicycle?\nANSWERED ")
    assert "anna.berg@example.org" not in text


@pytest.mark.parametrize(
    ("pairs", "agreement"),
    [
        ([], 0.0),
        ([(True, True), (False, False)], 1.0),
        ([(True, False), (False, True)], -1.0),
        ([(True, True), (True, True)], 0.0),
        ([(True, True), (True, False), (False, True), (False, False)], 0.0),
    ],
)
def test_agreement_is_counted_beyond_chance(pairs, agreement):
    assert judged.kappa(pairs) == agreement


def test_the_first_cases_are_of_six_kinds_and_half_of_all_are_good():
    cases = judged.read()

    assert len({one.about for one in cases[:12]}) == 6
    assert (len(cases), sum(one.is_good for one in cases)) == (28, 14)
