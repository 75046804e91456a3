"""What is known about an incident, for who asks: the runbooks that fit with their steps, and what was alike before."""

from collections.abc import Sequence

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.match import RunbookMatch
from incident_copilot.knowledge.parameters import fill_parameters, parameters_from
from incident_copilot.knowledge.runbook import Step
from incident_copilot.pipeline import learn
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating import known
from incident_copilot.store import alerts

STEPS = 8
ALIKE = 5
NOTHING_FITS = "No runbook fits {label}, by link, name or words."
NOTHING_ALIKE = "Nothing like {label} is known."


async def runbooks(deps: Deps, incident: Incident) -> list[str]:
    """Return the runbooks that fit with the reason, and the steps of the section to begin with of the first."""
    members = await _members(deps, incident)
    async with deps.db.read() as db:
        trust = await learn.known(db, deps)
    matches = learn.in_order(known.runbooks_for_alerts(deps, incident, members), trust)
    if not matches:
        return [NOTHING_FITS.format(label=incident.label)]
    values = parameters_from(members[0].labels if members else {}, service=incident.service)
    steps = [fill_parameters(step, values) for step in matches[0].section.steps[:STEPS]]
    first, *others = map(_named, matches)
    return [first, *(line for step in steps for line in _lines(step)), *others]


async def similar(deps: Deps, incident: Incident, *, for_models: bool = False) -> list[str]:
    """Return past incidents like this one, what is common, and how they ended; `for_models` those they may see."""
    found = known.similar_to(deps, incident, await _members(deps, incident), ALIKE)
    found = [one for one in found if one.past.for_models or not for_models]
    lines = [line for one in found for line in (_dated(one.past), *known.told(one))]
    return lines or [NOTHING_ALIKE.format(label=incident.label)]


async def _members(deps: Deps, incident: Incident) -> Sequence[Alert]:
    async with deps.db.read() as db:
        return await alerts.belonging(db, incident.id)


def _named(match: RunbookMatch) -> str:
    place = f"{match.runbook.id}#{match.section.id}"
    return f"{match.runbook.title}, {match.section.heading} ({place}): {'; '.join(match.reasons)}"


def _lines(step: Step) -> list[str]:
    risk = f" (risk: {step.risk})" if step.risk else ""
    said = " ".join(filter(None, (f"{step.number}. {step.text}{risk}", step.why, step.caution)))
    return [said, *(f"```{command}```" for command in step.commands)]


def _dated(past: PastIncident) -> str:
    when = f", {past.happened_on}" if past.happened_on else ""
    return f"{past.title} ({past.id}{when})"
