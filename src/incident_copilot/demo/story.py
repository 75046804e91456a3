"""The demo with scripted people: each step is done, waited for and printed with its time."""

import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from incident_copilot.demo.stage import Stage
from incident_copilot.errors import CopilotError
from incident_copilot.sandbox.people.person import Person
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.wire import Refused

BUSY_S = 60.0
"""Long enough for a busy machine; what is later than promised is said."""

Step = Callable[["Story"], Awaitable[str]]


class Story:
    """The people, what they see, and how long each step took."""

    def __init__(self, stage: Stage, out: Path, scenario: str | Path) -> None:
        self.stage = stage
        self.scenario = scenario
        self.sandbox = stage.sandbox
        self.out = out
        self.channel = ""
        self.fired_at = datetime.now(UTC)

    async def play(self, step: Step) -> bool:
        """Do one step and say what came of it."""
        title = str(step.__doc__).rstrip(".")
        began = time.monotonic()
        try:
            seen = await step(self)
        except (AssertionError, CopilotError, Refused) as error:
            say(f"FAILED  {title}: {(str(error) or type(error).__name__).splitlines()[0]}")
            return False
        say(f"{time.monotonic() - began:6.2f} s  {title}: {seen}")
        return True

    def told(self, words: str) -> list[Message]:
        """Return the messages of the incident channel that hold these words."""
        return [one for one in self.sandbox.messages(self.channel) if words in shown(one)]

    async def see(self, words: str, timeout_s: float = BUSY_S) -> Message:
        """Wait until the incident channel shows these words; return the newest message that does."""
        return (await self.sandbox.until(lambda: self.told(words), timeout_s))[-1]

    async def form(self, person: Person) -> View:
        """Wait until a form or a closer look opens for a person."""
        return (await self.sandbox.until(lambda: person.views, BUSY_S))[-1]


def shown(message: Message) -> str:
    """Return all text that a message shows: its own, and that of its blocks."""
    return f"{message.text}\n{' '.join(texts(message.blocks))}"


def texts(node: object) -> Iterator[str]:
    """Return every text in blocks, one by one."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield str(node["text"])
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from texts(value)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
