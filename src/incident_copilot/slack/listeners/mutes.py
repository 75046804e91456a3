"""Mute alerts for a while, list what is muted, end it early, and silence them where they come from; by command."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import mute as muting
from incident_copilot.pipeline import silencing
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.wording import duration
from incident_copilot.slack.text import to_one_person

USAGE = """\
Say what, how long and why: `/incident mute checkout 1h deploy`, `/incident mute alertname=Disk* rack=r7 2h moving`.
`/incident mutes` lists what is muted; to hold my reminders back use `/incident quiet`."""
AN_HOUR = timedelta(hours=1)


class _Parts(NamedTuple):
    """What was typed: before the duration what is meant, after it why; `lasts` None where no duration was typed."""

    what: Sequence[str]
    lasts: timedelta | None
    reason: str


async def mute(asked: Asked) -> dict[str, Any]:
    """Mute what was named, until the time that was named."""
    what, lasts, reason = _parts(asked.wish.words)
    if lasts is None:
        return {"text": USAGE}

    async def act(person: Person) -> Outcome:
        return await muting.mute(asked.deps, person, what, lasts, reason)

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


async def silence(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Propose to silence alerts of an incident where they come from, for an hour where no time was named."""
    what, lasts, reason = _parts(asked.wish.words)

    async def act(person: Person) -> Outcome:
        return await silencing.propose(asked.deps, incident.id, person, what, lasts or AN_HOUR, reason)

    return await attempted(asked, act)


async def unsilence(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Propose to end a silence where it was made."""
    number = asked.wish.other
    if number is None:
        return {"text": "Which one? As in `/incident unsilence 3`; `/incident mutes` lists them."}

    async def act(person: Person) -> Outcome:
        return await silencing.propose_end(asked.deps, incident.id, person, number)

    return await attempted(asked, act)


def _parts(words: Sequence[str]) -> _Parts:
    at = next((place for place, word in enumerate(words) if duration(word)), None)
    if at is None:
        return _Parts(words, None, "")
    return _Parts(words[:at], duration(words[at]), " ".join(words[at + 1 :]))
