"""Librarian: every two seconds sees whether runbooks, past incidents or settings changed, so that each replica does."""

import asyncio
import contextlib
import logging

from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.knowledge.meaning import Meaning
from incident_copilot.knowledge.shelf import RunbookFolder, past_index
from incident_copilot.pipeline import chosen
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import past_incidents

log = logging.getLogger(__name__)

EVERY_S = 2.0


class Librarian:
    """Keeps the shelf of `deps` as the folder and the database are."""

    def __init__(
        self, deps: Deps, folder: RunbookFolder, meaning: Meaning | None = None, every_s: float = EVERY_S
    ) -> None:
        self._deps = deps
        self._folder = folder
        self._meaning = meaning
        self._every_s = every_s
        self._past = ""
        self._problems: tuple[str, ...] = ()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look, at once and then again and again, until `stop`."""
        while not self._stopping.is_set():
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._stopping.wait()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    async def look(self) -> None:
        """Put on the shelf what changed; what cannot be read stays as it was."""
        await self._look_at_runbooks()
        try:
            await self._look_at_past()
            await chosen.refresh(self._deps)
        except StoreUnavailable as error:
            log.warning("cannot see past incidents and settings, those that are known hold: %s", error)

    async def _look_at_runbooks(self) -> None:
        try:
            found = await asyncio.to_thread(self._folder.read)
        except ConfigError as error:
            self._tell((str(error),))
            return
        if found is not self._deps.library:
            self._deps.shelf.runbooks = found
            self._tell(found.library.problems)

    async def _look_at_past(self) -> None:
        async with self._deps.db.read() as db:
            state = await past_incidents.state(db, self._deps.workspace_id)
            if state == self._past:
                return
            incidents = await past_incidents.every(db, self._deps.workspace_id)
        shelf = self._deps.shelf
        shelf.past = await asyncio.to_thread(past_index, incidents, shelf, self._meaning)
        self._past = state

    def _tell(self, problems: tuple[str, ...]) -> None:
        """Each problem once, as long as it lasts."""
        for problem in problems:
            if problem not in self._problems:
                log.warning("runbook: %s", problem)
        self._problems = problems
