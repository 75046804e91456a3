"""What a question is about, by its words."""

import pytest

from incident_copilot.pipeline.topics import Topic, is_command, number_in, said, topic_of


@pytest.mark.parametrize(
    ("text", "topic", "is_short"),
    [
        ("status", Topic.STATUS, True),
        ("INC-42 cause", Topic.CAUSE, True),
        ("What changed?", Topic.CHANGES, True),
        ("who is on call", Topic.WHO, True),
        ("what next", Topic.NEXT, True),
        ("is checkout fixed by now, and what caused it, and why", Topic.CAUSE, False),
        ("has anything similar happened before in this team", Topic.SIMILAR, False),
        ("write a poem", None, False),
        ("", None, False),
    ],
)
def test_words_tell_what_is_asked(text, topic, is_short):
    assert (topic_of(text), is_command(text)) == (topic, is_short)


def test_mentions_are_left_out_and_a_number_is_found():
    assert said("<@U0BOT>  what about <#C1|general> inc-7?") == "what about inc-7?"
    assert (number_in("what about inc-7?"), number_in("what about 7?")) == (7, None)
