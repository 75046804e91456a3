"""Who is on call as evidence, from the schedules of paging services."""

from datetime import datetime
from typing import NamedTuple

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import Question
from incident_copilot.vendors.server import Server


class Schedules(Frozen):
    """Which schedule a service has: by `schedules`, else `schedule`; a service without one is not asked about."""

    schedules: dict[str, str] = Field(default_factory=dict, max_length=500)
    schedule: str | None = None

    def of(self, question: Question, most: int) -> dict[str, str]:
        """Return the schedules of the question's services, each once, with the first service that has it."""
        found: dict[str, str] = {}
        for service in question.services[:most]:
            schedule = self.schedules.get(service, self.schedule)
            if schedule and schedule not in found:
                found[schedule] = service
        return found or ({self.schedule: ""} if self.schedule else {})


class Person(NamedTuple):
    """Somebody who is on call, until when, and the schedule's name."""

    name: str
    schedule: str
    until: datetime | None = None
    link: str | None = None


def evidence(server: Server, question: Question, service: str, person: Person, *, query: str) -> Evidence:
    """Return who is on call as evidence."""
    until = f" until {person.until:%H:%M} UTC on {person.until:%-d %B}" if person.until else ""
    data = {
        "name": person.name,
        "role": "on call",
        "schedule": person.schedule,
        "until": person.until.timestamp() if person.until else None,
        "service": service or None,
    }
    return server.evidence(
        question,
        EvidenceKind.PERSON,
        title=f"On call: {person.name}",
        summary=f"{person.name} is on call by {person.schedule}{until}.",
        data=data,
        link=person.link,
        query=query,
    )
