"""Look closer: a piece of evidence, all causes, the score sheet, the model's reasons; nothing is decided here."""

from collections.abc import Awaitable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.errors import StoreUnavailable, UnknownThing
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import look, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import looks, reasons
from incident_copilot.slack.views.modals.parts import View


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the clicks."""

    @app.action(named("evidence"))
    async def evidence(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _view(_evidence(deps, value_of(body))))

    @app.action(named("alternatives"))
    async def alternatives(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _view(_alternatives(deps, value_of(body))))

    @app.action(named("score"))
    async def score(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _view(_score(deps, value_of(body))))

    @app.action(named("reasoning"))
    async def reasoning(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _view(_reasoning(deps, value_of(body))))


async def _view(asked: Awaitable[View | None]) -> View | None:
    try:
        return await asked
    except (StoreUnavailable, UnknownThing):
        return None


async def _evidence(deps: Deps, evidence_id: str) -> View | None:
    found = await read.evidence_of(deps, evidence_id)
    return looks.evidence(found, await read.chart_file(deps, evidence_id)) if found else None


async def _alternatives(deps: Deps, incident_id: str) -> View | None:
    shown = await read.brief(deps, incident_id)
    return looks.alternatives(shown) if shown else None


async def _score(deps: Deps, incident_id: str) -> View | None:
    incident = await read.incident(deps, incident_id)
    return looks.score(incident, incident.score_sheet) if incident.score_sheet else None


async def _reasoning(deps: Deps, investigation_id: str) -> View | None:
    held = await read.investigation(deps, investigation_id)
    return reasons.reasons(held) if held else None
