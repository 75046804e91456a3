"""Person: somebody in the workspace and what they may do."""

from enum import StrEnum

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.proposal import Risk


class Role(StrEnum):
    """What a person may do; each role includes the ones above it in this list, viewer first."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    COMMS = "comms"
    APPROVER = "approver"
    COMMANDER = "commander"
    ADMIN = "admin"


class Person(Frozen):
    """Somebody as the chat workspace and the catalogue describe them at the moment of a click.

    Of actions they may approve those up to `max_risk`, and where `services` names some, those on one of these.
    """

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    is_bot: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    is_deactivated: bool = False
    max_risk: Risk = Risk.HIGH
    services: tuple[str, ...] = ()

    @property
    def is_outsider(self) -> bool:
        """Guests, bots, strangers from other workspaces and deactivated people decide nothing."""
        return self.is_bot or self.is_guest or self.is_stranger or self.is_deactivated
