"""A wrong address, name or key of a model is one clear line before anything is asked of it."""

import pytest

from environment import own_environment
from incident_copilot.errors import ConfigError
from incident_copilot.model_server import require_model
from incident_copilot.settings import Settings
from llm.scripted import completion
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")
URL = "http://llm.test/v1"
NOT_FOUND = "no usable answer: it has no such model or address (404)"


def serves(mock, *names, at=URL):
    """Have a server at an address that lists these models, or nothing where there are none."""
    listed = mock.get(f"{at}/models")
    if names:
        listed.respond(json={"data": [{"id": name} for name in names]})
    else:
        listed.respond(status_code=404)


def is_asked(mock, answer=None, at=URL):
    """Have it answer to any name, or to none where there is no answer."""
    asked = mock.post(f"{at}/chat/completions")
    if answer:
        asked.respond(json=answer.json())
    else:
        asked.respond(status_code=404)


async def refused(model="small", url=URL):
    with pytest.raises(ConfigError) as refusal:
        await require_model(Settings(llm_base_url=url, llm_model=model))
    return str(refusal.value)


async def test_a_model_that_is_listed_is_asked_nothing(httpx2_mock):
    serves(httpx2_mock, "small", "large")

    await require_model(Settings(llm_base_url=URL, llm_model="small"))

    assert [call.request.method for call in httpx2_mock.calls] == ["GET"]


@pytest.mark.parametrize("names", [("llama.gguf",), ()])
async def test_a_server_may_answer_to_names_that_it_does_not_list(httpx2_mock, names):
    serves(httpx2_mock, *names)
    is_asked(httpx2_mock, completion('{"service": "checkout"}'))

    await require_model(Settings(llm_base_url=URL, llm_model="small"))

    assert [call.request.method for call in httpx2_mock.calls] == ["GET", "POST"]


async def test_a_model_that_the_server_does_not_have_is_told_with_those_that_it_has(httpx2_mock):
    serves(httpx2_mock, *(f"m{number}" for number in range(10)))
    is_asked(httpx2_mock)

    some = "m0, m1, m2, m3, m4, m5, m6, m7 and 2 more"
    assert await refused() == f"{URL} lists no model small; there are {some}; asked for it: {NOT_FOUND}"


@pytest.mark.parametrize(("names", "told"), [(("small", "large"), "; there are small, large"), ((), "")])
async def test_a_model_that_is_not_named_can_be_chosen_from_those_that_there_are(httpx2_mock, names, told):
    serves(httpx2_mock, *names)

    assert await refused(model="") == f"no model is named{told}"


async def test_an_address_that_lacks_its_end_is_told_with_it(httpx2_mock):
    short = "http://llm.test/openai"
    serves(httpx2_mock, at=short)
    is_asked(httpx2_mock, at=short)
    serves(httpx2_mock, "small", at=f"{short}/v1")

    assert await refused(url=short) == f"{short} is not where the API is; write {short}/v1"


async def test_what_is_no_server_of_models_is_told_as_what_it_answers(httpx2_mock):
    serves(httpx2_mock)
    is_asked(httpx2_mock)
    serves(httpx2_mock, at=f"{URL}/v1")

    assert await refused() == f"small at {URL} cannot be asked: {NOT_FOUND}"


def test_a_demo_does_not_begin_with_a_model_that_cannot_be_asked(typed, httpx2_mock):
    serves(httpx2_mock, "small")
    is_asked(httpx2_mock)

    code, _, err = typed("demo", "--headless", "--base-url", URL, "--model", "large")

    assert (code, err) == (1, f"{URL} lists no model large; there are small; asked for it: {NOT_FOUND}\n")
