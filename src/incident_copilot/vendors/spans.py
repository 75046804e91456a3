"""Slow and failing spans as evidence: counted by operation, before the trouble and since, with who called whom."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import Question
from incident_copilot.vendors.log_pages import healthy_until
from incident_copilot.vendors.server import Server

OPERATIONS = 12
_CALLS = 20
_TOLD = 3


class Span(NamedTuple):
    """A span that failed or was slow; `caller` is the service of the span above it, where that is another one."""

    service: str
    operation: str
    ms: float
    failed: bool
    trace: str
    caller: str | None = None


class Sampled(NamedTuple):
    """What was found before the trouble and since; `is_cut`: there is more than was asked for."""

    before: Sequence[Span]
    during: Sequence[Span]
    is_cut: bool


def evidence(
    server: Server, question: Question, service: str, sampled: Sampled, *, query: str, link: str | None = None
) -> list[Evidence]:
    """Return the operations that fail or are slow in traces through a service, or nothing where none is."""
    rows = _rows(sampled)
    if not rows:
        return []
    failing = Counter((span.caller, span.service) for span in sampled.during if span.caller and span.failed)
    data = {
        "service": service,
        "spans": rows,
        "calls": [{"from": above, "to": below, "failing": n} for (above, below), n in failing.most_common(_CALLS)],
        "since": question.since.timestamp(),
        "split": healthy_until(question).timestamp(),
        "until": question.until.timestamp(),
        "truncated": sampled.is_cut,
    }
    title = f"Failing and slow requests of {service}"
    summary = "; ".join(map(_told, rows[:_TOLD])) + "."
    return [
        server.evidence(question, EvidenceKind.TRACE, title=title, summary=summary, data=data, link=link, query=query)
    ]


def _rows(sampled: Sampled) -> list[dict[str, Any]]:
    """Return one row an operation, those with most trouble first."""
    during: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in sampled.during:
        during[span.service, span.operation].append(span)
    before = Counter((span.service, span.operation) for span in sampled.before)
    rows = []
    for (service, operation), found in during.items():
        slowest = max(found, key=lambda span: (span.failed, span.ms))
        failing = sum(span.failed for span in found)
        rows.append(
            {
                "service": service,
                "operation": operation[:200],
                "failing": failing,
                "slow": len(found) - failing,
                "before": before[service, operation],
                "slowest_ms": round(max(span.ms for span in found), 1),
                "trace": slowest.trace,
            }
        )
    return sorted(rows, key=lambda row: (row["failing"], row["slow"]), reverse=True)[:OPERATIONS]


def _told(row: dict[str, Any]) -> str:
    counts = [f"{row[what]} {what}" for what in ("failing", "slow") if row[what]]
    slowest = f"slowest {row['slowest_ms'] / 1000:,.3g} s"
    return f"{row['service']} {row['operation']}: {', '.join(counts)}, {row['before'] or 'none'} before, {slowest}"
