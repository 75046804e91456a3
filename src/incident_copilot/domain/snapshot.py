"""Snapshot: the evidence of an incident as it was at a moment, in files, and the manifest that says what they hold."""

import hashlib
import json
from collections.abc import Mapping

from pydantic import ValidationError

from incident_copilot.domain.base import Frozen, Utc

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
BESIDE = frozenset({MANIFEST, SIGNATURE})
"""Files of a snapshot that its manifest cannot list."""


class KeptFile(Frozen):
    """One file of a snapshot; each row is a line of JSON."""

    name: str
    rows: int
    size: int
    sha256: str


class Manifest(Frozen):
    """What a snapshot holds, when and why it was taken, and the row of the log that was the last one then.

    `left_out` says in sentences what is not in it, and why.
    """

    version: int = 1
    workspace: str
    incident: str
    label: str
    number: int
    taken_at: Utc
    taken_by: str
    because: str
    log_seq: int
    log_hash: str
    files: tuple[KeptFile, ...]
    left_out: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The manifest as it is hashed, signed and exported."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, indent=1, ensure_ascii=False) + "\n"

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(one.size for one in self.files)


def digest(body: bytes) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(body).hexdigest()


def manifest_in(files: Mapping[str, bytes]) -> Manifest | None:
    """Return the manifest among the files of a snapshot; None where there is none, or it cannot be read."""
    try:
        return Manifest.model_validate_json(files.get(MANIFEST, b""), extra="allow")
    except ValidationError:
        return None


def problems(files: Mapping[str, bytes]) -> list[str]:
    """Return what is wrong with the files of a snapshot, each by its name; nothing where all is as it was taken."""
    manifest = manifest_in(files)
    if manifest is None:
        return [f"{MANIFEST} is not there, or cannot be read"]
    listed = {one.name: one for one in manifest.files}
    missing = [f"{name} is missing" for name in listed if name not in files]
    changed = [f"{name} was changed" for name, one in listed.items() if name in files and _differs(files[name], one)]
    added = [f"{name} does not belong to it" for name in sorted(files) if name not in listed and name not in BESIDE]
    return missing + changed + added


def _differs(body: bytes, listed: KeptFile) -> bool:
    return digest(body) != listed.sha256
