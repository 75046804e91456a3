"""Evidence: what was found, where and when; and the gaps where nothing could be looked up."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class EvidenceKind(StrEnum):
    """What sort of thing was looked at."""

    ALERT = "alert"
    METRIC = "metric"
    LOG = "log"
    CHANGE = "change"
    RUNBOOK = "runbook"
    STATUS_PAGE = "status_page"
    INCIDENT = "incident"


class Evidence(Frozen):
    """One finding that statements may cite by `id`.

    `data` is JSON by kind: METRIC {"points": [[epoch_s, value], ...], "unit": str, "service": str | None}, and "parts":
    [{"by": "statement" | "wait" | "user", "name": str, "value": float, "waits": {name: value}}] where it is known what
    a load consists of;
    LOG {"lines": [[epoch_s, text], ...], "truncated": bool, "service": str | None, "since": epoch_s, "until": epoch_s},
    and "events": true where each line is told by a platform, such as a failover or an eviction;
    CHANGE {"service": str, "at": epoch_s, "version": str, "previous": str | None, "author": str, "diff": str,
    "kind": "deploy", "ref": str, "repo": str}; STATUS_PAGE {"provider": str, "state": str, "since": epoch_s | None,
    "detail": str}; RUNBOOK {"runbook": slug, "section": anchor, "steps": [...]}.
    """

    id: str
    incident_id: str
    source: str
    kind: EvidenceKind
    title: str
    summary: str
    taken_at: Utc
    link: str | None = None
    query: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class EvidenceGap(Frozen):
    """A source that could not be asked, in words people read: "Loki: no answer in 3 s"."""

    source: str
    reason: str


class ContextBundle(Frozen):
    """All evidence and gaps of one gathering."""

    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[EvidenceGap, ...] = ()
