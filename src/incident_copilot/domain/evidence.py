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
    TRACE = "trace"
    ERROR = "error"
    PROFILE = "profile"
    CHANGE = "change"
    RUNBOOK = "runbook"
    STATUS_PAGE = "status_page"
    PERSON = "person"
    NOTE = "note"
    SAMPLE = "sample"
    INCIDENT = "incident"

    @property
    def writer(self) -> str | None:
        """Who says what such evidence says, as in "An alert"; None where it is measured or listed."""
        return _WRITERS.get(self)


_WRITERS = {
    EvidenceKind.ALERT: "An alert",
    EvidenceKind.LOG: "The log",
    EvidenceKind.ERROR: "An error message",
    EvidenceKind.RUNBOOK: "A runbook",
    EvidenceKind.STATUS_PAGE: "A status page",
    EvidenceKind.NOTE: "A tool",
    EvidenceKind.INCIDENT: "A past incident",
}


class Quote(Frozen):
    """Words of others in a text of ours: who says them, as in "An alert", and what."""

    by: str
    text: str


class Evidence(Frozen):
    """One finding that statements may cite by `id`.

    `data` is JSON by kind:
    METRIC {"points": [[epoch_s, value], ...], "unit": str, "service": str | None, "labels": {...}}, and "parts":
    [{"by": "statement" | "wait" | "user", "name": str, "value": float, "waits": {name: value}}] where it is known what
    a load consists of, and where it was asked for "week_before": points of the same hours a week before, with the times
    of "points";
    LOG {"lines": [[epoch_s, text], ...], "truncated": bool, "service": str | None, "since": epoch_s, "until": epoch_s},
    and "events": true where each line is told by a platform, such as a failover or an eviction;
    CHANGE {"service": str, "at": epoch_s, "version": str, "previous": str | None, "author": str, "diff": str,
    "kind": "deploy" | "release" | "merge" | "run" | "rollout" | "flag" | "configuration", "ref": str, "repo": str};
    TRACE {"service": str, "spans": [{"service", "operation", "failing", "slow", "before", "slowest_ms", "trace"}, ...],
    "calls": [{"from", "to", "failing"}, ...], "since": epoch_s, "split": epoch_s, "until": epoch_s, "truncated": bool};
    PROFILE {"service": str, "type": str, "functions": [{"function", "before", "during"}, ...]} with shares of 1;
    ERROR {"service": str, "state": "new" | "regressed" | "ongoing", "count": int, "first_seen": epoch_s,
    "last_seen": epoch_s, "level": str, "where": str};
    PERSON {"name": str, "role": "on call", "schedule": str, "until": epoch_s | None, "service": str | None};
    STATUS_PAGE {"provider": str, "state": str, "since": epoch_s | None, "detail": str};
    RUNBOOK {"runbook": slug, "section": anchor, "steps": [...]}; NOTE {"text": str};
    SAMPLE {"system": str, "service": str, "n": int, "bad": int, "text": str}, of requests to an AI system that were
    looked at, with "slices": [str] and "values": [{"label", "value", "rates", "carries", "p",
    "stands_out"}, ...], or of its metrics, with "findings": [{"metric", "group", "outcome", "summary"}, ...];
    METRIC of an AI system also {"observed": [system, metric, group]};
    INCIDENT {"id": str, "source": str, "happened_on": str | None, "cause": str, "ended": str, "for_models": bool};
    and of any kind, where a model had a source asked: {"window": str}, the time that it was asked about in words.
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

    @property
    def is_written(self) -> bool:
        """Whether anybody can have written what it says: labels of requests are words of their senders, too."""
        return self.kind in (EvidenceKind.LOG, EvidenceKind.ERROR, EvidenceKind.NOTE) or "values" in self.data


class EvidenceGap(Frozen):
    """A source that could not be asked, in words people read: "Loki: no answer in 3 s".

    `still_asked`: its answer may come yet, and then the brief is refreshed.
    """

    source: str
    reason: str
    still_asked: bool = False


class ContextBundle(Frozen):
    """All evidence and gaps of one gathering."""

    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[EvidenceGap, ...] = ()

    @property
    def still_asked(self) -> tuple[str, ...]:
        """The sources whose answers may come yet."""
        return tuple(gap.source for gap in self.gaps if gap.still_asked)
