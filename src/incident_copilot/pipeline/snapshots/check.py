"""Check snapshots: those in the database against the log, and one that was written out against its own manifest."""

from collections.abc import Mapping

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogEntry, LogKind, hash_of
from incident_copilot.domain.snapshot import MANIFEST, SIGNATURE, digest, manifest_in, problems
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, snapshots
from incident_copilot.store.action_log import Problem
from incident_copilot.store.db import Tx
from incident_copilot.vendors.signing import is_signed

ROW = "row.json"
"""The row of the log that vouches for a snapshot, beside the files that are written out."""


async def in_store(db: Tx, deps: Deps, public: str | None) -> list[Problem]:
    """Return what is wrong with the snapshots of a workspace, by the row of the log that vouches for each."""
    found = []
    for row in await action_log.some(db, deps.workspace_id, kinds=[LogKind.SNAPSHOTTED]):
        wrong = wrong_with(await snapshots.files(db, row), row, public)
        found += [Problem(chain=row.chain, seq=row.seq, what=f"of its snapshot {one}") for one in wrong]
    return found


def wrong_with(files: Mapping[str, bytes], row: LogEntry, public: str | None) -> list[str]:
    """Return what is wrong with the files of a snapshot, held against the row of the log that vouches for it."""
    found = problems(files)
    if MANIFEST in files and digest(files[MANIFEST]) != row.payload["manifest_sha256"]:
        found.append(f"{MANIFEST} is not the one that the log vouches for")
    signature = files.get(SIGNATURE)
    if public and signature and not is_signed(public, files[MANIFEST].decode(), signature.decode()):
        found.append(f"{SIGNATURE} does not hold")
    return found


def written_out(files: Mapping[str, bytes], public: str | None) -> tuple[list[str], list[str]]:
    """Return what is wrong with a snapshot that was written out, and, where nothing is, what is known of it."""
    held = {name: body for name, body in files.items() if name != ROW}
    row = _row_in(files)
    if row is None:
        return [*problems(held), f"{ROW} is not there, or was changed"], []
    wrong = wrong_with(held, row, public)
    manifest = manifest_in(held)
    if wrong or manifest is None:
        return wrong, []
    signed = f"It is signed{'' if public else '; the signature was not checked, for want of the public key'}."
    taken = f"{manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    return [], [
        f"Snapshot {manifest.number} of {manifest.label}, {taken}: all is as it was taken.",
        signed if SIGNATURE in held else "It is not signed.",
        f"Row {row.seq} of the log of {manifest.label} vouches for it, hash {row.hash}.",
    ]


async def in_log(db: Tx, incident: Incident, files: Mapping[str, bytes]) -> bool:
    """Whether the log of an incident has the row that vouches for a snapshot that was written out."""
    row = _row_in(files)
    logged = await action_log.entries(db, incident.id, kinds=[LogKind.SNAPSHOTTED])
    return row is not None and row.hash in {one.hash for one in logged}


def _row_in(files: Mapping[str, bytes]) -> LogEntry | None:
    """Return the row of the log beside a snapshot; None where there is none whose hash is that of what it says."""
    try:
        row = LogEntry.model_validate_json(files.get(ROW, b""))
    except ValueError:
        return None
    said = row.model_dump(include={"seq", "chain", "actor", "payload", "prev_hash"})
    is_whole = hash_of(**said, kind=row.kind, at=row.at.isoformat()) == row.hash
    return row if is_whole and "manifest_sha256" in row.payload else None
