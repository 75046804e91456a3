"""Write the action log: who decided or did what, in the transaction in which it happens."""

from collections.abc import Mapping

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx


async def write(
    tx: Tx, deps: Deps, incident_id: str | None, kind: LogKind, actor: str, payload: Mapping[str, object]
) -> None:
    """Append one row; `actor` is a chat id, a policy ("policy:quiet"), an action or the copilot."""
    await action_log.append(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=incident_id,
        actor=actor,
        kind=kind,
        payload=dict(payload),
        now=deps.now(),
    )


async def write_by(
    tx: Tx, deps: Deps, incident_id: str, kind: LogKind, person: Person, payload: Mapping[str, object]
) -> None:
    """Append one row for what a person did, and keep the name they go by."""
    await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())
    await write(tx, deps, incident_id, kind, person.id, payload)
