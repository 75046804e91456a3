"""B15: how long the postmortem of a loud incident takes, and how much memory: by messages and alerts, on SQLite."""

import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.results import Section, Verdict
from benchmarks.web_only import MIGRATIONS
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.incident import Ending, Incident, Membership, Severity, Status
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline import ledger, review, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import alerts, incidents, postmortems, schema, timeline
from incident_copilot.store.db import Db
from incident_copilot.store.postmortems import StoredPostmortem

SIZES = ((100, 5), (10_000, 500))
AIM_S, AIM_MB = 300.0, 512.0
BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LASTED = timedelta(hours=6)
EVERY = 10
"""Every tenth message was edited, and the one after it deleted."""


class Taken(NamedTuple):
    """What a review took, and what it made."""

    seconds: float
    cpu_s: float
    grown_mb: float
    written: StoredPostmortem


async def run(_rounds: int, small: bool) -> Section:
    """Review incidents of two sizes, each on a database of its own."""
    sizes = ((20, 2), (200, 20)) if small else SIZES
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for messages, many in sizes:
            taken = await measure(Path(folder), messages, many)
            size = len(taken.written.html) / 1e6
            figures = (f"{taken.seconds:.1f}", f"{taken.cpu_s:.1f}", f"{taken.grown_mb:.0f}", f"{size:.2f}")
            rows.append((f"{messages:,}", f"{many:,}", *figures))
    verdicts = [
        Verdict("review of the larger one", f"{taken.seconds:.1f} s", f"under {AIM_S:.0f} s", taken.seconds < AIM_S),
        Verdict("memory it took", f"{taken.grown_mb:.0f} MB", f"under {AIM_MB:.0f} MB", taken.grown_mb < AIM_MB),
    ]
    columns = ("messages", "alerts", "seconds", "CPU seconds", "memory grown by, MB", "page, MB")
    return Section("Review: the postmortem of a loud incident", columns, rows, verdicts)


async def measure(folder: Path, messages: int, many: int) -> Taken:
    """Return what the review of an incident took that lasted six hours, and whose people wrote and alerts fired."""
    url = f"sqlite+aiosqlite:///{folder / f'{messages}.db'}"
    await schema.upgrade(url, MIGRATIONS)
    db = Db.open(url)
    runbooks = RunbookIndex.build(Library())
    deps = Deps(db=db, now=_end, workspace_id="bench", chat=None, catalog=Catalog(), runbooks=runbooks)  # type: ignore[arg-type]
    incident = await _lived_through(deps, messages, many)
    worker = Worker(db, {Work.REVIEW: lambda job: review.review(deps, job)}, _end)
    before, began, used = _peak_mb(), time.monotonic(), time.process_time()
    await worker.run_due()
    seconds, cpu_s = time.monotonic() - began, time.process_time() - used
    async with db.read() as view:
        written = await postmortems.get(view, incident.id)
    await db.close()
    if written is None:
        raise RuntimeError("the review wrote nothing")
    return Taken(seconds, cpu_s, _peak_mb() - before, written)


def _end() -> datetime:
    return BEGAN + LASTED


def _peak_mb() -> float:
    """Return the most memory that the process ever had, in MB; Linux counts it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _lived_through(deps: Deps, messages: int, many: int) -> Incident:
    incident = Incident(
        id=new_id(BEGAN),
        workspace_id="bench",
        number=0,
        title="Everything is slow",
        severity=Severity.P0,
        status=Status.RESOLVED,
        ending=Ending.RESOLVED,
        correlation_key="bench",
        started_at=BEGAN,
        opened_at=BEGAN,
        ended_at=_end(),
    )
    async with deps.db.transaction() as tx:
        opened = await incidents.open_new(tx, incident) or incident
        kept = [_alert(number, many) for number in range(many)]
        await alerts.record_all(tx, "bench", kept, BEGAN)
        await alerts.place(tx, "bench", [alert.fingerprint for alert in kept], incident_id=opened.id)
        await incidents.join_all(tx, [_joined(opened, alert) for alert in kept])
        await timeline.add_all(tx, [_fired(opened, alert) for alert in kept])
        await timeline.add_all(tx, [_message(opened, number, messages) for number in range(messages)])
        await ledger.write(tx, deps, opened.id, LogKind.OPENED, "policy:triage", {"severity": "P0", "type": "outage"})
        await wakeups.review(tx, deps, opened.id, at=_end())
    return opened


def _alert(number: int, many: int) -> Alert:
    return Alert(
        source="bench",
        fingerprint=f"{number:016x}",
        name=f"Slow{number % 40}",
        status=AlertStatus.RESOLVED,
        service=f"service-{number % 60}",
        summary="It is slow",
        starts_at=BEGAN + LASTED * number / many,
    )


def _joined(incident: Incident, alert: Alert) -> Membership:
    return Membership(
        incident_id=incident.id, fingerprint=alert.fingerprint, reason="same trouble", joined_at=alert.starts_at
    )


def _fired(incident: Incident, alert: Alert) -> TimelineEntry:
    return TimelineEntry(
        id=new_id(alert.starts_at),
        incident_id=incident.id,
        at=alert.starts_at,
        kind=TimelineKind.ALERT,
        text=f"{alert.name} on {alert.service} fires.",
        ref=f"alert:{alert.fingerprint}|firing",
    )


def _message(incident: Incident, number: int, messages: int) -> TimelineEntry:
    at = BEGAN + LASTED * number / messages
    is_edited, is_deleted = number % EVERY == 0, number % EVERY == 1
    said = "edited" if is_edited else "deleted" if is_deleted else "said"
    return TimelineEntry(
        id=new_id(at),
        incident_id=incident.id,
        at=at,
        kind=TimelineKind.MESSAGE,
        text="" if is_deleted else f"message {number} {said}: the queue of <@U0BEN> is at {number} and grows" * 2,
        author=f"U0P{number % 30}",
        ref=f"C1:{number}",
        edited=is_edited,
        deleted=is_deleted,
    )
