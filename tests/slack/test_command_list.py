"""What /incident help lists: every command once, in groups that can be read out one by one."""

import pytest

from incident_copilot.slack.listeners.wording import VERBS
from incident_copilot.slack.views import command_list


def test_every_command_is_in_a_group():
    named = {word for group in command_list.GROUPS for line in group.lines for word in command_list._commands_in(line)}

    missing = {verb for verb, aliases in VERBS.items() if not {verb, *aliases} & named}

    assert missing == {"help"}


def test_all_of_it_names_the_groups_to_whoever_hears_it_read():
    shown = command_list.whole()

    assert shown.text.startswith("What you can type after /incident, in 7 groups: Declare and find (/incident help")
    assert [block["text"]["text"].split("\n")[0] for block in shown.blocks[:-1]] == [
        f"*{group.title}*" for group in command_list.GROUPS
    ]


@pytest.mark.parametrize(
    ("word", "first", "count"),
    [("decide", "*Decide and tell*", 4), ("Roles", "*Roles*", 1), ("approve", "*Approve*", 2)],
)
def test_a_word_is_read_alone_whole_in_the_text_too(word, first, count):
    shown = command_list.about(word)

    assert shown.text.split("\n")[0] == first
    assert len(shown.text.split("\n")) == 1 + count
    assert shown.blocks[0]["text"]["text"] == shown.text


def test_a_word_that_no_command_has_is_about_nothing():
    assert command_list.about("xyzzy") is None


def test_what_is_wanted_most_depends_on_where_one_is():
    assert command_list.here("INC-42").text.split("\n")[:2] == [
        "*This is the channel of INC-42*",
        "• `/incident ack` takes the incident",
    ]
    assert command_list.here(None).text.split("\n")[0] == "*No incident is in this channel*"
