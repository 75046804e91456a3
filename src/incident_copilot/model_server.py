"""Requires that a model can be asked, before a run of minutes or hours asks it and comes back with nothing."""

from collections.abc import Sequence
from datetime import timedelta

from incident_copilot import app
from incident_copilot.errors import ConfigError
from incident_copilot.settings import Settings
from incident_copilot.settled import shown

_MOST_NAMED = 8


async def require_model(settings: Settings) -> None:
    """Require that the server of the settings has their model; one that lists it is asked nothing.

    Raises:
        ConfigError: it cannot be asked; the text names the address or the model, and what to do.
    """
    from incident_copilot.llm import listed  # noqa: PLC0415 -- with the library that app.py leaves for those who have a model

    url, model = settings.llm_base_url, settings.llm_model
    listed.require_address(url)
    names = await _listed(settings, url)
    if not model:
        raise ConfigError(f"no model is named{_has(names)}")
    if model in (names or ()):
        return
    why_not = await _why_unusable(settings)
    if why_not is None:
        return  # not every server lists all the names that it answers to
    if names:
        raise ConfigError(f"{url} lists no model {model}{_has(names)}; asked for it: {why_not}")
    if url and await _listed(settings, at_v1 := f"{url.rstrip('/')}/v1"):
        raise ConfigError(f"{url} is not where the API is; write {at_v1}")
    raise ConfigError(f"{model} at {url or 'OpenAI'} cannot be asked: {why_not}")


async def _listed(settings: Settings, url: str | None) -> Sequence[str] | None:
    from incident_copilot.llm import endpoint, listed  # noqa: PLC0415 -- the same

    async with endpoint.client_of(url, shown(settings.llm_api_key), settings.llm_api_version) as client:
        return await listed.models_at(client)


async def _why_unusable(settings: Settings) -> str | None:
    """Return what is wrong with the answer to one small question; None where nothing is."""
    from incident_copilot.llm import trial  # noqa: PLC0415 -- the same

    async with app.language_model(settings) as llm:
        assert llm is not None  # noqa: S101 -- a model is named
        tried = await trial.first_answer(llm, timedelta(seconds=settings.llm_deadline_s))
    return None if tried.is_usable else tried.lines[0].partition(": ")[2]


def _has(names: Sequence[str] | None) -> str:
    """Say which models there are, where that is known."""
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"; there are {', '.join(names[:_MOST_NAMED])}{more}"
