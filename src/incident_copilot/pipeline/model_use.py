"""Whether an incident may be told to a language model, and the ledger of what was told."""

import re
from collections.abc import Collection, Sequence
from datetime import timedelta

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import new_id
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.egress import Egress
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.incident import Incident, Severity
from incident_copilot.domain.incident_type import RESTRICTED, of
from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.outgoing import Outgoing, outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.domain.redaction import Redactor
from incident_copilot.llm.names import Known
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import alerts, egress, evidence, model_calls, people
from incident_copilot.store.db import Tx

_NAMES_PEOPLE = {EvidenceKind.PERSON: "name", EvidenceKind.CHANGE: "author"}
"""Evidence that names people, and where."""
_FULL_NAME = re.compile(r"[^\W\d_]\.?[ ._][^\W\d_]")
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


def why_no_model(incident: Incident, services: Collection[str], catalog: Catalog) -> str | None:
    """Return why no model may see an incident, in words people read; None where one may.

    The drafts of such an incident are holding statements, too.
    """
    if incident.private:
        return "it is private"
    if incident.incident_type in RESTRICTED:
        return f"it is about {of(incident.incident_type).title}"
    opted_out = sorted(catalog.opted_out.intersection(services))
    return f"{opted_out[0]} opted out in the catalogue" if opted_out else None


async def why_not_now(db: Tx, deps: Deps, incident: Incident) -> str | None:
    """Return in words people read why no model may be asked about an incident just now; None where one may."""
    if over := await over_share(db, deps, incident):
        return over
    of_incident = await model_calls.spent(db, deps.workspace_id, incident_id=incident.id)
    # Its steps are for testing causes.
    if over := deps.policy.model_budget.too_dear(of_incident, "for this incident"):
        return over
    because = await why_never(db, deps, incident)
    return f"no model may see this incident: {because}" if because else None


async def why_never(db: Tx, deps: Deps, incident: Incident) -> str | None:
    """Return why no model may see an incident at all; None where one may."""
    return (await why_none_sees(db, deps, [incident])).get(incident.id)


async def why_none_sees(db: Tx, deps: Deps, found: Sequence[Incident]) -> dict[str, str]:
    """Return of those incidents that no model may see at all why, by id."""
    named = await alerts.services(db, [one.id for one in found])
    whys = {one.id: why_no_model(one, {*named.get(one.id, ()), one.service or ""}, deps.catalog) for one in found}
    return {incident_id: why for incident_id, why in whys.items() if why}


async def over_share(db: Tx, deps: Deps, incident: Incident | None) -> str | None:
    """Return in words people read why no more is asked this hour, or today; None where more may be.

    Half of an hour's calls and of a day's budget is kept for P0 and P1: whoever makes many small incidents, or has the
    answers of an AI system judged, must not take the model from a big one.
    """
    asked = await model_calls.count_since(db, deps.workspace_id, deps.now() - AN_HOUR)
    today = await model_calls.spent(db, deps.workspace_id, since=deps.now() - A_DAY)
    most, budget, below = deps.policy.model_calls_per_hour, deps.policy.model_budget_a_day, ""
    if incident is None or incident.severity not in (Severity.P0, Severity.P1):
        most, budget, below = most - most // 2, budget.half, " for what is no P0 or P1"
    if asked >= most:
        return f"the model was asked as often this hour as the settings allow{below}"
    return budget.used_up(today, f"for today{below}")


def services_of(incident: Incident, members: Sequence[Alert]) -> frozenset[str]:
    """Return the services that an incident is about: its own and those of its alerts."""
    named = (incident.service, *(alert.service for alert in members))
    return frozenset(name for name in named if name)


def known_names(catalog: Catalog) -> Known:
    """Return the names that a model may speak of."""
    return Known(services=frozenset(service.name for service in catalog.services))


async def what_leaves(
    deps: Deps,
    text: str,
    results: Sequence[str] = (),
    *,
    incident_id: str | None = None,
    spare: Sequence[str] = (),
    role: Role = Role.FAST,
) -> Outgoing:
    """Return what leaves of a text and of the results of tools, without the names of people who are known.

    It is for a model that may have no room for `spare` lines.
    """
    redactor = Redactor(addresses=deps.policy.hide_addresses, people=await _known_people(deps, incident_id))
    return outgoing(text, redactor, results, spare=spare, room=room(deps, role))


async def _known_people(deps: Deps, incident_id: str | None) -> set[str]:
    """Return full names of who has used the copilot, is in the catalogue, or of an incident on call or an author.

    One word alone may be another word, too, or a name of many people; so it is left.
    """
    async with deps.db.read() as db:
        seen = await people.names(db, deps.workspace_id)
        found = await evidence.of_kinds(db, incident_id, [*_NAMES_PEOPLE]) if incident_id else []
    named = {*seen.values(), *(one.name for one in deps.catalog.people)}
    named |= {str(item.data.get(_NAMES_PEOPLE[item.kind])) for item in found}
    things = {service.name.casefold() for service in deps.catalog.services}
    return {name for name in named if _FULL_NAME.search(name) and name.casefold() not in things}


def room(deps: Deps, role: Role = Role.FAST) -> int | None:
    """Return how many characters of material a question may have; None where none was too long yet."""
    return deps.llm.room(role) if deps.llm else None


async def note_egress(deps: Deps, incident_id: str | None, prompt: Prompt, leaving: Outgoing) -> Egress:
    """Write into the ledger what is about to leave, before it does; return the entry."""
    now = deps.now()
    sent = Egress(
        id=new_id(now),
        at=now,
        endpoint=deps.policy.model_endpoint,
        purpose=prompt.purpose,
        prompt=f"{prompt.purpose} {prompt.version}",
        characters=leaving.characters,
        digest=leaving.digest,
        hidden=dict(leaving.hidden),
    )
    async with deps.db.transaction() as tx:
        await egress.add(tx, deps.workspace_id, incident_id, sent)
    return sent


async def note_call(tx: Tx, deps: Deps, incident_id: str | None, purpose: str, call: ModelCall) -> None:
    """Keep a call, answered or not; one that was made for no incident has no id."""
    await model_calls.add(
        tx, workspace_id=deps.workspace_id, incident_id=incident_id, purpose=purpose, call=call, now=deps.now()
    )


async def note_grounding(tx: Tx, sent: Egress, *, model: str, kept: int, struck: int) -> None:
    """Write how much of an answer was supported."""
    await egress.note_answer(tx, sent, model=model, sentences=kept + struck, struck=struck)
