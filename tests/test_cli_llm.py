"""`llm`, as typed."""

import pytest

from environment import own_environment
from llm.scripted import completion, refused
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


@pytest.mark.usefixtures("database")
def test_the_cost_of_a_day_without_a_model_is_nothing(typed):
    assert typed("llm", "cost", "--days", "1")[:2] == (0, "The model was asked nothing in the last 24 hours.\n")


def test_a_model_that_is_not_named_cannot_be_tested(typed):
    assert typed("llm", "test") == (1, "", "no model is named; set COPILOT_LLM_MODEL\n")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (completion('{"service": "checkout"}'), 0, "small: answers in "),
        (refused(401), 1, "small: no usable answer: it does not accept the key (401)"),
    ],
)
def test_an_endpoint_is_tested_and_what_is_of_no_use_exits_with_1(typed, monkeypatch, httpx2_mock, answer, code, said):
    monkeypatch.setenv("COPILOT_LLM_BASE_URL", "http://llm.test/v1")
    monkeypatch.setenv("COPILOT_LLM_MODEL", "small")
    httpx2_mock.post("http://llm.test/v1/chat/completions").respond(
        status_code=answer.status_code, content=answer.content, headers=answer.headers
    )

    ended, out, _ = typed("llm", "test")

    assert (ended, out.splitlines()[0]) == (code, "llm.test:")
    assert out.splitlines()[1].startswith(said)
    answered, calls = (0, "1 call") if code else (2, "2 calls")
    assert [line.partition(", cost")[0].partition(", ")[2] for line in typed("llm", "cost")[1].splitlines()[:-2]] == [
        f"trial, small: {calls}, {answered} answered, {answered * 11} tokens read, {answered * 3} written",
        *["trial tools, small: 1 call, 0 answered, 22 tokens read, 6 written"] * (1 - code),
    ]


def test_a_model_can_be_tested_before_there_is_a_database(typed, monkeypatch, httpx2_mock, tmp_path):
    monkeypatch.setenv("COPILOT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    monkeypatch.setenv("COPILOT_LLM_BASE_URL", "http://llm.test/v1")
    monkeypatch.setenv("COPILOT_LLM_MODEL", "small")
    httpx2_mock.post("http://llm.test/v1/chat/completions").respond(json=completion('{"service": "checkout"}').json())

    code, out, _ = typed("llm", "test")

    assert (code, out.splitlines()[-1]) == (
        0,
        "  not in the costs: the database has no tables yet: run `incident-copilot migrate`",
    )
