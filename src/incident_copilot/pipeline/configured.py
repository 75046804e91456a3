"""Write down with which configuration the copilot runs: a hash of each file, whenever one has changed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import ledger
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log

ABSENT = "absent"


async def log_loaded(deps: Deps, files: Mapping[str, Path]) -> None:
    """Append the hashes of these files, by name, to the workspace's chain, unless the last row of them says the same.

    Of replicas that start at once, one writes.

    Raises:
        StoreUnavailable: nothing was written.
    """
    loaded = {name: _hash(path) for name, path in files.items()}
    async with deps.db.transaction() as tx:
        last = await action_log.latest(tx, f"workspace:{deps.workspace_id}", LogKind.CONFIGURED)
        if last is None or last.payload != loaded:
            await ledger.write(tx, deps, None, LogKind.CONFIGURED, "copilot", loaded)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ABSENT
