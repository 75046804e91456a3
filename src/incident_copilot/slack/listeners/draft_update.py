"""Draft the next update, from the reminder that it is due."""

import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Audience
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import draft_comms
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import GONE, click, value_of
from incident_copilot.slack.listeners.buttons import named

_VALUE = re.compile(rf"([0-9a-f]{{32}}):({'|'.join(Audience)})")


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the click."""

    @app.action(named(Press.DRAFT))
    async def draft(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            asked = _VALUE.fullmatch(value_of(body))
            if asked is None:
                raise DecisionRefused(GONE)
            outcome = await draft_comms.draft(deps, asked[1], person, Audience(asked[2]))
            label = outcome.incident.label if outcome.incident else "the incident"
            return outcome.model_copy(update={"text": f"The draft is in the channel of {label}."})

        await click(deps, body, ack, respond, act)
