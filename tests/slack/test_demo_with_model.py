"""The steps that a model adds to the headless demo, on messages as the bot posts them."""

import pytest
import slack_samples as given_a
from test_model_clicks import held

from incident_copilot.demo import STEPS, WITH_MODEL, model_settings
from incident_copilot.demo.model_steps import (
    brief_stands,
    model_tests_the_causes,
    model_words_the_brief,
    reasons_are_shown,
)
from incident_copilot.demo.stage import Stage
from incident_copilot.demo.story import Story
from incident_copilot.domain.content import BriefView, Button, Notice, Press
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.store import investigations

WARNED = "Worded by a language model from the evidence above; it may be wrong."


@pytest.fixture
def story(sandbox, tmp_path):
    stage = Stage(tmp_path)
    stage.sandbox = sandbox
    opened = Story(stage, tmp_path, "bad_deploy")
    opened.channel = "#general"
    return opened


def brief(**fields):
    lines = (Statement(text="Not the cause: checkout v5.8.1; pool_size 20 -> 4", evidence_ids=()),)
    return BriefView(incident=given_a.incident(), brief=given_a.brief(lines=lines, **fields), evidence=())


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        (
            {"worded": (Statement(text="Checkout fails."),), "struck": "1 sentence of the model was struck: x"},
            f"{WARNED} 1 sentence of the model was struck: x.",
        ),
        ({"struck": "2 sentences of the model were struck: x"}, "2 sentences of the model were struck: x."),
        ({"note": "Without the model: it refused."}, "Without the model: it refused."),
    ],
)
async def test_what_came_of_the_models_words_is_said(copilot, story, fields, seen):
    await copilot.show(brief(**fields))

    assert await model_words_the_brief(story) == seen
    assert await brief_stands(story) == "the computed cause is first"


async def test_what_the_model_found_is_said_and_its_reasons_open(copilot, story):
    async with copilot.deps.db.transaction() as tx:
        await investigations.add(tx, held())
    button = Button(press=Press.REASONING, label="Show", value="a" * 32)
    await copilot.show(Notice(text='The model puts "payments v2" first too.', buttons=(button,)))

    assert await model_tests_the_causes(story) == 'The model puts "payments v2" first too.'
    assert await reasons_are_shown(story) == '"What the model found" opened'


async def test_a_model_that_did_not_help_has_no_reasons(copilot, story):
    await copilot.show(Notice(text="The model did not help: it refused. The computed brief stands."))

    assert (await model_tests_the_causes(story)).startswith("The model did not help: it refused.")
    assert await reasons_are_shown(story) == "it has none to show"


def test_the_story_is_the_same_with_more_in_it():
    assert [step for step in WITH_MODEL if step in STEPS] == list(STEPS)
    assert len(WITH_MODEL) == len(STEPS) + 4


def test_a_key_is_passed_on_where_there_is_one():
    settings = model_settings("http://llm.test/v1", "small", "key")

    assert (settings["COPILOT_LLM_MODEL"], settings["COPILOT_LLM_API_KEY"]) == ("small", "key")
    assert "COPILOT_LLM_API_KEY" not in model_settings("http://llm.test/v1", "small")
