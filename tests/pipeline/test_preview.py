"""People see what a model would be sent, what it was sent, and how much of its words stood."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.proposal import Audience, ProposalKind
from incident_copilot.errors import UnknownThing
from incident_copilot.llm.digest import PART
from incident_copilot.pipeline import preview
from incident_copilot.pipeline.by_model.phase_specialists import BY_NAME
from incident_copilot.pipeline.comms.wording import PROMPTS
from incident_copilot.pipeline.preview import Purpose
from incident_copilot.ports import Answered
from incident_copilot.store import evidence, incidents, investigations, proposals, timeline

from . import samples
from .by_model.scripted import begun


class Says:
    """A model that says one true and one wrong sentence, and keeps what it was given."""

    given = ""

    def room(self, role):
        return None

    async def ask(self, instructions, leaving, answer_type, *, deadline):
        self.given = leaving.text
        said = [{"text": text, "evidence": ["F1"]} for text in ("Checkout has a high 5xx ratio.", "It is 42%.")]
        call = ModelCall(model="small", outcome="answered", latency_ms=7)
        return Answered(answer=answer_type.model_validate({"sentences": said}), call=call)


async def test_a_preview_shows_what_is_sent_and_the_ledger_what_was(story):
    model = Says()
    told = await story("bad_deploy", llm=model)
    deps = replace(told.deps, policy=replace(told.deps.policy, model_endpoint="llm.example"))

    await told.begin()

    head, _, *shown = await preview.preview(deps, 1)
    assert head == f"To llm.example: {len(model.given)} characters, hidden: nothing."
    assert shown[-1] == model.given
    [line] = await preview.ledger(deps, 1)
    assert line.endswith("hidden: nothing; 1 of 2 sentences struck")
    assert await preview.grounding(deps) == ["small, brief 2: 1 of 2 sentences stood"]


@pytest.fixture
def an_incident(deps):
    async def opened(brief=None, **fields):
        incident = samples.incident(workspace_id="w", number=1, **fields)
        async with deps.db.transaction() as tx:
            await incidents.open_new(tx, incident)
            if brief:
                await evidence.add_brief(tx, brief.model_copy(update={"incident_id": incident.id}))

    return opened


async def test_what_would_be_hidden_is_named(deps, an_incident):
    await an_incident(samples.brief(headline="ana@corp.example says password=hunter22", lines=(), hypotheses=()))

    head, *_, text = await preview.preview(deps, 1)

    assert head == "To no model, as none is configured: 40 characters, hidden: 1 email, 1 password."
    assert text == "F1: [email-1] says password=[password-1]"


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"private": True}, "No model sees INC-1: it is private."), ({}, "INC-1 has no brief yet.")],
)
async def test_what_is_not_sent_has_a_reason(deps, an_incident, fields, said):
    await an_incident(**fields)

    assert await preview.preview(deps, 1) == [said]
    assert await preview.ledger(deps, 1) == ["Nothing left for a model about INC-1."]
    assert await preview.grounding(deps) == ["No model has answered yet."]


async def test_what_goes_with_a_question_is_shown_with_what_would_be_hidden(deps, an_incident):
    await an_incident()

    head, *_, text = await preview.preview(deps, 1, "is ana@corp.example awake?")

    assert head.endswith("hidden: 1 email.")
    assert text.splitlines()[0] == "Q: is [email-1] awake?"
    assert text.splitlines()[1] == "F1: INC-1: P1 high, open, for 0 s. Nobody leads it yet."


async def written(deps, *texts):
    """Have somebody write in the incident's channel, a message a second."""
    async with deps.db.transaction() as tx:
        for number, text in enumerate(texts):
            at = samples.NOON + timedelta(seconds=number)
            entry = TimelineEntry(
                id=new_id(at),
                incident_id=samples.INCIDENT_ID,
                at=at,
                kind=TimelineKind.MESSAGE,
                text=text,
                author="U0DEV",
                ref=f"C1:{number}",
            )
            await timeline.add(tx, entry)


@pytest.mark.parametrize(
    ("messages", "head", "questions", "end"),
    [
        (20, "20 of 20 messages used.", 1, f"M20: <@U0DEV>: 19 [email-1] {'x' * 200}"),
        (130, "129 of 130 messages used.", 5, "Last, the sentences about the parts, to put them together."),
    ],
)
async def test_a_digest_is_shown_part_by_part_with_how_much_is_used(deps, an_incident, messages, head, questions, end):
    await an_incident()
    await written(deps, *(f"{number} ana@corp.example {'x' * 200}" for number in range(messages)))

    first, *shown = await preview.preview(deps, 1, purpose=Purpose.DIGEST)

    assert (first, shown[-1].splitlines()[-1]) == (head, end)
    assert len([line for line in shown if line.startswith("To no model, as none is configured: ")]) == questions
    assert shown.count(PART.instructions.splitlines()[0]) == questions
    assert "ana@corp" not in "".join(shown)


async def test_messages_that_are_shown_as_they_are_go_to_no_model(deps, an_incident):
    await an_incident()
    await written(deps, "the pool is full")

    assert await preview.preview(deps, 1, purpose=Purpose.DIGEST) == [
        "No model is asked: the messages of INC-1 are few enough to be shown as they are."
    ]


async def test_what_goes_with_the_causes_to_test_is_shown_at_the_beginning_and_on_the_way(deps, an_incident):
    await an_incident(samples.brief())
    first, _, *rest = await preview.preview(deps, 1, purpose=Purpose.CAUSES)
    async with deps.db.transaction() as tx:
        await investigations.add(tx, begun(plan=("database",), incident_id=samples.INCIDENT_ID))

    on_the_way = await preview.preview(deps, 1, purpose=Purpose.CAUSES)

    assert first.endswith("characters, hidden: nothing.")
    assert rest[0] == BY_NAME["change"].instructions
    assert "H1: payments v2.31.0 (pool_size 20 -> 4) (change, computed confidence 0.74)" in rest[-3].splitlines()
    assert rest[-1] == "Later also what its tools show, hidden and marked in the same way."
    assert on_the_way[2].startswith("You know databases")


async def test_what_goes_with_a_draft_that_waits_to_be_worded_is_shown(deps, an_incident):
    await an_incident()
    shown = {"audience": "customers", "text": "checkout fails; ask ana@corp.example\nNext update by 13:00 UTC."}
    async with deps.db.transaction() as tx:
        await proposals.add(tx, samples.proposal(ProposalKind.UPDATE, shown=shown))
        await proposals.add(tx, samples.proposal(ProposalKind.UPDATE, shown=shown, version=2))
        await proposals.add(tx, samples.proposal())

    told = await preview.preview(deps, 1, purpose=Purpose.UPDATES)

    assert told[0].endswith("hidden: 1 email.")
    assert told[2] == PROMPTS[Audience.CUSTOMERS].instructions.splitlines()[0]
    assert told[-1] == "F1: checkout fails; ask [email-1]"


async def test_without_causes_and_drafts_nothing_would_be_sent(deps, an_incident):
    await an_incident()

    assert await preview.preview(deps, 1, purpose=Purpose.CAUSES) == ["INC-1 has no causes to test yet."]
    assert await preview.preview(deps, 1, purpose=Purpose.UPDATES) == [
        "No draft of an update of INC-1 waits to be worded."
    ]


async def test_an_incident_that_is_not_there(deps):
    with pytest.raises(UnknownThing, match="there is no INC-9"):
        await preview.preview(deps, 9)
