"""Who wants to hear of serious incidents is told: one direct message that stays up to date, or e-mails at both ends."""

from incident_copilot.domain.content import Announcement, Card
from incident_copilot.domain.effect import Mail, Place, ShowTo
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import mail_text
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, subscriptions
from incident_copilot.store.db import Tx
from incident_copilot.store.subscriptions import Subscription


async def tell(tx: Tx, deps: Deps, shown: Card) -> None:
    """Bring what subscribers see of an incident up to date; tests and private ones are nobody's business."""
    incident = shown.incident
    theirs = incident.private or deps.catalog.restricts(incident.incident_type)
    if incident.test or theirs or deps.policy.shadow:
        return
    for one in await subscriptions.every(tx, deps.workspace_id):
        if incident.severity.rank <= one.severity.rank:
            await (_mail(tx, deps, one, shown) if one.address else _message(tx, deps, one, shown))


async def _message(tx: Tx, deps: Deps, one: Subscription, shown: Card) -> None:
    slot = f"subscriber:{one.person}"
    deed = ShowTo(place=Place.PERSON, to=one.person, slot=slot, content=Announcement(card=shown))
    await _send(tx, deps, shown.incident, deed, f"{slot}:{shown.incident.id}")


async def _mail(tx: Tx, deps: Deps, one: Subscription, shown: Card) -> None:
    """Only of the start and the end: an e-mail cannot be edited."""
    incident = shown.incident
    slot = f"subscriber:{one.person}:{'runs' if incident.is_running else 'ended'}"
    if await effects.latest(tx, deps.workspace_id, incident.id, slot):
        return
    url = deps.policy.public_url
    letter = mail_text.news(incident, f"{url.rstrip('/')}/incidents/{incident.number}" if url else None)
    deed = Mail(slot=slot, to=(str(one.address),), subject=letter.subject, text=letter.text)
    await _send(tx, deps, incident, deed, slot)


async def _send(tx: Tx, deps: Deps, incident: Incident, deed: ShowTo | Mail, stream: str) -> None:
    await effects.enqueue(
        tx, workspace_id=deps.workspace_id, incident_id=incident.id, stream=stream, deed=deed, now=deps.now()
    )
