"""What a language model would be sent about an incident, what it was sent, and how much of its words stood."""

from incident_copilot.domain.egress import Egress
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import UnknownThing
from incident_copilot.pipeline import answer, model_use, word_brief
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import alerts, egress, evidence, incidents
from incident_copilot.store.db import Tx


async def preview(deps: Deps, number: int, question: str | None = None) -> list[str]:
    """Return, line by line, what the model would be sent to word the newest brief or to answer a question.

    Raises:
        UnknownThing: there is no such incident.
    """
    async with deps.db.read() as db:
        incident = await _incident(db, deps, number)
        services = model_use.services_of(incident, await alerts.belonging(db, incident.id))
        why = model_use.why_no_model(incident, services, deps.catalog)
        brief = await evidence.latest_brief(db, incident.id)
        facts = await word_brief.facts_in(db, brief) if brief else []
    if why:
        return [f"No model sees {incident.label}: {why}."]
    if question:
        return _shown(deps, answer.PROMPT, await answer.would_ask(deps, incident, question))
    if not facts:
        return [f"{incident.label} has no brief yet."]
    return _shown(deps, word_brief.PROMPT, word_brief.as_text(facts))


def _shown(deps: Deps, prompt: Prompt, text: str) -> list[str]:
    leaving = model_use.what_leaves(deps, text)
    head = f"To {deps.policy.model_endpoint or 'no model, as none is configured'}: {len(leaving.text)} characters"
    return [f"{head}, hidden: {_kinds(leaving.hidden)}.", "", *prompt.instructions.splitlines(), "", leaving.text]


async def ledger(deps: Deps, number: int) -> list[str]:
    """Return a line for each text that left for an incident.

    Raises:
        UnknownThing: there is no such incident.
    """
    async with deps.db.read() as db:
        incident = await _incident(db, deps, number)
        sent = await egress.of_incident(db, incident.id)
    return [_line(one) for one in sent] or [f"Nothing left for a model about {incident.label}."]


async def grounding(deps: Deps) -> list[str]:
    """Return a line for each model and prompt: how many of its sentences evidence supported."""
    async with deps.db.read() as db:
        rates = await egress.rates(db, deps.workspace_id)
    return [
        f"{one.model}, {one.prompt}: {one.sentences - one.struck} of {one.sentences} sentences stood" for one in rates
    ] or ["No model has answered yet."]


async def _incident(db: Tx, deps: Deps, number: int) -> Incident:
    incident = await incidents.by_number(db, deps.workspace_id, number)
    if incident is None:
        raise UnknownThing(f"there is no INC-{number}")
    return incident


def _line(sent: Egress) -> str:
    told = f"{sent.at:%Y-%m-%d %H:%M:%S} UTC to {sent.endpoint}: {sent.prompt}, {sent.characters} characters"
    answered = "" if sent.sentences is None else f"; {sent.struck} of {sent.sentences} sentences struck"
    return f"{told}, sha256 {sent.digest[:12]}, hidden: {_kinds(sent.hidden)}{answered}"


def _kinds(hidden: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(hidden.items())) or "nothing"
