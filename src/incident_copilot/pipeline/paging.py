"""Page people at a paging service too: triggered when an incident opens, acknowledged and resolved as it is here."""

from typing import Literal

from incident_copilot.domain.catalog import Team
from incident_copilot.domain.effect import Effect, EffectState, Mail, Page
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.page import key_of
from incident_copilot.pipeline import ledger, on_call, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.reviewing import inert
from incident_copilot.store import alerts, effects, incidents, pages
from incident_copilot.store.db import Tx
from incident_copilot.store.pages import ACKNOWLEDGED, RESOLVED, TRIGGERED, Paged

LOOKED_AT = 50
TURN = "pager"
"""As what a page stands in the log, beside primary and secondary."""
STATES: dict[Literal["trigger", "acknowledge", "resolve"], str] = {
    "trigger": TRIGGERED,
    "acknowledge": ACKNOWLEDGED,
    "resolve": RESOLVED,
}


async def trigger(tx: Tx, deps: Deps, incident: Incident, team: Team | None) -> None:
    """Page a team's pager, unless people are paged already, here or where its alerts come from; for a test never."""
    pager = team.on_call.pager if team else None
    if pager is None or deps.policy.shadow or incident.test:
        return
    known = {one.pager: one.state for one in await pages.of_incident(tx, incident.id)}
    if known.get(pager, RESOLVED) != RESOLVED or await _was_paged_elsewhere(tx, deps, incident):
        return
    key = key_of(deps.workspace_id, incident.id, pager)
    await _tell(tx, deps, incident, Paged(pager=pager, key=key, incident_id=incident.id, state=TRIGGERED), "trigger")
    payload = {"person": f"pager:{pager}", "turn": TURN}
    await ledger.write(tx, deps, incident.id, LogKind.PAGED, "policy:on-call", payload)


async def taken(tx: Tx, deps: Deps, incident: Incident, apart_from: str = "") -> None:
    """Acknowledge an incident's pages, but for the one where people did that themselves."""
    for one in await pages.of_incident(tx, incident.id):
        if one.state == TRIGGERED and one.key != apart_from:
            await _tell(tx, deps, incident, one, "acknowledge")


async def over(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Resolve an incident's pages."""
    for one in await pages.of_incident(tx, incident.id):
        if one.state != RESOLVED:
            await _tell(tx, deps, incident, one, "resolve")


async def settled(tx: Tx, deps: Deps, effect: Effect, deed: Page) -> None:
    """Reach people another way when a page was not taken: named once more in the chat, and by e-mail."""
    if effect.state is not EffectState.FAILED or deed.event != "trigger" or effect.incident_id is None:
        return
    incident = await incidents.lock(tx, effect.incident_id)
    called = await on_call.of(tx, deps, incident)
    people = [who for who in (called.primary, called.secondary) if who]
    text = f"{deed.pager} did not page anybody for {incident.label}: {effect.error} Please take it."
    await show.notice(tx, deps, incident, f"page:failed:{deed.pager}", text, mentions=people, anew=True)
    known = (deps.catalog.person(who) for who in people)
    to = tuple(dict.fromkeys(one.email for one in known if one and one.email))
    if to and deps.policy.can_mail:
        slot = f"mail:page:{incident.id}:{deed.pager}"[:120]
        mail = Mail(slot=slot, to=to, subject=f"{incident.label}: {incident.title}"[:200], text=text)
        await show.send(tx, deps, incident, mail, stream=slot, priority=show.URGENT)


async def _tell(
    tx: Tx, deps: Deps, incident: Incident, paged: Paged, event: Literal["trigger", "acknowledge", "resolve"]
) -> None:
    await pages.note(tx, deps.workspace_id, paged.model_copy(update={"state": STATES[event]}), deps.now())
    public = deps.policy.public_url
    deed = Page(
        pager=paged.pager,
        key=paged.key,
        event=event,
        # Telephones make a link of every address in a page.
        summary=inert.dead(f"{incident.label} {incident.title}")[:1_000],
        severity=incident.severity,
        service=incident.service,
        link=f"{public}/incidents/{incident.number}" if public else None,
    )
    await effects.enqueue(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=incident.id,
        stream=f"page:{incident.id}:{paged.pager}"[:120],
        deed=deed,
        now=deps.now(),
        priority=show.URGENT,
    )


async def _was_paged_elsewhere(tx: Tx, deps: Deps, incident: Incident) -> bool:
    sources = deps.catalog.escalation.paged_already
    return any(one.source in sources for one in await alerts.belonging(tx, incident.id, LOOKED_AT))
