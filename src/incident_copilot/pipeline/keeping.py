"""Documents are put where they are kept, through the outbox; one message a document says where it is and where not."""

from typing import NamedTuple

from incident_copilot.domain.content import Button, Kept, KeptAt, Press
from incident_copilot.domain.document import Document
from incident_copilot.domain.effect import Effect, EffectState, Place, PutDocument
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents
from incident_copilot.store.db import Tx


def require_open_to_all(deps: Deps, incident: Incident) -> None:
    """Refuse what would carry out of the house what few may see, or what did not happen.

    Raises:
        DecisionRefused: the incident is private or a drill, or the copilot is in shadow mode.
    """
    if deps.policy.shadow:
        raise DecisionRefused("The copilot is in shadow mode: it carries nothing out.")
    if incident.private:
        raise DecisionRefused(f"{incident.label} is private; what is written about it stays in its channel.")
    if incident.test:
        raise DecisionRefused(f"{incident.label} is a drill; what is written about it stays here.")


async def put(
    tx: Tx, deps: Deps, incident: Incident, target: str, document: Document, *, what: str, asked_by: str
) -> None:
    """Have a document put at a target, as a person asked or as follows from what one decided; `what` names it."""
    before = [one for one in await _tellings(tx, incident, document.key) if one.target == target]
    ref = next((one.ref for one in reversed(before) if one.ref), {})
    deed = PutDocument(target=target, document=document.model_copy(update={"ref": ref}), what=what, asked_by=asked_by)
    payload = {"target": target, "document": document.key, "what": what}
    await ledger.write(tx, deps, incident.id, LogKind.DOCUMENT_ASKED, asked_by, payload)
    stream = f"document:{target}:{document.key}"[:120]
    await show.send(tx, deps, incident, deed, stream=stream, priority=show.LATER)
    await _show(tx, deps, incident, deed)


async def settled(tx: Tx, deps: Deps, effect: Effect, deed: PutDocument) -> None:
    """Write down that a document is where it is kept, and show it; a failure is told to operators beside that."""
    incident = await incidents.lock(tx, str(effect.incident_id))
    if effect.state is EffectState.DONE:
        payload: dict[str, object] = {"target": deed.target, "document": deed.document.key, "what": deed.what}
        payload |= {"link": effect.result["link"]} if effect.result.get("link") else {}
        await ledger.write(tx, deps, incident.id, LogKind.DOCUMENT_KEPT, "copilot", payload)
    await _show(tx, deps, incident, deed)


def name_of(deps: Deps, target: str) -> str:
    """Return what people call a target."""
    place = deps.postmortem_targets.get(target)
    return place.name if place else target


class _Telling(NamedTuple):
    target: str
    state: EffectState
    ref: dict[str, str]
    link: str | None
    error: str | None


async def _tellings(tx: Tx, incident: Incident, key: str) -> list[_Telling]:
    """Return how often a document was put somewhere, oldest first."""
    return [
        _Telling(one.deed.target, one.state, one.result.get("ref") or {}, one.result.get("link"), one.error)
        for one in await effects.by_incident(tx, incident.id)
        if isinstance(one.deed, PutDocument) and one.deed.document.key == key
    ]


async def _show(tx: Tx, deps: Deps, incident: Incident, deed: PutDocument) -> None:
    newest = {one.target: one for one in await _tellings(tx, incident, deed.document.key)}
    places = tuple(
        KeptAt(
            name=name_of(deps, one.target),
            link=one.link,
            is_there=one.state is EffectState.DONE,
            problem=one.error if one.state is EffectState.FAILED else None,
        )
        for one in newest.values()
    )
    again = Button(press=Press.PUBLISH, label="Publish again", value=incident.id)
    # A change of a runbook is put again by who reads it again.
    content = Kept(what=deed.what, places=places, again=None if deed.document.path else again)
    slot = f"kept:{deed.document.key}"
    await show.put(tx, deps, incident, Place.INCIDENT, slot, content)
