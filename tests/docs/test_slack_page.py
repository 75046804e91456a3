"""docs/slack.md says what people can do in Slack, and who may."""

import pytest

from .slack_page import PAGE, described, listened_for, page


@pytest.mark.parametrize("kind", sorted(listened_for()))
def test_everything_that_is_listened_for_is_described_and_nothing_else(kind):
    assert described()[kind] == listened_for()[kind], "name it in tests/docs/slack_page.py"


def test_the_page_of_slack_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make slack-page`"
