"""The checker: judges database and ledger after a soak; nothing lost, nothing twice, everything in order."""

from collections import Counter, defaultdict
from datetime import datetime

import sqlalchemy as sa

from chaos import databases
from chaos.drill import Drill
from chaos.traffic import Traffic
from incident_copilot.store.tables import alerts, effects, incidents


async def verdict(drill: Drill, traffic: Traffic) -> list[str]:
    """Return what is wrong, in words."""
    return [
        *await _lost_alerts(drill, traffic),
        *await _lost_clicks(drill, traffic),
        *_twice(drill),
        *await _out_of_order(drill),
        *(f"the log: {problem}" for problem in await databases.log_problems(drill.db)),
        *(f"given up: {one}" for one in await databases.given_up(drill.db)),
    ]


async def _lost_alerts(drill: Drill, traffic: Traffic) -> list[str]:
    """Every state that a 2xx promised, or a later one, is in the database."""
    async with drill.db.read() as view:
        rows = [row.alert for row in await view.execute(sa.select(alerts.c.alert))]
    stored = {row["labels"]["service"]: (datetime.fromisoformat(row["starts_at"]), row["status"]) for row in rows}
    return [
        f"lost: {service} {state}, stored: {stored.get(service)}"
        for service, state in traffic.acked.items()
        if stored.get(service) not in {_told(one) for one in (state, traffic.unanswered.get(service, state))}
    ]


def _told(state: str) -> tuple[datetime, str]:
    starts_at, status = state.split()
    return datetime.fromisoformat(starts_at), status


async def _lost_clicks(drill: Drill, traffic: Traffic) -> list[str]:
    """Where a click was acknowledged, the incident has somebody who acknowledged it."""
    ids = {channel.id: f"#{channel.name}" for channel in drill.sandbox.workspace.channels.values()}
    async with drill.db.read() as view:
        rows = [row.body for row in await view.execute(sa.select(incidents.c.body))]
    unheard = {ids.get(row["channel_id"]) for row in rows if not row["acknowledged_by"]}
    return [f"click lost: {place}" for place in sorted(traffic.clicked) if place in unheard]


def _twice(drill: Drill) -> list[str]:
    posts = Counter(
        effect.args["metadata"]["event_payload"]["id"]
        for effect in drill.sandbox.ledger
        if effect.method == "chat.postMessage"
    )
    creates = Counter(effect.args["name"] for effect in drill.sandbox.ledger if effect.method == "conversations.create")
    # A file's name ends with the id of its effect.
    names = {
        str(effect.response["file_id"]): str(effect.args["filename"])
        for effect in drill.sandbox.ledger
        if effect.method == "files.getUploadURLExternal"
    }
    files = Counter(
        names[str(effect.args["files"][0]["id"])]
        for effect in drill.sandbox.ledger
        if effect.method == "files.completeUploadExternal"
    )
    found = [f"posted {times} times: {what}" for what, times in posts.items() if times > 1]
    found += [f"created {times} times: {what}" for what, times in creates.items() if times > 1]
    return found + [f"uploaded {times} times: {what}" for what, times in files.items() if times > 1]


async def _out_of_order(drill: Drill) -> list[str]:
    """First posts of one stream come in the order of the stream."""
    async with drill.db.read() as view:
        rows = await view.execute(sa.select(effects.c.id, effects.c.stream, effects.c.seq))
        places = {row.id: (row.stream, row.seq) for row in rows}
    seen: dict[str, list[int]] = defaultdict(list)
    for effect in drill.sandbox.ledger:
        if effect.method == "chat.postMessage":
            sent = effect.args["metadata"]["event_payload"]["id"]
            stream, seq = places.get(sent, (f"of no table: {sent}", 0))
            seen[stream].append(seq)
    return [f"out of order: {stream} {order}" for stream, order in seen.items() if order != sorted(order)]
