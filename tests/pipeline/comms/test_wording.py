"""A model words a draft; what no evidence supports is marked, and reaches nobody outside until a person edits it."""

from dataclasses import replace

import pytest

from incident_copilot.domain.catalog import Service
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.proposal import Audience, Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, ModelUnavailable
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import decide, draft_comms
from incident_copilot.pipeline.comms import wording
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.ports import Answered
from incident_copilot.store import egress, evidence, incidents, model_calls
from pipeline.conftest import NO_STEPS
from pipeline.life import CATALOG, Life, big
from pipeline.samples import brief, incident, proposal

CALL = ModelCall(model="small", outcome="answered", latency_ms=7, input_tokens=90, output_tokens=20)
CUSTOMERS = Audience.CUSTOMERS
TRUE = "Requests to our service have been failing since 12:00 UTC."
FALSE = "About 35% of them fail because of payments."


class Says:
    """A model that words updates with these sentences, citing every fact, and briefs with nothing."""

    def __init__(self, *sentences):
        self.sentences = list(sentences)
        self.given = []
        self.meanwhile = None

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role=None):
        if not issubclass(answer_type, wording.UpdateWording) or not self.sentences:
            raise ModelUnavailable("no answer in 20 s", CALL.model_copy(update={"outcome": "no answer in 20 s"}))
        self.given.append((prompt.purpose, leaving.text))
        if self.meanwhile:
            await self.meanwhile()
        cites = [line.partition(": ")[0] for line in leaving.text.splitlines()]
        said = [{"text": text, "evidence": cites} for text in self.sentences]
        return Answered(answer=answer_type.model_validate({"sentences": said}), call=CALL)


async def drafted(db, clock, model, audience=CUSTOMERS, catalog=CATALOG):
    life = Life(db, clock, catalog=catalog, llm=model, model_budget=NO_STEPS)
    opened = await life.opened(big())
    outcome = await draft_comms.draft(life.deps, opened.id, await life.person("ana"), audience)
    await life.work()
    return life, opened, await life.proposal(outcome.proposal.id)


async def test_wording_that_the_facts_support_takes_the_place_of_what_it_says_of_the_template(db, clock):
    model = Says(TRUE)
    life, opened, put = await drafted(db, clock, model)

    assert put.version == 2
    assert put.shown["text"].split("\n") == [TRUE, "Our engineers are working on it.", "Next update by 13:00 UTC."]
    assert (put.shown["marked"], put.shown["worded_by"]) == ([], "small")
    [row] = [row for row in await life.log(opened, LogKind.EDITED) if row.payload["proposal"] == put.id]
    assert (row.actor, row.payload["shown_sha256"]) == ("copilot", put.hash)
    async with db.read() as view:
        assert "update for customers" in {one.purpose for one in await egress.of_incident(view, opened.id)}
        assert len(await model_calls.of_incident(view, opened.id)) > 1


async def test_model_is_told_to_people_outside_nothing_but_their_template(db, clock):
    model = Says(TRUE)
    await drafted(db, clock, model)

    [given] = [text for purpose, text in model.given if purpose == "update for customers"]
    assert given == (
        "F1: Since 12:00 UTC requests to our service have been failing.\nF2: Our engineers are working on it."
    )


async def test_what_no_evidence_supports_is_marked_and_needs_a_person_before_customers_read_it(db, clock):
    life, _, put = await drafted(db, clock, Says(f"{TRUE} {FALSE}"))
    cara = await life.person("cara")

    assert put.shown["marked"] == [{"text": FALSE, "reason": "figure 35% is in no evidence it cites"}]
    with pytest.raises(DecisionRefused, match="It says what no evidence supports"):
        await decide.vote(life.deps, put.id, 2, Choice.APPROVE, cara)
    await decide.edit(life.deps, put.id, 2, cara, text=TRUE, approve=True)
    await life.work()

    assert (await life.proposal(put.id)).state is ProposalState.CARRIED_OUT


async def test_colleagues_may_read_what_is_marked(db, clock):
    life, _, put = await drafted(db, clock, Says("INC-1 is being handled.", FALSE), Audience.INTERNAL)

    await decide.vote(life.deps, put.id, put.version, Choice.APPROVE, await life.person("ana"))
    assert put.shown["marked"] != []


@pytest.mark.parametrize("model", [Says(), Says(FALSE)])
async def test_where_nothing_stands_the_template_stays(db, clock, model):
    _, _, put = await drafted(db, clock, model)

    assert put.version == 1


async def test_who_was_at_the_draft_meanwhile_is_not_written_over(db, clock):
    model = Says(TRUE)

    life = Life(db, clock, llm=model, model_budget=NO_STEPS)
    opened = await life.opened(big())
    put = (await draft_comms.draft(life.deps, opened.id, await life.person("ana"), CUSTOMERS)).proposal

    async def edit():
        if (await life.proposal(put.id)).version == 1:
            await decide.edit(life.deps, put.id, 1, await life.person("cara"), text="Mine.")

    model.meanwhile = edit
    await life.work()

    assert (await life.proposal(put.id)).shown["text"] == "Mine."


async def test_service_that_opted_out_is_told_to_no_model(db, clock):
    model = Says(TRUE)
    silent = CATALOG.model_copy(update={"services": (Service(name="checkout", team="shop", model=False),)})
    _, _, put = await drafted(db, clock, model, catalog=silent)

    assert (put.version, model.given) == (1, [])


async def test_model_that_was_taken_out_of_the_settings_words_nothing(db, clock):
    life = Life(db, clock, llm=Says(TRUE), model_budget=NO_STEPS)
    opened = await life.opened(big())
    put = (await draft_comms.draft(life.deps, opened.id, await life.person("ana"), CUSTOMERS)).proposal
    without = replace(life.deps, llm=None)
    worker = Worker(db, handlers(without), clock)
    while await worker.run_due():
        pass

    assert (await life.proposal(put.id)).version == 1


async def test_colleagues_wording_is_given_the_brief_too(deps):
    async with deps.db.transaction() as tx:
        opened = await incidents.open_new(tx, incident(number=0))
        await evidence.add_brief(tx, brief(incident_id=opened.id))
        shown = {"audience": "internal", "text": "INC-1: it fails.\nNext update by 13:00 UTC."}
        draft = proposal(ProposalKind.UPDATE, incident_id=opened.id, shown=shown)
        facts = await wording.facts_of(tx, draft, deps.catalog)

    assert facts[0].text == "INC-1: it fails."
    assert any("likely cause" in fact.text for fact in facts)
