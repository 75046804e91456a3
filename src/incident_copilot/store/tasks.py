"""Tasks of incidents, each under a number that people can say."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.task import Task
from incident_copilot.errors import UnknownThing
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import incidents, tasks


async def add(db: AsyncConnection, task: Task) -> Task:
    """Keep a task under the next number of its incident; call it after the incident is locked."""
    here = tasks.c.incident_id == task.incident_id
    last = (await db.execute(sa.select(sa.func.max(tasks.c.number)).where(here))).scalar() or 0
    numbered = task.model_copy(update={"number": last + 1})
    key = {"workspace_id": task.workspace_id, "incident_id": task.incident_id, "number": numbered.number}
    await db.execute(sa.insert(tasks).values(**key, **_columns(numbered)))
    return numbered


async def get(db: AsyncConnection, incident_id: str, number: int) -> Task:
    """Return a task.

    Raises:
        UnknownThing: the incident has none of this number.
    """
    query = sa.select(tasks.c.body).where(tasks.c.incident_id == incident_id, tasks.c.number == number)
    row = (await db.execute(query)).first()
    if row is None:
        raise UnknownThing(f"no task {number}")
    return value_of(Task, row.body)


async def save(db: AsyncConnection, task: Task) -> Task:
    """Write a task back; call it after its incident is locked."""
    this = sa.and_(tasks.c.incident_id == task.incident_id, tasks.c.number == task.number)
    await db.execute(sa.update(tasks).where(this).values(_columns(task)))
    return task


async def of_incident(db: AsyncConnection, incident_id: str) -> list[Task]:
    """Return the tasks of an incident in the order in which they were added."""
    query = sa.select(tasks.c.body).where(tasks.c.incident_id == incident_id).order_by(tasks.c.number)
    return [value_of(Task, row.body) for row in await db.execute(query)]


async def counts(db: AsyncConnection, incident_id: str) -> tuple[int, int]:
    """Return how many tasks of an incident are open and how many done."""
    query = sa.select(tasks.c.done_at.is_(None), sa.func.count()).where(tasks.c.incident_id == incident_id)
    found = {bool(is_open): count for is_open, count in await db.execute(query.group_by(tasks.c.done_at.is_(None)))}
    return found.get(True, 0), found.get(False, 0)


async def open_of(db: AsyncConnection, workspace_id: str, assignee: str) -> list[Task]:
    """Return the open tasks of a person in incidents that run, the newest incident first."""
    mine = sa.and_(tasks.c.workspace_id == workspace_id, tasks.c.assignee == assignee, tasks.c.done_at.is_(None))
    running = sa.join(tasks, incidents, sa.and_(tasks.c.incident_id == incidents.c.id, incidents.c.ended_at.is_(None)))
    query = sa.select(tasks.c.body).select_from(running).where(mine)
    found = await db.execute(query.order_by(incidents.c.number.desc(), tasks.c.number))
    return [value_of(Task, row.body) for row in found]


def _columns(task: Task) -> dict[str, object]:
    return {"assignee": task.assignee, "done_at": task.done_at, "body": body_of(task)}
