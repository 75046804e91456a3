"""/incident vendor, regulator and hold: who outside helps or must be told, and what the law wants kept."""

from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.outside import vendor_line
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import deadlines, legal_hold, outsiders, vendor_cases
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.text import in_lines
from incident_copilot.slack.views import blocks as b

MOST_LISTED = 20


async def vendor(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Note the number of a case at a vendor, or list the vendors."""
    if not asked.wish.words:
        lines = [vendor_line(one, incident) for one in outsiders.vendors(asked.deps, incident)]
        return {"text": in_lines(lines, 500, MOST_LISTED) or f"catalog.yaml names no vendor for {incident.label}."}
    name, *case = asked.wish.words

    async def act(person: Person) -> Outcome:
        return await vendor_cases.note_case(asked.deps, incident.id, person, name.lower(), " ".join(case))

    return await attempted(asked, act)


async def hold(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Put the incident under legal hold; `off` ends it."""
    on = "off" not in {word.lower() for word in asked.wish.words}

    async def act(person: Person) -> Outcome:
        return await legal_hold.hold(asked.deps, incident.id, person, on)

    return await attempted(asked, act)


async def regulator(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Write down that an authority was told, or list the deadlines."""
    words = asked.wish.words
    if len(words) < 2 or words[1].lower() != "told":
        lines = outsiders.duty_lines(asked.deps, incident)
        text = in_lines(lines, 500, MOST_LISTED) or f"Nobody has to be told of {incident.label} by law."
        listed = b.bullets([b.timed(line, limit=500) for line in lines[:MOST_LISTED]])
        return {"text": text, **({"blocks": [listed]} if listed else {})}

    async def act(person: Person) -> Outcome:
        told = await deadlines.told(asked.deps, incident.id, person, words[0].lower(), " ".join(words[2:]))
        return Outcome(text="Noted; it is in the log, and nobody is reminded any more.", incident=told)

    return await attempted(asked, act)
