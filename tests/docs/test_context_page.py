"""docs/context-sources.md says what the context sources do."""

from .context_page import PAGE, page


def test_the_page_of_context_sources_is_what_the_plugins_say():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make sources-page`"
