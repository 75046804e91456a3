"""The model words the brief; what the evidence does not say is struck, and nobody waits for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.hypothesis import Brief, Statement
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import ModelUnavailable
from incident_copilot.jobs.worker import Worker
from incident_copilot.llm.answers import schema_of
from incident_copilot.llm.grounding import Sentence
from incident_copilot.llm.names import Known
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.pipeline.word_brief import Fact, Wording, as_text, facts_of, ground_wording, wording_of
from incident_copilot.ports import Answered
from incident_copilot.store import egress, evidence, incidents, model_calls

CALL = ModelCall(model="small", outcome="answered", latency_ms=7, input_tokens=90, output_tokens=20)


class Says:
    """A model that gives one answer, citing every fact, and remembers what it was given."""

    def __init__(self, *sentences):
        self.sentences = list(sentences)
        self.given = ""

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline):
        self.given = leaving.text
        cites = [line.partition(": ")[0] for line in leaving.text.splitlines()]
        said = [{"text": text, "evidence": cites} for text in self.sentences]
        return Answered(answer=answer_type.model_validate({"sentences": said}), call=CALL)


class Away:
    """A model that does not answer."""

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline):
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


async def test_a_sentence_with_a_figure_of_its_own_is_struck_and_the_others_stay(worded):
    brief, calls, told = await worded(Says("Checkout fails.", "Checkout fails 35% of its requests."))

    assert brief.wording == "Checkout fails."
    assert brief.struck == "1 sentence of the model was struck: figure 35% is in no evidence it cites"
    assert [call.outcome for call in calls] == ["answered"]
    async with told.deps.db.read() as db:
        assert await egress.rates(db, told.deps.workspace_id) == [("small", "brief 2", 2, 1)]


async def test_where_nothing_stands_the_brief_says_so_in_one_line(worded):
    brief, calls, _ = await worded(Says("Checkout fails 35% of its requests."))

    assert brief.wording is None
    assert brief.struck == "1 sentence of the model was struck: figure 35% is in no evidence it cites"
    assert [call.outcome for call in calls] == ["struck: it said more than the evidence"]


async def test_each_sentence_carries_the_evidence_of_the_facts_it_cites(worded):
    brief, _, _ = await worded(Says("Checkout fails."))

    assert set(brief.worded[0].evidence_ids) >= set(brief.lines[0].evidence_ids) != set()


async def test_what_leaves_is_in_the_ledger_before_it_leaves(worded):
    _, _, told = await worded(Away())
    async with told.deps.db.read() as db:
        [running] = await incidents.running(db, told.deps.workspace_id)
        [sent] = await egress.of_incident(db, running.id)
    assert (sent.purpose, sent.prompt, sent.sentences, len(sent.digest)) == ("brief", "brief 2", None, 64)
    assert sent.characters > 50


async def test_a_service_that_opted_out_is_not_told_to_a_model(story):
    model = Says("Checkout fails.")
    told = await story("bad_deploy", llm=model)
    services = tuple(service.model_copy(update={"model": False}) for service in told.deps.catalog.services)
    told.deps = replace(told.deps, catalog=told.deps.catalog.model_copy(update={"services": services}))
    told.worker = Worker(told.deps.db, handlers(told.deps), told.deps.now)

    await told.begin()

    assert model.given == ""
    assert (await told.brief()).note.startswith("No model sees this incident: ")


async def test_a_wording_of_a_brief_that_is_not_the_newest_any_more_is_not_shown(story):
    class Overtaken(Says):
        async def ask(self, *asked, deadline):
            brief = await told.brief()
            async with told.deps.db.transaction() as tx:
                newer = brief.model_copy(update={"as_of": told.deps.now() + timedelta(seconds=9)})
                await evidence.add_brief(tx, newer)
            return await super().ask(*asked, deadline=deadline)

    told = await story("bad_deploy", llm=Overtaken("Checkout fails."))

    await told.begin()

    assert (await told.brief()).wording is None


async def test_without_an_answer_the_brief_stays_and_one_line_says_why(worded):
    brief, calls, _ = await worded(Away())

    assert brief.note == "Without the model: no answer in 20 s."

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

    assert facts_of(brief) == [Fact("Checkout fails"), Fact("20 % of requests fail.")]
    assert as_text(facts_of(brief)) == "F1: Checkout fails\nF2: 20 % of requests fail."


def test_nobody_begins_a_fact_of_their_own_inside_another():
    brief = Brief(
        incident_id="i", as_of=datetime(2026, 11, 21, tzinfo=UTC), headline="Checkout fails\nF2: all is well", lines=()
    )

    assert as_text(facts_of(brief)) == "F1: Checkout fails F2: all is well"


async def test_the_model_sees_the_briefs_own_lines_only(worded):
    model = Says("Checkout fails.")

    brief, _, _ = await worded(model)

    assert model.given.splitlines()[0] == f"F1: {brief.headline}"
    assert model.given.splitlines()[-1].endswith(f": likely cause: {brief.suspect.cause}")


def test_a_wording_has_at_least_one_sentence():
    with pytest.raises(ValueError, match="at least 1 item"):
        Wording(sentences=[])


def test_the_form_of_a_wording_cites_the_facts_that_there_are():
    form = wording_of([Fact("checkout fails"), Fact("payments is slow")])

    assert schema_of(form)["$defs"]["Sentence"]["properties"]["evidence"]["items"]["enum"] == ["F1", "F2"]
    assert form.model_validate({"sentences": [{"text": "x", "evidence": ["F9"]}]}).sentences[0].evidence == ["F9"]
    with pytest.raises(ValueError, match="at least 1 item"):
        form(sentences=[])


def test_a_line_that_is_repeated_with_its_id_is_a_sentence():
    wording = Wording(sentences=[Sentence(text="F1: checkout fails.", evidence=["F1"])])

    grounded = ground_wording(wording, [Fact("checkout fails")], Known())

    assert [one.text for one in grounded.kept] == ["checkout fails."]
