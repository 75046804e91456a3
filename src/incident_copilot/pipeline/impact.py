"""Who is affected by trouble with an AI system: counted from what is stored, and listed so that people can correct it.

The list holds pseudonyms and no words of users: who they are is known where they were made.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime

from incident_copilot.analysis.monitoring.shares import Share, wilson
from incident_copilot.domain.csv_text import as_csv
from incident_copilot.domain.effect import Place, Upload
from incident_copilot.domain.impact import Impact
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.observation import Interaction
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, run, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.observed import is_bad, system_names
from incident_copilot.store import alerts, incidents, interactions, observations
from incident_copilot.store.db import Tx

MOST = 50_000
COLUMNS = ("time", "user", "request", "score", "feedback", "signals", "labels")


async def impact(deps: Deps, incident_id: str) -> Impact | None:
    """Return who is affected since the onset; None where no request to its system is known. Raises UnknownThing."""
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        system, requests = await requests_since(db, deps, incident)
        counted = await observations.between(
            db, deps.workspace_id, system, incident.started_at, _until(deps, incident), {"performance.requests"}
        )
    if not requests:
        return None
    bad = [one for one in requests if is_bad(one)]
    share = wilson(Share(len(bad), len(requests)))
    told = [one.figure.value for one in counted if one.figure.value is not None]
    return Impact(
        system=system,
        since=incident.started_at,
        until=_until(deps, incident),
        known=len(requests),
        bad=len(bad),
        users=len({one.user for one in bad if one.user}),
        low=share.low,
        high=share.high,
        requests=round(sum(told)) if told else None,
    )


async def requests_since(db: Tx, deps: Deps, incident: Incident) -> tuple[str, Sequence[Interaction]]:
    """Return the system that an incident is about and the known requests to it since the onset, newest first."""
    names = system_names(incident, await alerts.belonging(db, incident.id))
    for system in names:
        span = (incident.started_at, _until(deps, incident))
        found = await interactions.between(db, deps.workspace_id, system, *span, limit=MOST)
        if found:
            return system, found
    return names[0] if names else "", ()


async def affected(deps: Deps, incident_id: str) -> str:
    """Return the requests that were answered badly since the onset, as CSV; only its header where there is none."""
    async with deps.db.read() as db:
        _, requests = await requests_since(db, deps, await incidents.get(db, incident_id))
    return listed(one for one in requests if is_bad(one))


async def share(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Put the list of affected requests into the incident, for those who may read it there.

    Raises:
        DecisionRefused: not allowed, ended, or nobody is affected as far as is known; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    table = await affected(deps, incident_id)
    rows = table.count("\n") - 1
    async with run.changing(deps, incident_id, person, "list who is affected") as (tx, incident):
        if not rows:
            raise DecisionRefused("No request that is known was answered badly.")
        name = f"{incident.label}-affected.csv"
        alt = f"{rows} requests that were answered badly since {incident.started_at:%H:%M} UTC."
        content = base64.b64encode(table.encode()).decode()
        slot = f"affected:{deps.now().isoformat()}"
        deed = Upload(place=Place.INCIDENT, slot=slot, name=name, title=name, alt=alt, content=content, under="brief")
        await show.send(tx, deps, incident, deed, stream=f"affected:{incident.id}")
        await ledger.write_by(tx, deps, incident.id, LogKind.AFFECTED_LISTED, person, {"requests": rows})
    return Outcome(text=f"The list of {rows} requests is in {incident.label}.", incident=incident)


async def note_listed(deps: Deps, incident: Incident, rows: int) -> None:
    """Write down that the list was taken at the command line."""
    async with deps.db.transaction() as tx:
        await ledger.write(tx, deps, incident.id, LogKind.AFFECTED_LISTED, "operator", {"requests": rows})


def listed(requests: Iterable[Interaction]) -> str:
    """Return requests as CSV, in order of time."""
    return as_csv(COLUMNS, map(_row, sorted(requests, key=lambda one: (one.at, one.id))))


def _row(one: Interaction) -> tuple[object, ...]:
    signals = " ".join(sorted({signal.name or signal.kind for signal in one.signals}))
    labels = " ".join(f"{key}={value}" for key, value in sorted(one.labels.items()))
    return (one.at.isoformat(), one.user or "", one.id, one.score, one.feedback, signals, labels)


def _until(deps: Deps, incident: Incident) -> datetime:
    return incident.ended_at or deps.now()
