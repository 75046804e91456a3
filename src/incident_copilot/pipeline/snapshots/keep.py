"""Keep the evidence of an incident as it is now: files that cannot be changed, and a row of the log that names them."""

import asyncio
from datetime import timedelta
from typing import NamedTuple

from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.snapshot import MANIFEST, SIGNATURE, Manifest, digest, manifest_in
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, run, seeing, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.snapshots.gathered import Gathered, gather
from incident_copilot.pipeline.snapshots.packed import Packed, packed
from incident_copilot.store import action_log, incidents, snapshots
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

ASKED, POLICY, OPERATOR = "it was asked for", "policy:evidence", "operator"
TWICE = timedelta(seconds=30)
"""Who asks again so soon has clicked twice."""
SHORT = 16


class Kept(NamedTuple):
    """A snapshot: what its manifest says, and the row of the log that vouches for it."""

    manifest: Manifest
    row: LogEntry

    @property
    def text(self) -> str:
        """What people are told of it."""
        said = self.manifest
        return (
            f"Snapshot {said.number}: {len(said.files)} files, {_size(said.size)}, as of {said.taken_at:%H:%M:%S} UTC."
        )

    @property
    def detail(self) -> str:
        """Why it was taken, how it is known again, and what is not in it."""
        why = f"Taken because {self.manifest.because}. SHA-256 {self.row.payload['manifest_sha256'][:SHORT]}."
        return " ".join([why, *(f"Not in it: {one}" for one in self.manifest.left_out)])


async def take(deps: Deps, job: Job) -> None:
    """Keep the evidence because of what happened; the one message about such snapshots is brought up to date."""
    incident, gathered, files = await _ready(deps, job.payload["incident_id"])
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, incident.id)
        kept = await _keep(tx, deps, incident, POLICY, job.payload["because"], gathered, files)
        again = Button(press=Press.SNAPSHOT, label="Keep it as it is now", value=incident.id)
        text = f"The evidence of {incident.label} is kept. {kept.text}"
        await show.notice(tx, deps, incident, "snapshot", text, detail=kept.detail, buttons=[again])


async def ask(deps: Deps, incident_id: str, person: Person, here: str) -> Outcome:
    """Keep the evidence because a person wants it kept; a click too many makes no second snapshot.

    Raises:
        DecisionRefused: not allowed, or not to be seen by them `here`; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    _, gathered, files = await _ready(deps, incident_id)
    async with run.asked(deps, incident_id, person, "keep evidence") as (tx, incident):
        if not seeing.may_see(person, incident, here=here):
            raise DecisionRefused(f"{incident.label} is restricted; ask in its channel.")
        if last := await _just_taken(tx, deps, incident, person.id):
            return Outcome(text=f"It was taken just now. {last.text}", incident=incident)
        await ledger.keep_name(tx, deps, person)
        kept = await _keep(tx, deps, incident, person.id, ASKED, gathered, files)
        text = f"<@{person.id}> kept the evidence of {incident.label}. {kept.text}"
        await show.notice(tx, deps, incident, f"snapshot:{kept.manifest.number}", text, detail=kept.detail)
    return Outcome(text=f"{kept.text} {kept.detail}", incident=incident)


async def by_operator(deps: Deps, incident: Incident) -> Kept:
    """Keep the evidence from the command line."""
    _, gathered, files = await _ready(deps, incident.id)
    async with deps.db.transaction() as tx:
        locked = await incidents.lock(tx, incident.id)
        return await _keep(tx, deps, locked, OPERATOR, ASKED, gathered, files)


async def every(db: Tx, incident: Incident) -> list[Kept]:
    """Return the snapshots of an incident that are still there, oldest first."""
    rows = await action_log.entries(db, incident.id, kinds=[LogKind.SNAPSHOTTED])
    read = [(manifest_in(await snapshots.files(db, row)), row) for row in rows]
    return [Kept(manifest, row) for manifest, row in read if manifest]


async def _ready(deps: Deps, incident_id: str) -> tuple[Incident, Gathered, Packed]:
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        gathered = await gather(db, deps, incident)
    # Megabytes of JSON take longer than the event loop may be held up.
    return incident, gathered, await asyncio.to_thread(packed, gathered.parts)


async def _just_taken(tx: Tx, deps: Deps, incident: Incident, who: str) -> Kept | None:
    last = await action_log.latest(tx, f"incident:{incident.id}", LogKind.SNAPSHOTTED)
    if last is None or last.actor != who or deps.now() - last.at >= TWICE:
        return None
    manifest = manifest_in(await snapshots.files(tx, last))
    return Kept(manifest, last) if manifest else None


async def _keep(
    tx: Tx, deps: Deps, incident: Incident, who: str, because: str, gathered: Gathered, ready: Packed
) -> Kept:
    last = await action_log.latest(tx, f"incident:{incident.id}", LogKind.SNAPSHOTTED)
    manifest = Manifest(
        workspace=deps.workspace_id,
        incident=incident.id,
        label=incident.label,
        number=last.payload["number"] + 1 if last else 1,
        taken_at=deps.now(),
        taken_by=who,
        because=because,
        log_seq=gathered.head.seq,
        log_hash=gathered.head.hash,
        files=ready.listed,
        left_out=ready.left_out,
    )
    text = manifest.text
    files = {**ready.files, MANIFEST: text.encode()}
    if deps.signer:
        files[SIGNATURE] = deps.signer.sign(text).encode()
    payload = {"number": manifest.number, "because": because, "manifest_sha256": digest(files[MANIFEST])}
    counted = {"files": len(ready.listed), "bytes": manifest.size, "left_out": len(ready.left_out)}
    row = await ledger.write(tx, deps, incident.id, LogKind.SNAPSHOTTED, who, {**payload, **counted})
    await snapshots.add(tx, row, files)
    return Kept(manifest, row)


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"
