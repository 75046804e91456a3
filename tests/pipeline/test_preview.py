"""People see what a model would be sent, what it was sent, and how much of its words stood."""

from dataclasses import replace

import pytest

from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import UnknownThing
from incident_copilot.pipeline import preview
from incident_copilot.ports import Answered
from incident_copilot.store import evidence, incidents

from . import samples


class Says:
    """A model that says one true and one wrong sentence, and keeps what it was given."""

    given = ""

    async def ask(self, instructions, untrusted, answer_type, *, deadline):
        self.given = untrusted
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


async def test_an_incident_that_is_not_there(deps):
    with pytest.raises(UnknownThing, match="there is no INC-9"):
        await preview.preview(deps, 9)
