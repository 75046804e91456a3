"""docs/slack.md says what people can do in Slack, and who may."""

import pytest

from .slack_page import PAGE, described, listened_for, page

KINDS = sorted(described())


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_is_listened_for_is_described_and_nothing_else(kind):
    assert described()[kind] == {*listened_for()[kind]}, "name it in tests/docs/slack_page.py"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_listened_for_twice(kind):
    """Bolt asks the first listener that fits, and no other."""
    names = listened_for()[kind]

    assert sorted({*names}) == sorted(names)


def test_the_page_of_slack_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make slack-page`"
