"""What a language model would be sent about an incident, what it was sent, and how much of its words stood."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum

from incident_copilot.domain.egress import Egress
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.model_call import Role
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import UnknownThing
from incident_copilot.llm.digest import PART
from incident_copilot.llm.labelled import as_lines
from incident_copilot.pipeline import answer, investigate_by_model, model_use, recap, word_brief
from incident_copilot.pipeline.comms import wording
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import egress, evidence, incidents
from incident_copilot.store.db import Tx


class Purpose(StrEnum):
    """What a model is asked for."""

    BRIEF = "brief"
    DIGEST = "digest"
    CAUSES = "causes"
    UPDATES = "updates"


async def preview(deps: Deps, number: int, question: str | None = None, purpose: Purpose = Purpose.BRIEF) -> list[str]:
    """Return, line by line, what the model would be sent now with a question, or else for a purpose.

    Raises:
        UnknownThing: there is no such incident.
    """
    async with deps.db.read() as db:
        incident = await _incident(db, deps, number)
        why = await model_use.why_never(db, deps, incident)
    if why:
        return [f"No model sees {incident.label}: {why}."]
    if question:
        text, spare = await answer.would_ask(deps, incident, question)
        return await _shown(deps, incident, answer.PROMPT, text, spare)
    return await _TOLD[purpose](deps, incident)


async def _brief(deps: Deps, incident: Incident) -> list[str]:
    async with deps.db.read() as db:
        brief = await evidence.latest_brief(db, incident.id)
        facts = await word_brief.facts_in(db, brief, deps.catalog) if brief else []
    if not facts:
        return [f"{incident.label} has no brief yet."]
    return await _shown(deps, incident, word_brief.PROMPT, word_brief.as_text(facts))


async def _digest(deps: Deps, incident: Incident) -> list[str]:
    """What somebody has asked who never looked before: all messages, as far as there is room."""
    shown = await recap.told_since(deps, incident.id, recap.NOBODY, None)
    if not shown.note:
        return [f"No model is asked: the messages of {incident.label} are few enough to be shown as they are."]
    parts = recap.asked_of(deps, shown)
    asked = []
    for part in parts.questions:
        asked += ["", *await _shown(deps, incident, PART, as_lines(part), parts.spare(part))]
    more = ["", "Last, the sentences about the parts, to put them together."] if len(parts.questions) > 1 else []
    return [f"{parts.used()}.", *asked, *more]


async def _causes(deps: Deps, incident: Incident) -> list[str]:
    asked = await investigate_by_model.would_ask(deps, incident.id)
    if asked is None:
        return [f"{incident.label} has no causes to test yet."]
    prompt, text, spare = asked
    return [
        *await _shown(deps, incident, prompt, text, spare, Role.STRONG),
        "",
        "Later also what its tools show, hidden and marked in the same way.",
    ]


async def _updates(deps: Deps, incident: Incident) -> list[str]:
    drafts = await wording.would_ask(deps, incident.id)
    asked = [line for prompt, text in drafts for line in ("", *await _shown(deps, incident, prompt, text))]
    return asked[1:] or [f"No draft of an update of {incident.label} waits to be worded."]


_TOLD: Mapping[Purpose, Callable[[Deps, Incident], Awaitable[list[str]]]] = {
    Purpose.BRIEF: _brief,
    Purpose.DIGEST: _digest,
    Purpose.CAUSES: _causes,
    Purpose.UPDATES: _updates,
}


async def _shown(
    deps: Deps, incident: Incident, prompt: Prompt, text: str, spare: Sequence[str] = (), role: Role = Role.FAST
) -> list[str]:
    leaving = await model_use.what_leaves(deps, text, incident_id=incident.id, spare=spare, role=role)
    head = f"To {deps.policy.model_endpoint or 'no model, as none is configured'}: {len(leaving.text)} characters"
    cut = f", {leaving.lacks} for want of room" if leaving.lacks else ""
    return [f"{head}, hidden: {_kinds(leaving.hidden)}{cut}.", "", *prompt.instructions.splitlines(), "", leaving.text]


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


def _kinds(hidden: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(hidden.items())) or "nothing"
