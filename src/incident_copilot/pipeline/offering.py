"""Offer to declare what another bot tells of in a watched channel, where it opened nothing: below its own message.

An alert that opened or joined an incident needs no offer, and one that is muted, held back or noise is wanted quiet.
"""

import re
from collections.abc import Sequence

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.domain.effect import Place, ShowTo
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, messages
from incident_copilot.store.db import Tx

BY_CHAT = "slack-"
"""How sources begin that are bots of the chat."""
MOST = 5
"""In a storm the digest lists the others, each with Promote."""
_MESSAGE = re.compile(r"/archives/([A-Z0-9]{2,40})/p([0-9]{10})([0-9]{6})(?:\?thread_ts=([0-9.]+))?")


async def offer(tx: Tx, deps: Deps, small: Sequence[Alert]) -> None:
    """Offer to declare alerts that went to the digest, once for each message."""
    if not deps.policy.offer_declare:
        return
    told = [one for one in small if one.source.startswith(BY_CHAT) and one.status is AlertStatus.FIRING]
    for alert in told[:MOST]:
        place = _place(alert)
        if place is None or await effects.latest(tx, deps.workspace_id, None, _slot(alert, place)):
            continue
        text = f"{alert.name} opened no incident: it is small, and in the hourly digest."
        button = Button(press=Press.PROMOTE, label="Declare", value=alert.fingerprint)
        await _show(tx, deps, alert, place, Notice(text=text, buttons=(button,)))


async def taken(tx: Tx, deps: Deps, alert: Alert, incident: Incident, person: Person) -> None:
    """Say in the place of the button what became of an alert; nothing where no button was shown."""
    place = _place(alert)
    if place is None or await effects.latest(tx, deps.workspace_id, None, _slot(alert, place)) is None:
        return
    await _show(tx, deps, alert, place, Notice(text=f"{person.name} declared it: {incident.label} {incident.title}."))


async def _show(tx: Tx, deps: Deps, alert: Alert, place: tuple[str, str], content: Notice) -> None:
    channel, thread_ts = place
    above = f"alert:{thread_ts}"
    # The message that the bot of another app posted is remembered, so that a thread can hang below it.
    await messages.record(
        tx,
        workspace_id=deps.workspace_id,
        scope=messages.WORKSPACE,
        slot=above,
        channel=channel,
        ts=thread_ts,
        now=deps.now(),
    )
    deed = ShowTo(place=Place.CHANNEL, to=channel, slot=_slot(alert, place), content=content, under=above)
    await effects.enqueue(
        tx, workspace_id=deps.workspace_id, incident_id=None, stream=f"offer:{channel}", deed=deed, now=deps.now()
    )


def _place(alert: Alert) -> tuple[str, str] | None:
    """Return channel and thread of the message that told of an alert, None where it was no message."""
    found = _MESSAGE.search(alert.links.get("message", ""))
    if found is None:
        return None
    channel, seconds, rest, thread_ts = found.groups()
    return channel, thread_ts or f"{seconds}.{rest}"


def _slot(alert: Alert, place: tuple[str, str]) -> str:
    return f"offer:{alert.fingerprint[:32]}:{place[1]}"
