"""Write the action log: who decided or did what, in the transaction in which it happens."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.redaction import redact
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS, Tx


async def write(
    tx: Tx, deps: Deps, incident_id: str | None, kind: LogKind, actor: str, payload: Mapping[str, object]
) -> LogEntry:
    """Append one row; `actor` is a chat id, a policy ("policy:quiet"), an action or the copilot."""
    return await action_log.append(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=incident_id,
        actor=actor,
        kind=kind,
        payload=_without_secrets(dict(payload)),
        now=deps.now(),
    )


async def write_by(
    tx: Tx, deps: Deps, incident_id: str | None, kind: LogKind, person: Person, payload: Mapping[str, object]
) -> LogEntry:
    """Append one row for what a person did, and keep the name they go by."""
    await keep_name(tx, deps, person)
    return await write(tx, deps, incident_id, kind, person.id, payload)


async def keep_name(tx: Tx, deps: Deps, person: Person) -> None:
    """Keep the name that a person goes by, for rows that hold only their id."""
    await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())


@asynccontextmanager
async def refusals(
    deps: Deps,
    person: Person,
    incident_id: str | None,
    asked: Mapping[str, object],
    kind: LogKind = LogKind.DENIED,
) -> AsyncIterator[None]:
    """Log a refusal of what is inside; put it around the transaction, so that the refused one is rolled back first.

    Raises:
        DecisionRefused: as raised inside; it is in the log.
        StoreUnavailable: the refusal could not be recorded.
    """
    try:
        yield
    except DecisionRefused as refusal:
        async with deps.db.transaction(CLICKS) as tx:
            await write_by(tx, deps, incident_id, kind, person, {**asked, "because": str(refusal)})
        raise


async def is_untouched(tx: Tx, incident: Incident) -> bool:
    """Whether an incident is open and no person has done anything to it; being refused is no touch."""
    rows = await action_log.entries(tx, incident.id)
    refused = (LogKind.REFUSED, LogKind.DENIED)
    by_people = [row for row in rows if is_person(row.actor) and row.kind not in refused]
    return incident.status is Status.OPEN and not by_people


def _without_secrets(value: Any) -> Any:
    """The log cannot be changed later, so that what should not stand in it must not get there."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return [_without_secrets(one) for one in value]
    return {key: _without_secrets(one) for key, one in value.items()} if isinstance(value, dict) else value


def is_person(actor: str) -> bool:
    """Whether the actor of a row is a person and not a policy, an action or the copilot."""
    return ":" not in actor and actor != "copilot"
