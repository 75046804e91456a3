"""What the workspace shows of an app as an agent: statuses, sessions with Stop, streams, prompts; and side panes."""

from dataclasses import dataclass, field

from incident_copilot.sandbox.wire import Json

Thread = tuple[str, str]


@dataclass(slots=True)
class Session:
    """One thread in which people talk with the agent."""

    status: str
    title: str = ""


@dataclass(slots=True)
class Agent:
    """`statuses` and `sessions` are by channel and thread; `streaming` holds channel and ts of open streams.

    `asked_details` and `details` are by person: which entity they opened, and what the app shows of it.
    """

    statuses: dict[Thread, str] = field(default_factory=dict)
    sessions: dict[Thread, Session] = field(default_factory=dict)
    streaming: dict[Thread, str] = field(default_factory=dict)
    prompts: dict[str, list[Json]] = field(default_factory=dict)
    asked_details: dict[str, str] = field(default_factory=dict)
    details: dict[str, Json] = field(default_factory=dict)

    def answered(self, channel: str, thread_ts: str | None) -> None:
        """A reply of the app clears the status of its thread."""
        self.statuses.pop((channel, thread_ts or ""), None)

    def streams_in(self, channel: str, thread_ts: str) -> list[str]:
        """The ts of streams that are open in a thread."""
        return [ts for (place, ts), thread in self.streaming.items() if (place, thread) == (channel, thread_ts)]
