"""Which models a server lists, and what is said of one that cannot be asked for it."""

import httpx2
import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.llm.endpoint import client_of
from incident_copilot.llm.listed import models_at, require_address

from .scripted import refused

URL = "http://llm.test/v1"
TWO = {"object": "list", "data": [{"id": "small", "owned_by": "me"}, {"id": "large"}]}


async def listed(answer):
    def answering(request):
        assert str(request.url) == f"{URL}/models"
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answering)) as http:
        return await models_at(client_of(URL, "key", http=http))


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (httpx2.Response(200, json=TWO), ("small", "large")),
        (httpx2.Response(200, json={"data": []}), ()),
        (httpx2.Response(200, text="<html>hello</html>"), None),
        (httpx2.Response(200, json={"models": ["small"]}), None),
        (refused(404), None),
    ],
)
async def test_models_are_those_that_the_server_names_where_it_does(answer, names):
    assert await listed(answer) == names


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx2.ConnectError("refused"), f"{URL}: no server answers there; start it, or correct the address"),
        (refused(401), f"{URL} does not accept the key; set COPILOT_LLM_API_KEY to one that it knows"),
    ],
)
async def test_a_server_that_cannot_be_asked_is_named_with_what_to_do(answer, said):
    with pytest.raises(ConfigError) as refusal:
        await listed(answer)

    assert str(refusal.value) == said


@pytest.mark.parametrize("url", ["127.0.0.1:8080/v1", "localhost:8080", "ftp://llm.test/v1", "http://", "llama"])
def test_what_can_be_no_address_is_refused(url):
    with pytest.raises(ConfigError, match=r"is no address of a server; write it as http://127\.0\.0\.1:8080/v1$"):
        require_address(url)


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:8080/v1", "https://llm.test"])
def test_other_addresses_are_taken(url):
    require_address(url)
