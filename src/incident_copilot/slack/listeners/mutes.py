"""Mute alerts for a while, list what is muted, end it early; by command."""

from typing import Any

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import mute as muting
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.wording import duration
from incident_copilot.slack.text import to_one_person

USAGE = """\
Say what, how long and why: `/incident mute checkout 1h deploy`, `/incident mute alertname=Disk* rack=r7 2h moving`.
`/incident mutes` lists what is muted; to hold my reminders back use `/incident quiet`."""


async def mute(asked: Asked) -> dict[str, Any]:
    """Mute what was named, until the time that was named."""
    words = asked.wish.words
    at = next((place for place, word in enumerate(words) if duration(word)), None)
    lasts = duration(words[at]) if at is not None else None
    if at is None or lasts is None:
        return {"text": USAGE}

    async def act(person: Person) -> Outcome:
        return await muting.mute(asked.deps, person, words[:at], lasts, " ".join(words[at + 1 :]))

    return await attempted(asked, act)


async def mutes(asked: Asked) -> dict[str, Any]:
    """List what is muted now."""
    said = await muting.lines(asked.deps)
    return {"text": "\n".join(to_one_person(line, 300) for line in said) or "Nothing is muted."}


async def unmute(asked: Asked) -> dict[str, Any]:
    """End a mute before its time."""
    number = asked.wish.number
    if number is None:
        return {"text": "Which one? As in `/incident unmute 3`; `/incident mutes` lists them."}

    async def act(person: Person) -> Outcome:
        return await muting.unmute(asked.deps, person, number)

    return await attempted(asked, act)
