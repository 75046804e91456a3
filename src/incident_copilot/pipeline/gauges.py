"""What machines are told of the copilot itself."""

from datetime import timedelta

from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import gauges
from incident_copilot.store.gauges import Gauges

OF_MODELS = timedelta(days=1)


async def measured(deps: Deps) -> tuple[Gauges, list[SourceHealth], str | None]:
    """Return the counts of now, how each source does, and what is wrong with the chat, None where nothing is.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    now = deps.now()
    async with deps.db.read() as db:
        counted = await gauges.measure(db, deps.workspace_id, now, now - OF_MODELS)
    return counted, await read.sources(deps), await read.chat_trouble(deps)
