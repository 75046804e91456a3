"""Ask context sources as the brief would, for people who set them up: what they found, what not, how long it took."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.errors import UnknownThing, VendorError, VendorRefused
from incident_copilot.pipeline.asking import Asking
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.gather_context import question_about
from incident_copilot.ports import ContextSource, Question
from incident_copilot.store import alerts, incidents

CHECK = timedelta(seconds=10)
UNREACHED = "see whether its url is right, and can be reached from here"


async def question_for(deps: Deps, number: int | None) -> Question:
    """Return the question about an incident by its number; without one about the newest alert, or about no alert.

    Raises:
        UnknownThing: there is no incident of this number.
    """
    async with deps.db.read() as db:
        if number is None:
            newest = await alerts.newest(db, deps.workspace_id)
            return question_about(deps, _as_if(deps, newest), [newest] if newest else [])
        incident = await incidents.by_number(db, deps.workspace_id, number)
        if incident is None:
            raise UnknownThing(f"there is no INC-{number}")
        members = await alerts.belonging(db, incident.id)
    question = question_about(deps, incident, members)
    return question.model_copy(update={"until": incident.ended_at or question.until})


async def consult(deps: Deps, source: ContextSource, question: Question) -> list[str]:
    """Return in lines what one source says to a question; nothing is stored."""
    asking = Asking.begin([source], question)
    bundle = await asking.heard(deps.policy.context_deadline)
    took_s = asking.age_s
    said = [_asked(source, question)]
    for item in bundle.evidence:
        said += _found(item)
    said += [f"gap: {gap.reason}" for gap in bundle.gaps]
    late = ", after the brief's deadline" if took_s > deps.policy.brief_deadline.total_seconds() else ""
    return [*said, f"{len(bundle.evidence)} found, {len(bundle.gaps)} gaps, in {took_s:.2f} s{late}"]


async def check(sources: Mapping[str, ContextSource], within: timedelta = CHECK) -> list[tuple[str, str | None]]:
    """Return for each source, by instance name, what is wrong with it and where to look; None: nothing."""
    problems = await asyncio.gather(*(problem_of(one.name, one.check, within) for one in sources.values()))
    return list(zip(sources, problems, strict=True))


async def problem_of(name: str, look: Callable[[], Awaitable[object]], within: timedelta = CHECK) -> str | None:
    """Return what is wrong with what is looked at, and after a semicolon where to look; None: nothing."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            await look()
    except TimeoutError:
        return f"{name}: no answer in {within.total_seconds():g} s; {UNREACHED}"
    except VendorError as error:
        return f"{error}; {_where_to_look(error)}"
    return None


def _where_to_look(error: VendorError) -> str:
    if not isinstance(error, VendorRefused):
        return UNREACHED
    if error.status in (401, 403):
        return "see whether its secret is right (secret_env), and what that may read"
    return "see whether its url, options and secret are right"


def _as_if(deps: Deps, alert: Alert | None) -> Incident:
    """Return an incident that is in no database, for an alert or for the last minutes."""
    now = deps.now()
    return Incident(
        id=new_id(now),
        workspace_id=deps.workspace_id,
        number=0,
        title=alert.name if alert else "no alert",
        severity=Severity.P3,
        status=Status.OPEN,
        correlation_key="test",
        service=alert.service if alert else next((one.name for one in deps.catalog.services), None),
        environment=alert.environment if alert else None,
        started_at=alert.starts_at if alert else now,
        opened_at=now,
    )


def _asked(source: ContextSource, question: Question) -> str:
    about = question.incident.label if question.incident.number else question.incident.title
    services = ", ".join(question.services) or "none"
    window = f"{question.since:%Y-%m-%d %H:%M} to {question.until:%H:%M} UTC"
    return f"{source.name}, asked about {about}; services {services}; {window}"


def _found(item: Evidence) -> list[str]:
    more = [f"    {name}: {value}" for name, value in (("query", item.query), ("link", item.link)) if value]
    return [f"{item.kind}: {item.title}", f"    {item.summary}", *more]
