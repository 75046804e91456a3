"""Show what is measured, and take how useful people found the copilot."""

from datetime import timedelta
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.measures import Rule
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import rate
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats.measured import USUAL, measure
from incident_copilot.slack.listeners.answering import click
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.listeners.wording import duration
from incident_copilot.slack.views import stats as view


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for ratings."""

    @app.action(named("rate"))
    async def rated(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        incident_id, _, stars = str(body["actions"][0]["selected_option"]["value"]).partition(":")

        async def act(person: Person) -> Outcome:
            return await rate.rate(deps, incident_id, person, int(stars) if stars.isdigit() else 0)

        await click(deps, body, ack, respond, act)


async def stats(asked: Asked) -> dict[str, Any]:
    """Show what is measured: `stats 90d`, `stats service checkout`, `stats severity P1`, `stats type latency`."""
    span, rule = wanted(asked.wish.words)
    shown = view.stats(await measure(asked.deps, span, rule))
    return {"text": shown.text, "blocks": shown.blocks}


def wanted(words: tuple[str, ...]) -> tuple[timedelta, Rule]:
    """Return over how long, and of which incidents, is to be measured."""
    span = next((found for word in words if (found := duration(word))), USUAL)
    pairs = dict(zip((word.lower() for word in words), words[1:], strict=False))
    severity = pairs.get("severity")
    rule = Rule(service=pairs.get("service"), severity=severity and severity.upper(), incident_type=pairs.get("type"))
    return span, rule
