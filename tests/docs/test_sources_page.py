"""docs/sources.md says what the alert sources do."""

from .sources_page import PAGE, page


def test_the_page_of_sources_is_what_the_plugins_say():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make sources-page`"
