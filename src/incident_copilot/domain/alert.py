"""Alert: one signal from a monitoring system, in the words all sources share."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc

VOLATILE_LABELS = frozenset({"instance", "pod", "pod_ip", "endpoint", "replica", "prometheus", "container_id", "uid"})


class AlertStatus(StrEnum):
    """Whether the source says the condition holds."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Alert(Frozen):
    """One alert as its source last described it.

    `fingerprint` is the same for the same problem; `starts_at` tells one firing from the next.
    `severity` is the source's own word. `expression` is the query behind the alert, where the source names one.
    """

    source: str
    fingerprint: str
    name: str
    status: AlertStatus
    severity: str | None = None
    service: str | None = None
    environment: str | None = None
    summary: str = ""
    description: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    links: dict[str, str] = Field(default_factory=dict)
    starts_at: Utc
    ends_at: Utc | None = None
    expression: str | None = None

    @property
    def state_key(self) -> str:
        """What makes one delivery where the source sends no delivery id (promise P2)."""
        return f"{self.fingerprint}|{self.starts_at.isoformat()}|{self.status}"


def fingerprint_of(source: str, name: str, labels: Mapping[str, str]) -> str:
    """Return 16 hex digits for the problem that name and labels describe, without labels that change by themselves."""
    stable = sorted((key, value) for key, value in labels.items() if key not in VOLATILE_LABELS)
    text = "\x1f".join([source, name, *(f"{key}\x1e{value}" for key, value in stable)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
