"""Tries the model for people who set it up: the questions of `llm/trial.py`, which are in the costs as others are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from incident_copilot import app
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import CopilotError
from incident_copilot.pipeline import model_costs
from incident_copilot.settings import Settings
from incident_copilot.store import schema

if TYPE_CHECKING:
    from incident_copilot.llm.trial import Tried


async def try_model(settings: Settings, *, only_once: bool = False) -> "list[Tried]":
    """Return what was found of each model that is named; one question to the first if `only_once`.

    An empty list where none is named.
    """
    async with app.language_model(settings) as llm:
        if llm is None:
            return []
        from incident_copilot.llm import trial  # noqa: PLC0415 -- with the library that app.py leaves for those who have a model

        deadline = timedelta(seconds=settings.llm_deadline_s)
        found = [await trial.first_answer(llm, deadline)] if only_once else await trial.try_out(llm, deadline)
    why_not = await _noted(settings, [call for one in found for call in one.calls])
    last = found[-1]
    return [*found[:-1], last.model_copy(update={"lines": (*last.lines, *why_not)})]


async def _noted(settings: Settings, calls: Sequence[ModelCall]) -> list[str]:
    """Keep the calls; return in words why that was not possible. A model is often tried before there is a database."""
    try:
        async with app.at_rest(settings) as (deps, _):
            await schema.check_schema(deps.db)
            await model_costs.note(deps, calls)
    except CopilotError as error:
        return [f"  not in the costs: {error}"]
    return []
