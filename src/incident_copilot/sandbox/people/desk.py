"""What every act of a person needs at hand: the workspace, the way to the app, and the book of refusals."""

from dataclasses import dataclass

from incident_copilot.sandbox.delivery.delivery import Delivery
from incident_copilot.sandbox.manifest import Manifest
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.web_api import WebApi


@dataclass(frozen=True, slots=True)
class Desk:
    workspace: Workspace
    delivery: Delivery
    manifest: Manifest
    web_api: WebApi

    def response_url(self, user: str, channel: Channel, ts: str | None = None) -> str:
        url = self.workspace.response_urls.new(user, channel.id, ts)
        return f"{self.workspace.base_url}/response/{url.id}"
