"""One switch for all that goes out: while it is on nothing reaches customers, or anything but the chat."""

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, operators, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import switches, texts
from incident_copilot.store.db import CLICKS
from incident_copilot.store.switches import PAUSE


async def pause(deps: Deps, person: Person, reason: str) -> Outcome:
    """Hold back actions, pages, e-mails and updates until somebody lets them go on.

    Raises:
        DecisionRefused: not allowed, or paused already; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    now = deps.now()
    async with ledger.refusals(deps, person, None, {"asked": "pause"}), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.COMMANDER, "pause what goes out")
        if not await switches.turn_on(tx, deps.workspace_id, PAUSE, person.id, now):
            raise DecisionRefused("It is paused already; /incident resume lets it go on.")
        said = reason.strip()[:500]
        kept = await texts.store_text(tx, incident_id=None, author=person.id, text=said, now=now) if said else {}
        await ledger.write_by(tx, deps, None, LogKind.PAUSED, person, {"reason": kept} if kept else {})
        text = f"{person.name} paused all that goes out: actions, pages, e-mails, updates to customers."
        await operators.tell(tx, deps, f"pause:{now:%Y-%m-%dT%H:%M:%S}", text, detail=said)
    return Outcome(text="Paused: no action, page, e-mail or customer update goes out. /incident resume ends it.")


async def resume(deps: Deps, person: Person) -> Outcome:
    """Let what was held back go out; approvals that have grown old meanwhile are not carried out.

    Raises:
        DecisionRefused: not allowed, or not paused; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, None, {"asked": "resume"}), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.COMMANDER, "let go out what is paused")
        if not await switches.turn_off(tx, deps.workspace_id, PAUSE):
            raise DecisionRefused("Nothing is paused.")
        await ledger.write_by(tx, deps, None, LogKind.RESUMED, person, {})
        name = f"resume:{deps.now():%Y-%m-%dT%H:%M:%S}"
        await operators.tell(tx, deps, name, f"{person.name} lets everything go out again.")
    return Outcome(text="What was held back goes out now.")


async def line(deps: Deps) -> str | None:
    """Return since when and by whom it is paused; None where it is not."""
    async with deps.db.read() as db:
        found = await switches.turned(db, deps.workspace_id, PAUSE)
    return f"Paused by <@{found.by}> since {found.at:%-d %b %H:%M} UTC; /incident resume ends it." if found else None
