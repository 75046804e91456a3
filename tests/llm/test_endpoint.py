"""Clients for one address."""

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
