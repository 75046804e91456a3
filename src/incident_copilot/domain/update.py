"""Update: what people outside of the incident's channel are told, and what became of it where it was published."""

from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.proposal import Audience


class PublicState(StrEnum):
    """Where an incident is, in the words of status pages."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class Act(StrEnum):
    """What is done with an update."""

    PUBLISH = "publish"
    CORRECT = "correct"
    RETRACT = "retract"


class Update(Frozen):
    """An update as a channel is given it.

    `key` is its idempotency key. `name` is what the incident is called where it is told. `ref` is what the channel
    answered before: of this update where it is corrected, else of the incident's last one, empty for the first.
    """

    key: str
    incident_id: str
    name: str
    text: str
    state: PublicState
    severity: Severity
    service: str | None = None
    audience: Audience
    started_at: Utc
    ref: dict[str, str] = Field(default_factory=dict)


class Publication(Frozen):
    """An update that is out at a channel of copilot.yaml, or in the chat under the name CHAT.

    `promised_at` is when it says that the next one comes.
    """

    proposal_id: str
    channel: str
    incident_id: str
    audience: Audience
    text: str
    state: PublicState
    at: Utc
    ref: dict[str, str] = Field(default_factory=dict)
    link: str | None = None
    promised_at: Utc | None = None
    corrected_at: Utc | None = None
    retracted_at: Utc | None = None


CHAT = "chat"
"""The chat's own channel of updates."""
