"""The model words the brief; what it adds is dropped, and nobody waits for it."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.hypothesis import Brief, Statement
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import ModelUnavailable
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.word_brief import Wording, facts_of, is_supported
from incident_copilot.ports import Answered
from incident_copilot.store import model_calls

CALL = ModelCall(model="small", outcome="answered", latency_ms=7, input_tokens=90, output_tokens=20)


class Says:
    """A model that gives one answer, and remembers what it was given."""

    def __init__(self, *sentences):
        self.sentences = list(sentences)
        self.given = ""

    async def ask(self, prompt, untrusted, answer_type, *, deadline):
        self.given = untrusted
        return Answered(answer=answer_type(sentences=self.sentences), call=CALL)


class Away:
    """A model that does not answer."""

    async def ask(self, prompt, untrusted, answer_type, *, deadline):
        raise ModelUnavailable("no answer in 20 s", CALL.model_copy(update={"outcome": "no answer in 20 s"}))


@pytest.fixture
async def worded(story):
    async def run(llm):
        told = await story("bad_deploy", llm=llm)
        incident = await told.begin()
        async with told.deps.db.read() as db:
            calls = await model_calls.of_incident(db, incident.id)
        return await told.brief(), calls, told

    return run


async def test_a_wording_that_adds_nothing_is_shown_with_the_brief(worded):
    model = Says("Checkout fails 20% of its requests.", "payments v2.31.0 is the likely cause.")

    brief, calls, story = await worded(model)

    assert brief.wording == "Checkout fails 20% of its requests. payments v2.31.0 is the likely cause."
    assert calls == [CALL]
    assert story.chat.messages[brief.incident_id, "brief"].brief.wording == brief.wording


async def test_a_wording_with_a_figure_of_its_own_is_dropped(worded):
    brief, calls, _ = await worded(Says("Checkout fails 35% of its requests."))

    assert brief.wording is None
    assert [call.outcome for call in calls] == ["dropped: it said more than the evidence"]


async def test_without_an_answer_the_brief_stays_as_it_is(worded):
    brief, calls, _ = await worded(Away())

    assert brief.wording is None
    assert brief.lines != ()
    assert [call.outcome for call in calls] == ["no answer in 20 s"]


async def test_a_job_left_before_the_model_was_taken_away_does_nothing(worded, story):
    brief, _, told = await worded(Says("Checkout fails."))
    without = await story("bad_deploy")
    async with told.deps.db.transaction() as tx:
        await wakeups.word_brief(tx, told.deps, brief.incident_id, at=told.deps.now())

    done = await without.worker.run_due()

    assert done == 1
    assert await without.brief() == brief


def test_where_nothing_is_suspected_the_model_is_given_the_lines_alone():
    brief = Brief(
        incident_id="i",
        as_of=datetime(2026, 11, 21, tzinfo=UTC),
        headline="Checkout fails",
        lines=(Statement(text="20 % of requests fail."),),
    )

    assert facts_of(brief) == "Checkout fails\n20 % of requests fail."


async def test_the_model_sees_the_briefs_own_lines_only(worded):
    model = Says("Checkout fails.")

    brief, _, _ = await worded(model)

    assert model.given.splitlines()[0] == brief.headline
    assert model.given.splitlines()[-1] == f"likely cause: {brief.suspect.cause}"


@pytest.mark.parametrize(
    ("said", "supported"),
    [
        ("Errors rose to 20 % at 10:47.", True),
        ("Errors rose to 21 %.", False),
        ("See https://evil.example.", False),
        ("Ask @ceo.", False),
        ("<!channel> look", False),
        ("a" * 601, False),
    ],
)
def test_what_the_facts_do_not_hold_is_not_supported(said, supported):
    assert is_supported(said, "20 % of requests fail since 10:47 UTC") is supported


def test_a_wording_has_at_least_one_sentence():
    with pytest.raises(ValueError, match="at least 1 item"):
        Wording(sentences=[])
