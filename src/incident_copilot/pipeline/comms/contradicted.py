"""One quiet line, once, where what people outside read contradicts what is known inside.

A status page that says resolved while alerts fire, or trouble after the end; an update that speaks of more, or of less,
than the severity says.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from incident_copilot.domain.incident import Incident, Severity
from incident_copilot.domain.update import Publication, PublicState
from incident_copilot.errors import VendorError
from incident_copilot.pipeline import show, wakeups
from incident_copilot.pipeline.comms import outlets
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ChatChannel
from incident_copilot.store import alerts, effects, incidents, publications
from incident_copilot.store.jobs import Job

EVERY, AFTER_THE_END, GRACE = timedelta(minutes=5), timedelta(hours=1), timedelta(minutes=10)
_MUCH = re.compile(
    r"\b(?:complete(?:ly)? (?:outage|unavailable|down)|(?:is|are) down\b|all (?:users|customers|requests)|nobody can"
    r"|no one can|data (?:loss|was lost)|unavailable for everyone)",
    re.IGNORECASE,
)
_LITTLE = re.compile(
    r"\b(?:no (?:customer )?impact|not affected|minor|hardly|briefly|a (?:very )?(?:few|small number of) "
    r"(?:users|customers|requests))\b",
    re.IGNORECASE,
)


async def look(deps: Deps, job: Job) -> None:
    """Compare what is out with what is known; again every few minutes, until all says the same after the end."""
    incident_id = job.payload["incident_id"]
    async with deps.db.read() as db:
        out = [one for one in await publications.of_incident(db, incident_id) if not one.retracted_at]
    read = await _states(deps, out)
    async with job.finish(deps.db) as tx:
        incident = await incidents.get(tx, incident_id)
        firing, _ = await alerts.counts(tx, incident_id)
        found = [*_pages(deps, incident, firing, read), *_words(incident, out)]
        for name, text in found:
            slot = f"contradicted:{name}"[:100]
            if await effects.latest(tx, deps.workspace_id, incident_id, f"notice:{slot}") is None:
                await show.notice(tx, deps, incident, slot, text)
        is_over = incident.ended_at is not None and deps.now() - incident.ended_at > AFTER_THE_END
        if out and not is_over:
            await wakeups.contradictions(tx, deps, incident_id, at=deps.now() + EVERY)


def contradiction(text: str, severity: Severity) -> str | None:
    """Return what an update says of the impact that its incident's severity does not; None where they agree."""
    is_big = severity in (Severity.P0, Severity.P1)
    if not is_big and (much := _MUCH.search(text)):
        return f"\u201c{much[0]}\u201d"
    if is_big and not _MUCH.search(text) and (little := _LITTLE.search(text)):
        return f"\u201c{little[0]}\u201d"
    return None


async def _states(deps: Deps, out: Sequence[Publication]) -> dict[str, PublicState]:
    """Return what each channel says now, as far as it can be read."""
    newest = {one.channel: one.ref for one in out if one.ref}
    found = {}
    for name, ref in newest.items():
        channel = deps.comms_channels.get(name)
        if channel is None or isinstance(channel, ChatChannel):
            continue
        try:
            state = await channel.state(ref)
        except VendorError:
            continue  # it is asked again in a few minutes
        if state:
            found[name] = state
    return found


def _pages(deps: Deps, incident: Incident, firing: int, read: Mapping[str, PublicState]) -> Iterator[tuple[str, str]]:
    for name, state in read.items():
        page = outlets.name_of(deps, name)
        count = f"{firing} alert{'s' * (firing != 1)} of {incident.label} still fire{'s' * (firing == 1)}"
        if state is PublicState.RESOLVED and firing:
            yield f"resolved:{name}", f"{page} says resolved, and {count}."
        ended = incident.ended_at
        if state is not PublicState.RESOLVED and ended and deps.now() - ended > GRACE:
            yield f"open:{name}", f"{incident.label} has ended, and {page} still says {state}."


def _words(incident: Incident, out: Sequence[Publication]) -> Iterator[tuple[str, str]]:
    newest = {one.audience: one for one in out}
    for audience, one in newest.items():
        said = contradiction(one.text, incident.severity) if incident.is_running else None
        if said:
            level = f"{incident.severity} {incident.severity.word}"
            text = f"The update for {audience.readers} says {said}, and the severity is {level}. One of them is wrong."
            yield f"words:{one.proposal_id}:{incident.severity}", text
