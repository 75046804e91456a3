"""Clients for one address."""

import httpx2
import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.llm.endpoint import client_of, has_tools, speaks_responses


@pytest.mark.parametrize(
    ("url", "does"),
    [
        (None, True),
        ("https://api.openai.com/v1", True),
        ("https://llm.test/v1", False),
        ("http://127.0.0.1:8080", False),
    ],
)
def test_only_openais_own_address_is_taken_to_keep_to_forms_in_responses(url, does):
    assert speaks_responses(url) is does


@pytest.mark.parametrize(
    ("url", "has"),
    [
        (None, True),
        ("https://acme.openai.azure.com/openai/v1", True),
        ("https://acme.services.ai.azure.com/openai/v1/", True),
        ("https://llm.test/v1", False),
        ("http://127.0.0.1:8080", False),
    ],
)
def test_only_openai_and_azure_are_taken_to_have_models_use_tools(url, has):
    assert has_tools(url) is has


async def test_a_client_retries_nothing_follows_nobody_and_needs_no_key():
    async with client_of("http://llm.test/v1", None) as client:
        assert (client.max_retries, client.api_key, client._client.follow_redirects) == (0, "none", False)


def test_a_key_that_no_header_can_hold_is_said_to_be_none():
    with pytest.raises(ConfigError, match="COPILOT_LLM_API_KEY"):
        client_of(None, "schl\u00fcssel")


def client(url, key=None):
    """A client that reaches nothing, and reads no certificates for it."""
    return client_of(url, key, http=httpx2.AsyncClient(transport=httpx2.MockTransport(httpx2.Response)))


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/"),
        ("http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1/"),
        ("https://llm.test/v1/", "https://llm.test/v1/"),
        ("https://llm.test/v1/chat/completions", "https://llm.test/v1/"),
        ("https://api.openai.com/v1/responses", "https://api.openai.com/v1/"),
        ("https://llm.test/proxy", "https://llm.test/proxy/"),
        ("https://me:pw@llm.test", "https://me:pw@llm.test/v1/"),
    ],
)
async def test_an_address_may_be_copied_with_more_or_less_of_its_path(url, base):
    async with client(url) as made:
        assert str(made.base_url) == base


async def test_azures_address_of_questions_is_taken_with_its_version():
    target = "https://acme.openai.azure.com/openai/deployments/small/chat/completions?api-version=2024-10-21"
    async with client(target, "key") as made:
        assert str(made.base_url) == "https://acme.openai.azure.com/openai/deployments/small/"
        assert made.default_query == {"api-version": "2024-10-21"}


@pytest.mark.parametrize(
    ("url", "key", "warned"),
    [
        ("http://llm.test/v1", "key", True),
        ("http://10.0.0.7/v1", "key", True),
        ("http://llm.test/v1", None, False),
        ("https://llm.test/v1", "key", False),
        ("http://localhost:8080/v1", "key", False),
        ("http://[::1]:8080/v1", "key", False),
    ],
)
async def test_a_key_that_others_can_read_is_warned_of(url, key, warned, caplog):
    async with client(url, key):
        pass

    assert bool(caplog.messages) is warned
