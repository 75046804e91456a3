"""The number of a case that people opened at a vendor: kept where everybody looks."""

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, note, people, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents
from incident_copilot.store.db import CLICKS

LONGEST_CASE = 80


async def note_case(deps: Deps, incident_id: str, person: Person, name: str, case: str) -> Outcome:
    """Keep the number of a case at a vendor: on the card, on the timeline and in the log.

    Raises:
        DecisionRefused: not allowed, no such vendor, or no number; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "note a vendor's case", "vendor": name}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, "note a vendor's case")
        known = [one.name for one in deps.catalog.vendors]
        if name not in known:
            raise DecisionRefused(f"catalog.yaml has no vendor {name}; it has {', '.join(known) or 'none'}.")
        if not case.strip() or len(case) > LONGEST_CASE:
            raise DecisionRefused("Write the number of the case after the vendor's name.")
        cases = incident.vendor_cases | {name: case.strip()}
        changed = await incidents.save(tx, incident.model_copy(update={"vendor_cases": cases}))
        payload = {"vendor": name, "case": case.strip()}
        await ledger.write_by(tx, deps, incident.id, LogKind.VENDOR_CASE, person, payload)
        await note.put(tx, deps, changed, person, f"Case at {name}: {case.strip()}")
        await show.card(tx, deps, incident.id)
    return Outcome(text=f"Case {case.strip()} at {name} is on the card and on the timeline.", incident=changed)
