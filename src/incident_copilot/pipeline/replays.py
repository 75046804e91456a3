"""Know a signed request that comes again: every replica remembers what any of them took in."""

from datetime import timedelta

from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import replays
from incident_copilot.store.db import CLICKS

SOURCE = "slack-http"
REMEMBER = timedelta(minutes=10)
"""Longer than any signature is accepted."""


async def is_first(deps: Deps, signature: str) -> bool:
    """Whether a signature was not seen in the last ten minutes; from now on it was.

    Raises:
        StoreUnavailable: nothing was recorded, and nobody knows.
    """
    now = deps.now()
    async with deps.db.transaction(CLICKS) as tx:
        await replays.forget_before(tx, deps.workspace_id, SOURCE, now - REMEMBER)
        return await replays.add(tx, deps.workspace_id, SOURCE, signature, now)


async def forget(deps: Deps, signature: str) -> None:
    """Forget a request that came to nothing, so that the sender may send it again as it is.

    Raises:
        StoreUnavailable: it is still remembered.
    """
    async with deps.db.transaction(CLICKS) as tx:
        await replays.forget(tx, deps.workspace_id, SOURCE, signature)
