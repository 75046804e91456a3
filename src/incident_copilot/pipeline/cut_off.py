"""Answers that were cut off, for their process died while it wrote them: whoever runs next ends them with a word."""

import logging
from datetime import timedelta

from incident_copilot.errors import ChatError, ChatRefused, StoreUnavailable
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import open_streams
from incident_copilot.store.db import CLICKS
from incident_copilot.store.jobs import Job
from incident_copilot.store.open_streams import OpenStream

log = logging.getLogger(__name__)

WORD = "I was stopped in the middle of this answer, and it does not go on. Please ask again."
SPARE = timedelta(minutes=1)
"""How much longer than a model may think nothing is added to an answer that somebody still writes."""


async def writes(deps: Deps, at: OpenStream) -> None:
    """Note that this process writes an answer; without a database it goes on all the same."""
    try:
        async with deps.db.transaction(CLICKS) as tx:
            until = deps.now() + deps.policy.model_deadline + SPARE
            await open_streams.keep(tx, deps.workspace_id, at, until)
    except StoreUnavailable as error:
        log.info("an answer is written without a note of it: %s", error)


async def has_ended(deps: Deps, at: OpenStream) -> None:
    """Forget an answer that this process has ended."""
    try:
        async with deps.db.transaction(CLICKS) as tx:
            await open_streams.forget(tx, deps.workspace_id, at)
    except StoreUnavailable as error:
        log.info("an answer that has ended is ended once more later: %s", error)


async def after_restart(deps: Deps) -> None:
    """End at once what was being written, where no other process can be at it.

    Raises:
        StoreUnavailable: nothing was changed; what is open lapses by itself.
    """
    if not deps.db.has_one_process:
        return
    async with deps.db.transaction() as tx:
        if await open_streams.lapse(tx, deps.workspace_id, deps.now()):
            await wakeups.cut_off(tx, deps, at=deps.now())


async def look(deps: Deps, job: Job) -> None:
    """End the answers that nobody has added to in time."""
    async with deps.db.read() as db:
        lapsed = await open_streams.lapsed(db, deps.workspace_id, deps.now())
    ended = [one for one in lapsed if await _end(deps, one)]
    async with job.finish(deps.db) as tx:
        for one in ended:
            await open_streams.forget(tx, deps.workspace_id, one)


async def _end(deps: Deps, at: OpenStream) -> bool:
    """Whether an answer is over now; while Slack is away it is tried again with the next look."""
    try:
        await deps.chat.end_stream(at.channel, at.thread_ts, at.ts, WORD)
    except ChatRefused as refusal:
        log.info("an answer needed no end: %s", refusal)
    except ChatError as error:
        log.info("an answer stays open for now: %s", error)
        return False
    return True
