"""When findings in single requests began: with the first request that had one, however late its batch was told."""

from datetime import timedelta

from incident_copilot.domain.verdict import Outcome, Verdict
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import interactions
from incident_copilot.store.db import Tx

LOOK_BACK = timedelta(hours=1)
MOST = 10_000
_OF_REQUESTS = ("safety.", "interactions.together")


async def dated(db: Tx, deps: Deps, found: Verdict) -> Verdict:
    """Return a verdict that fires now for the first time with when it began, where stored requests tell; else as it is.

    The figures of a batch have the time of its newest request.
    """
    is_new = found.outcome is Outcome.FIRING and found.since == found.at
    if not is_new or not found.metric.startswith(_OF_REQUESTS):
        return found
    seen = await interactions.between(
        db, deps.workspace_id, found.system, found.at - LOOK_BACK, found.at, MOST, worst_first=True
    )
    first = min((one.at for one in seen if one.alerts), default=None)
    # A span of time does not hold its beginning, and the first request counts.
    return found.model_copy(update={"began": first - timedelta(seconds=1)}) if first else found
