"""Listed: which models a server says that it has, so that a wrong address or name is found before much is asked.

API: https://platform.openai.com/docs/api-reference/models/list
"""

from urllib.parse import urlsplit

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAIError
from pydantic import BaseModel, ValidationError

from incident_copilot.errors import ConfigError

WAIT_S = 30.0
"""A server that is busy with an answer may take a while."""
EXAMPLE = "http://127.0.0.1:8080/v1"
_KEY_REFUSED = frozenset({401, 403})


class _Model(BaseModel):
    id: str


class _Page(BaseModel):
    data: list[_Model]


async def models_at(client: AsyncOpenAI) -> tuple[str, ...] | None:
    """Return the names of the models of a server; None where it lists none, as not every server does.

    Raises:
        ConfigError: nothing answers at that address, or not with that key.
    """
    url = str(client.base_url).rstrip("/")
    try:
        page = await client.get("/models", cast_to=httpx2.Response, options={"timeout": WAIT_S})
        return tuple(one.id for one in _Page.model_validate_json(page.content).data)
    except APIStatusError as error:
        if error.status_code in _KEY_REFUSED:
            raise ConfigError(f"{url} does not accept the key; set COPILOT_LLM_API_KEY to one that it knows") from error
        return None
    except APIConnectionError as error:
        raise ConfigError(f"{url}: no server answers there; start it, or correct the address") from error
    except (httpx2.HTTPError, OpenAIError, ValidationError):  # it is something else that answers
        return None


def require_address(url: str | None) -> None:
    """Require that a server's address can be one.

    Raises:
        ConfigError: it is not.
    """
    parts = urlsplit(url or EXAMPLE)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{url} is no address of a server; write it as {EXAMPLE}")
