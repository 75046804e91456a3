"""App Home: shown anew each time somebody opens it."""

import logging
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.errors import ChatError
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.slack.listeners import ask
from incident_copilot.slack.views.home import home

log = logging.getLogger(__name__)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for people who open the tab."""

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        if event.get("tab", "home") != "home":
            await ask.suggest(deps, client, event["channel"])
            return
        ordered = await read.in_order(deps)
        running = [(incident, await read.open_proposals(deps, incident.id)) for incident, _ in ordered]
        view = home(running, await read.sources(deps), {incident.id: priority for incident, priority in ordered})
        try:
            await call(client, "views.publish", repeatable=True, user_id=event["user"], view=view)
        except ChatError as error:
            log.info("App Home was not shown: %s", error)
