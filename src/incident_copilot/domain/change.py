"""Change: something people or machines did to a service, such as a deployment; never an alert by itself."""

from enum import StrEnum

from incident_copilot.domain.base import Frozen, Utc


class ChangeKind(StrEnum):
    """What was done."""

    DEPLOYMENT = "deployment"
    MERGE = "merge"
    RUN = "run"
    RELEASE = "release"
    CONFIGURATION = "configuration"
    MODEL = "model"
    PROMPT = "prompt"
    DATASET = "dataset"


class ChangeStatus(StrEnum):
    """How far it is."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Change(Frozen):
    """One change as its source last described it; `key` is the same when it begins and when it ends.

    `at` is when its source last described it so, `began` when it first did, where that was earlier.
    """

    source: str
    key: str
    kind: ChangeKind
    status: ChangeStatus
    title: str
    service: str | None = None
    environment: str | None = None
    version: str | None = None
    by: str | None = None
    link: str | None = None
    at: Utc
    began: Utc | None = None

    @property
    def state_key(self) -> str:
        """What makes one delivery where the source sends no delivery id (promise P2)."""
        return f"{self.key}|{self.at.isoformat()}|{self.status}"
