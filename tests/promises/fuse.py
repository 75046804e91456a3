"""Death in the middle of the work: a process that dies where it is about to commit, or to call the chat."""

from contextvars import ContextVar

import sqlalchemy as sa


class Killed(BaseException):
    """The process is gone. Nobody catches this, so nothing is put in order and all leases stay."""


class Fuse:
    """Burns down by one at each crossing once it is lit, and kills at its end, and at every crossing after it."""

    def __init__(self):
        self._left = None

    def light(self, crossings):
        self._left = crossings

    def cross(self):
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            raise Killed


BURNING = ContextVar("BURNING", default=None)
"""The fuse of the process that the code now running belongs to: tasks that it starts belong to it too."""


def watch_commits(db):
    """Have every commit be a crossing of the process that makes it."""

    def cross(_):
        fuse = BURNING.get()
        if fuse:
            fuse.cross()

    for engine in (db._writer.sync_engine,):
        sa.event.listen(engine, "commit", cross)


class FusedChat:
    """A chat with a crossing before every call. The one after an answer is the commit that records it."""

    def __init__(self, chat, fuse):
        self._chat = chat
        self._fuse = fuse

    async def deliver(self, effect, target):
        self._fuse.cross()
        return await self._chat.deliver(effect, target)

    async def look_up(self, effect, target, since):
        self._fuse.cross()
        return await self._chat.look_up(effect, target, since)

    async def person(self, chat_id):
        self._fuse.cross()
        return await self._chat.person(chat_id)
