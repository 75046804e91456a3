"""What an agent may ask: each only reads, and answers with text."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.pipeline import answer_agents
from incident_copilot.pipeline.deps import Deps


class Nothing(Frozen):
    """No arguments."""


class OfIncident(Frozen):
    """Which incident."""

    incident: str = Field(max_length=40, description="As people say it: INC-42.")


class Words(Frozen):
    """What is looked for."""

    words: str = Field(min_length=1, max_length=500, description="An alert's name, or the symptom in words.")


@dataclass(frozen=True)
class AgentTool:
    """One thing that may be asked."""

    description: str
    arguments: type[Frozen]
    answer: Callable[..., Awaitable[str]]

    async def call(self, deps: Deps, arguments: Frozen) -> str:
        """Return the answer. Raises CopilotError."""
        return await self.answer(deps, *(value for _, value in arguments))


TOOLS = {
    "list_incidents": AgentTool(
        "Running incidents in the order of their priority, then those of the last two weeks.",
        Nothing,
        answer_agents.overview,
    ),
    "get_incident": AgentTool(
        "Where an incident stands: severity, lead, alerts, the brief with its likely cause, decisions.",
        OfIncident,
        answer_agents.incident,
    ),
    "get_evidence": AgentTool(
        "What was found for an incident, with its source, query and link.", OfIncident, answer_agents.evidence_of
    ),
    "get_timeline": AgentTool("What was observed of an incident, oldest first.", OfIncident, answer_agents.timeline),
    "get_action_log": AgentTool("What people decided and what was carried out.", OfIncident, answer_agents.log),
    "get_postmortem": AgentTool("The postmortem of an incident, as Markdown.", OfIncident, answer_agents.postmortem),
    "similar_incidents": AgentTool(
        "Past incidents like this one, and how they ended.", OfIncident, answer_agents.similar
    ),
    "search_runbooks": AgentTool(
        "Runbooks that fit an alert or symptom, and the first steps.", Words, answer_agents.runbooks
    ),
}
