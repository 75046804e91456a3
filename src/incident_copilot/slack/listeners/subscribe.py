"""/incident subscribe: hear of serious incidents by direct message or e-mail, or of nothing any more."""

from typing import Any

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import subscribing
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted

USAGE = "`/incident subscribe P1` tells you of each P0 and P1, `subscribe P1 email` by e-mail, `subscribe off` ends it."
OFF, MAIL = ("off", "no", "stop"), ("email", "mail", "e-mail")


async def subscribe(asked: Asked) -> dict[str, Any]:
    """Do what was typed, or say what one has subscribed to."""
    typed = [word.lower() for word in asked.wish.words]
    severity = next((Severity(word.upper()) for word in typed if word.upper() in set(Severity)), None)

    async def act(person: Person) -> Outcome:
        if severity is None:
            return await subscribing.unsubscribe(asked.deps, person)
        return await subscribing.subscribe(asked.deps, person, severity, by_mail=any(word in MAIL for word in typed))

    if severity or any(word in OFF for word in typed):
        return await attempted(asked, act)
    return {"text": f"{await subscribing.said(asked.deps, asked.user)}\n{USAGE}"}
