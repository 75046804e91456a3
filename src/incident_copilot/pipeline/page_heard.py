"""What people do at the paging service counts here too: who acknowledges there has taken the incident."""

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.page import PageHeard
from incident_copilot.domain.rotation import OnDuty
from incident_copilot.pipeline import ledger, on_call, paging, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, pages
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job
from incident_copilot.store.pages import ACKNOWLEDGED, RESOLVED, Paged


async def hear(deps: Deps, job: Job) -> None:
    """Do here what was done to a page there; what is so already, and what is over, changes nothing."""
    heard = PageHeard.model_validate(job.payload)
    async with job.finish(deps.db) as tx:
        paged = await pages.by_key(tx, deps.workspace_id, heard.key)
        if paged is None:
            return
        incident = await incidents.lock(tx, paged.incident_id)
        state = ACKNOWLEDGED if heard.event == "acknowledge" else RESOLVED
        if paged.state == state or not incident.is_running:
            return
        await pages.note(tx, deps.workspace_id, paged.model_copy(update={"state": state}), deps.now())
        who = _person(deps.catalog, heard)
        payload = {"pager": paged.pager, "event": heard.event, "person": who or ""}
        await ledger.write(tx, deps, incident.id, LogKind.PAGE_HEARD, f"pager:{paged.pager}", payload)
        if heard.event == "acknowledge":
            await _taken(tx, deps, incident, paged, who)
        else:
            await _asked_to_end(tx, deps, incident, paged, who)


async def _taken(tx: Tx, deps: Deps, incident: Incident, paged: Paged, who: str | None) -> None:
    if incident.status is not Status.OPEN:
        return
    taken = incident.model_copy(
        update={
            "status": Status.ACKNOWLEDGED,
            "acknowledged_at": deps.now(),
            "acknowledged_by": who,
            "commander": incident.commander or who,
        }
    )
    await incidents.save(tx, taken)
    await wakeups.cancel(tx, deps, wakeups.Work.REMIND, incident.id)
    await paging.taken(tx, deps, taken, apart_from=paged.key)
    by = f"<@{who}>" if who else "somebody"
    text = f"{incident.label} was acknowledged at {paged.pager} by {by}."
    await show.notice(tx, deps, incident, "page:heard", text, people=[who] if who else [])
    await show.card(tx, deps, incident.id)


async def _asked_to_end(tx: Tx, deps: Deps, incident: Incident, paged: Paged, who: str | None) -> None:
    """People end an incident here, after a look whether it works again."""
    by = f" by <@{who}>" if who else ""
    text = f"The page of {incident.label} was resolved at {paged.pager}{by}. Does it work again?"
    buttons = [Button(press=Press.RESOLVE, label="Resolve…", value=incident.id)]
    people = [who] if who else []
    await show.notice(tx, deps, incident, "page:over", text, people=people, buttons=buttons, anew=True)


def _person(catalog: Catalog, heard: PageHeard) -> str | None:
    if heard.by is None:
        return None
    return on_call.chat_id_of(catalog, OnDuty(name=heard.by, email=heard.by if "@" in heard.by else None))
