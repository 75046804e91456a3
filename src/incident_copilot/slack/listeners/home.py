"""App Home: shown anew each time somebody opens it."""

import logging
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import ChatError, DecisionRefused
from incident_copilot.pipeline import my_work, people, read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats import told
from incident_copilot.pipeline.stats.measured import lately
from incident_copilot.slack.calls import call
from incident_copilot.slack.listeners import ask
from incident_copilot.slack.views.home import closed, home
from incident_copilot.slack.views.modals.parts import View

log = logging.getLogger(__name__)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for people who open the tab."""

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        try:
            viewer = await people.known(deps, event["user"])
        except DecisionRefused as refusal:
            log.info("App Home was not shown: %s", refusal)
            return
        may_see = people.has(viewer, Role.VIEWER)
        if event.get("tab", "home") == "home":
            await _publish(client, viewer, await _view(deps, viewer) if may_see else closed())
        elif may_see:
            await ask.suggest(deps, client, event["channel"])


async def _view(deps: Deps, viewer: Person) -> View:
    ordered = await read.in_order(deps)
    running = [(incident, await read.open_proposals(deps, incident.id)) for incident, _ in ordered]
    priorities = {incident.id: priority for incident, priority in ordered}
    work = await my_work.my_work(deps, viewer)
    measured = told.shortest(await lately(deps))
    return home(running, await read.sources(deps), priorities, work, deps.policy.public_url, measured)


async def _publish(client: AsyncWebClient, viewer: Person, view: View) -> None:
    try:
        await call(client, "views.publish", repeatable=True, user_id=viewer.id, view=view)
    except ChatError as error:
        log.info("App Home was not shown: %s", error)
