"""`llm`, as typed."""

import pytest

from environment import own_environment
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def database(monkeypatch, sqlite_url):
    monkeypatch.setenv("COPILOT_DATABASE_URL", sqlite_url)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preview", "INC-9"), "there is no INC-9\n"),
        (("ledger", "9"), "there is no INC-9\n"),
        (("preview", "INC-x"), "INC-x: write it as INC-42\n"),
    ],
)
def test_what_is_not_there_is_one_clear_line(typed, words, said):
    code, _, err = typed("llm", *words)

    assert (code, err) == (1, said)


@pytest.mark.usefixtures("database")
def test_grounding_without_any_answer_says_so(typed):
    assert typed("llm", "grounding")[:2] == (0, "No model has answered yet.\n")
