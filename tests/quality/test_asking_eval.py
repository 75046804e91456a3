"""What people may get wrong who start an eval with a model: it is one line that says what to write instead."""

import argparse

import pytest
from evals import asking, attacks, llm

from environment import own_environment
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import ModelUnavailable

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")
URL = "http://llm.test/v1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cases", "0"], "argument --cases: 0: write a whole number, at least 1"),
        (["--runs", "two"], "argument --runs: two: write a whole number, at least 1"),
        (["--seconds", "-1"], "argument --seconds: -1: write seconds, more than 0"),
        (["--deadline", "nan"], "argument --deadline: nan: write seconds, more than 0"),
        (["--deadline", "301"], "argument --deadline: 301: an answer is waited for 300 seconds at the most"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(capsys, words, said):
    with pytest.raises(SystemExit):
        llm.arguments(words)

    assert capsys.readouterr().err.strip().endswith(said)


@pytest.mark.parametrize("main", [llm.main, attacks.main])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "small"], "name the address of a server that has small: --base-url http://127.0.0.1:8080/v1\n"),
        (["--base-url", URL], "no model is named; there are large\n"),
        (["--base-url", "llm.test", "--model", "small"], "llm.test is no address of a server; write it as"),
    ],
)
def test_a_model_that_cannot_be_asked_ends_an_eval_before_it_begins(capsys, httpx2_mock, main, words, said):
    if URL in words:
        httpx2_mock.get(f"{URL}/models").respond(json={"data": [{"id": "large"}]})

    code = main(words)

    assert code == 2
    assert capsys.readouterr().err.startswith(said)


async def test_a_model_that_is_there_is_asked(httpx2_mock):
    httpx2_mock.get(f"{URL}/models").respond(json={"data": [{"id": "large"}]})

    async with asking.model_of(llm.arguments(["--base-url", URL, "--model", "large"])) as model:
        assert [*model.models.values()] == ["large", "large"]


@pytest.mark.parametrize(
    ("why", "ended"), [("it cannot be reached", SystemExit), ("no answer in 20 s", ModelUnavailable)]
)
async def test_a_model_that_goes_away_ends_the_eval_and_one_that_gives_no_answer_does_not(why, ended):
    class Gone:
        def room(self, role):
            return 7

        async def ask(self, prompt):
            raise ModelUnavailable(why, ModelCall(model=prompt, outcome=why, latency_ms=1))

    with pytest.raises(ended):
        await asking.Present(Gone()).ask("small")
    assert asking.Present(Gone()).room("fast") == 7


def test_an_eval_without_a_model_says_that_it_is_skipped(capsys):
    assert asking.run(argparse.Namespace(base_url=None, model=None), llm.main) == 0
    assert capsys.readouterr().out == f"{asking.NONE_NAMED}\n"
