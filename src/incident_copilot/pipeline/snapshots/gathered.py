"""What belongs to the evidence of an incident at a moment, as it is stored; nothing is asked, nothing is made safe."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from incident_copilot.domain.catalog import Service
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.observation import Interaction
from incident_copilot.domain.snapshot import digest
from incident_copilot.pipeline import impact
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.observed import is_bad
from incident_copilot.pipeline.snapshots.packed import Rows
from incident_copilot.store import action_log, alerts, deliveries, evidence, incidents, timeline
from incident_copilot.store.action_log import Head
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import Tx

MOST_INTERACTIONS, MOST_DELIVERIES = 500, 300
Row = Mapping[str, Any]


class Gathered(NamedTuple):
    """The rows by file, what matters most first, and the last row of the incident's log at that moment."""

    parts: tuple[Rows, ...]
    head: Head


async def gather(db: Tx, deps: Deps, incident: Incident) -> Gathered:
    """Return what is stored of an incident as evidence."""
    head = await action_log.head(db, incident.id)
    log = [row for row in await action_log.entries(db, incident.id) if row.seq <= head.seq]
    members = await alerts.of_incident(db, incident.id)
    parts = (
        Rows("incident", [incident.model_dump(mode="json")]),
        Rows("log", [row.model_dump(mode="json") for row in log]),
        await _alerts(db, incident, members),
        await _deliveries(db, deps, incident, members),
        Rows("evidence", [_found(one) for one in await evidence.of_incident(db, incident.id)]),
        await _interactions(db, deps, incident),
        Rows("timeline", [one.model_dump(mode="json") for one in await timeline.of_incident(db, incident.id)]),
        Rows("briefs", [one.model_dump(mode="json") for one in await evidence.briefs_of(db, incident.id)]),
        _services(deps, incident, members),
    )
    return Gathered(parts, head)


def time_range(one: Evidence) -> tuple[float, float] | None:
    """Return from when to when a piece of evidence was asked, in epoch seconds; None where it has no range."""
    data = one.data
    if one.kind is EvidenceKind.METRIC and data.get("points"):
        times = [point[0] for point in data["points"]]
        return min(times), max(times)
    if "since" in data and data.get("until") is not None:
        return data["since"], data["until"]
    return None


def _found(one: Evidence) -> Row:
    asked = time_range(one)
    return {**one.model_dump(mode="json"), "asked_from": asked and asked[0], "asked_until": asked and asked[1]}


async def _alerts(db: Tx, incident: Incident, members: Sequence[StoredAlert]) -> Rows:
    why = {one.fingerprint: one.reason for one in await incidents.memberships(db, incident.id)}
    rows = [{**one.model_dump(mode="json"), "belongs": why.get(one.alert.fingerprint, "")} for one in members]
    more = sum(await alerts.counts(db, incident.id)) - len(members)
    return Rows("alerts", rows, f"{more} more alerts of a storm" if more > 0 else "")


async def _deliveries(db: Tx, deps: Deps, incident: Incident, members: Sequence[StoredAlert]) -> Rows:
    """Return the webhooks that first and last told of each alert, as they came.

    What came at the same moment and tells of a restricted incident is not for those who see another one.
    """
    told = sorted({time for one in members for time in (one.first_seen, one.last_seen)})[:MOST_DELIVERIES]
    shut = await alerts.told_with_restricted(db, deps.workspace_id, incident.id, told)
    kept: list[Row] = []
    named: set[str] = set()
    for came in await deliveries.at(db, deps.workspace_id, [time for time in told if time not in shut]):
        here = {one.alert.fingerprint for one in members if _tells_of(came.body, one)}
        if here:
            named |= here
            body = came.body.encode()
            kept.append({**came._asdict(), "received_at": came.received_at.isoformat(), "sha256": digest(body)})
    lost = len(members) - len(named)
    return Rows("deliveries", kept, f"of {lost} alerts no webhook is held that may be shown here" if lost else "")


def _tells_of(body: str, one: StoredAlert) -> bool:
    return one.alert.name in body or one.alert.fingerprint in body


async def _interactions(db: Tx, deps: Deps, incident: Incident) -> Rows:
    """Return the requests to its AI system that were flagged; they are redacted since they came."""
    _, requests = await impact.requests_since(db, deps, incident)
    flagged: list[Interaction] = [one for one in requests if is_bad(one)]
    more = len(flagged) - MOST_INTERACTIONS
    missing = f"{more} more flagged requests" if more > 0 else ""
    return Rows("interactions", [one.model_dump(mode="json") for one in flagged[:MOST_INTERACTIONS]], missing)


def _services(deps: Deps, incident: Incident, members: Sequence[StoredAlert]) -> Rows:
    """Return what the catalogue says now of the services that the incident is about."""
    names = dict.fromkeys(name for name in (incident.service, *(one.alert.service for one in members)) if name)
    known: list[Service] = [found for name in names if (found := deps.catalog.service(name))]
    unknown = [name for name in names if deps.catalog.service(name) is None]
    missing = f"catalog.yaml has no service {', '.join(unknown)}" if unknown else ""
    return Rows("services", [one.model_dump(mode="json") for one in known], missing)
