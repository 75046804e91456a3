"""/incident bridge: say where the incident's call is: a link, or the huddle of its channel."""

import html
from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import bridge as bridges
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.views import bridge as bridge_view


async def bridge(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Name the bridge, or say where it is."""
    if not asked.wish.words:
        shown = bridge_view.bridge(incident)
        return {"text": shown.text, "blocks": shown.blocks}
    wanted = asked.wish.words[0]
    link = _huddle(asked, incident) if wanted.lower() == "huddle" else _typed(wanted)

    async def act(person: Person) -> Outcome:
        return await bridges.name(asked.deps, incident.id, person, link)

    return await attempted(asked, act)


def _huddle(asked: Asked, incident: Incident) -> str:
    """https://slack.com/help/articles/4402059015315: the link that Slack itself copies for a channel's huddle."""
    return f"https://app.slack.com/huddle/{asked.command['team_id']}/{incident.channel_id or asked.channel}"


def _typed(word: str) -> str:
    """Slack hands links over bare or as <link|text>, escaped."""
    return html.unescape(word).strip("<>").partition("|")[0]
