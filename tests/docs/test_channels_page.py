"""docs/comms-channels.md says what the channels of updates do."""

from .channels_page import PAGE, page


def test_the_page_of_channels_is_what_the_plugins_say():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make sources-page`"
