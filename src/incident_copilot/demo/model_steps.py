"""What a language model adds to the headless demo: words under the brief, a look into the causes, and its reasons."""

from incident_copilot.demo.steps import BRIEF, STEPS, button, incident_is_resolved, require
from incident_copilot.demo.story import Step, Story, shown, texts
from incident_copilot.sandbox.state.messages import Message

PATIENCE_S = 1200.0
"""A small model on a busy machine reads some twenty words a second."""
WORDED = "Worded by a language model"
NOT_WORDED = ("Without the model: ", " of the model was struck", " of the model were struck")
OUTCOMES = ("The model puts ", "The model looked and ", "The model did not help", "The model was not asked")


async def model_words_the_brief(story: Story) -> str:
    """The model words the brief, and code strikes what the facts do not say."""
    told = (await story.sandbox.until(lambda: _told_one_of(story, (WORDED, *NOT_WORDED)), PATIENCE_S))[-1]
    return _text_with(told, (WORDED, *NOT_WORDED))


async def model_tests_the_causes(story: Story) -> str:
    """The model tests the causes with read-only tools, kill or not."""
    told = (await story.sandbox.until(lambda: _told_one_of(story, OUTCOMES), PATIENCE_S))[-1]
    return _text_with(told, OUTCOMES)


async def reasons_are_shown(story: Story) -> str:
    """Ben asks for the model's reasons."""
    told = _told_one_of(story, OUTCOMES)[-1]
    if not any(block["type"] == "actions" for block in told.blocks):
        return "it has none to show"
    ben = story.sandbox.person("ben")
    await ben.click(told, *button(told, "reasoning"))
    form = await story.form(ben)
    await ben.close(form)
    return f'"{form.title}" opened'


async def brief_stands(story: Story) -> str:
    """Whatever the model says, the brief, its order and its buttons are as computed."""
    text = shown(await story.see(BRIEF))
    require("pool_size 20 -> 4" in text, "the brief names another cause")
    return "the computed cause is first"


_BEFORE_THE_END = STEPS.index(incident_is_resolved)
WITH_MODEL: tuple[Step, ...] = (
    *STEPS[:_BEFORE_THE_END],
    model_words_the_brief,
    model_tests_the_causes,
    reasons_are_shown,
    brief_stands,
    *STEPS[_BEFORE_THE_END:],
)


def _told_one_of(story: Story, wordings: tuple[str, ...]) -> list[Message]:
    return [one for one in story.sandbox.messages(story.channel) if any(words in shown(one) for words in wordings)]


def _text_with(message: Message, wordings: tuple[str, ...]) -> str:
    return next(text for text in texts(message.blocks) if any(words in text for words in wordings))
