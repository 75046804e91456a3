"""What somebody said in the chat: a message with its time, its author, its files and where it is found again."""

from incident_copilot.domain.base import Frozen, Utc


class Attached(Frozen):
    """A file of a message: where it is, never what is in it."""

    id: str
    name: str
    link: str | None = None


class Said(Frozen):
    """A message of a person or a bot; `thread_ts` is that of the thread it stands in."""

    channel: str
    ts: str
    at: Utc
    text: str
    author: str | None = None
    thread_ts: str | None = None
    files: tuple[Attached, ...] = ()
    link: str | None = None

    @property
    def ref(self) -> str:
        """What finds it again on the timeline."""
        return ref_of(self.channel, self.ts)


def ref_of(channel: str, ts: str) -> str:
    """Return what finds a message again on the timeline."""
    return f"{channel}:{ts}"
