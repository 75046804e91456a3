"""Incidents of AI systems, written for this eval: what the five phases are given, and which cause is right.

In each a decoy went out near the onset. Whoever wrote them had seen the rules, so they say whether a model spoils an
answer rather than whether the computed one is good.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from evals.briefs import deps_of, incident_of
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.observation import Figure, Interaction, Observed, Signal, SignalKind
from incident_copilot.domain.verdict import Verdict
from incident_copilot.pipeline.investigate import investigate
from incident_copilot.pipeline.investigating.monitored import monitor_evidence
from incident_copilot.pipeline.investigating.observed import Watched, request_evidence, series_evidence

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ONSET = NOON - timedelta(minutes=10)
SYSTEM = "assistant"
DATA = {"documents": "dataset"}
CATALOG = Catalog(
    services=(
        Service(name=SYSTEM, depends_on=("retriever", "documents", "Acme AI")),
        Service(name="retriever", depends_on=("documents",)),
        Service(name="documents", kind="dataset"),
    )
)
BAD = (Signal(kind=SignalKind.LOW_QUALITY),)


@dataclass(frozen=True)
class Written:
    """One incident; `right` is the change or, where none is to blame, the kind of the cause.

    `bad` is the share of bad answers by label value since the onset, of 60 requests each; before it is one in twenty.
    """

    name: str
    incident_type: str
    right: str
    changes: Mapping[str, tuple[str, str, str, int]]
    bad: Mapping[tuple[str, str], float]
    findings: Sequence[tuple[str, str]] = ()
    provider: str = "operational"


CASES = (
    Written(
        "a promoted model answers worse",
        "model_regression",
        "model",
        {"model": (SYSTEM, "v2", "model", 660), "run": ("documents", "r9", "dataset", 630)},
        {("version", "v1"): 0.05, ("version", "v2"): 0.6},
    ),
    Written(
        "a prompt fails in one segment",
        "quality_degradation",
        "prompt",
        {"prompt": (SYSTEM, "support-5", "prompt", 720), "flag": (SYSTEM, "new-ui", "flag", 640)},
        {("prompt", "support-4"): 0.05, ("prompt", "support-5"): 0.5},
    ),
    Written(
        "a run left the documents old",
        "context_retrieval",
        "run",
        {"run": ("documents", "r9", "dataset", 650), "flag": (SYSTEM, "new-ui", "flag", 3000)},
        {("language", "en"): 0.4, ("language", "de"): 0.42},
        [("data.age_s", "The newest document is 19 h old, 1 h before.")],
    ),
    Written(
        "the provider fails",
        "dependency",
        "external provider",
        {"flag": (SYSTEM, "new-ui", "flag", 2400)},
        {("model", "large"): 0.6, ("model", "small"): 0.58},
        [("provider.availability", "Acme AI answers 71 % of requests, 99.9 % before.")],
        "outage",
    ),
)


def in_full(case: Written) -> tuple[Incident, ContextBundle, Brief]:
    """Return a case as the product sees it, and its computed answer."""
    incident = incident_of(case.name, SYSTEM, started=ONSET, opened=NOON, incident_type=case.incident_type)
    deps = deps_of(CATALOG, NOON)
    alert = Alert(
        source="eval",
        fingerprint=case.name,
        name=case.name,
        status=AlertStatus.FIRING,
        summary=case.name,
        service=SYSTEM,
        starts_at=NOON,
        labels={"system": SYSTEM, "metric": "quality.accuracy"},
    )
    seen = Watched(SYSTEM, list(_figures()), list(_requests(case)), [_verdict(*one) for one in case.findings])
    told = [*_changes(case), _page(case), _evidence(EvidenceKind.ALERT, "alert", case.name, {})]
    observed = [*series_evidence(deps, incident, seen), *monitor_evidence(deps, incident, seen)]
    bundle = ContextBundle(evidence=(*told, *observed, *request_evidence(deps, incident, seen, ONSET)))
    return incident, bundle, investigate(deps, incident, [alert], bundle, seen=seen).brief


def passes(case: Written, brief: Brief) -> bool:
    """Return whether a brief's first cause is the right one."""
    first = brief.hypotheses[0]
    return (first.change_id or first.kind) == case.right


def _figures() -> Iterator[Observed]:
    for minute in range(90):
        at = NOON - timedelta(minutes=89 - minute)
        good = (93 if at < ONSET else 70) + minute % 2
        yield Observed(at=at, figure=Figure(metric="quality.accuracy", successes=good, n=100))
        yield Observed(at=at, figure=Figure(metric="cost.tokens_output", value=900.0 + minute % 7))


def _requests(case: Written) -> Iterator[Interaction]:
    for (label, value), share in case.bad.items():
        for since, bad in ((False, 0.05), (True, share)):
            for place in range(60):
                yield Interaction(
                    system=SYSTEM,
                    id=f"{value}-{since}-{place}",
                    at=ONSET + timedelta(seconds=5 * place) if since else ONSET - timedelta(seconds=30 * (place + 1)),
                    labels={label: value},
                    signals=BAD if place < bad * 60 else (),
                )


def _verdict(metric: str, summary: str) -> Verdict:
    told = {"system": SYSTEM, "monitor": "eval", "metric": metric, "outcome": "firing", "kind": "bad_data"}
    return Verdict.model_validate({**told, "incident_type": "data_quality", "summary": summary, "at": NOON})


def _changes(case: Written) -> Iterator[Evidence]:
    for name, (service, version, kind, seconds_before) in case.changes.items():
        at = (NOON - timedelta(seconds=seconds_before)).timestamp()
        data = {"service": service, "at": at, "version": version, "previous": None, "author": "", "diff": ""}
        yield _evidence(EvidenceKind.CHANGE, name, f"{kind} of {service} {version}", {**data, "kind": kind, "ref": ""})


def _page(case: Written) -> Evidence:
    since = ONSET.timestamp() if case.provider != "operational" else None
    data = {"provider": "Acme AI", "state": case.provider, "since": since, "detail": "chat completions"}
    return _evidence(EvidenceKind.STATUS_PAGE, "page", "Acme AI", data)


def _evidence(kind: EvidenceKind, name: str, title: str, data: Mapping[str, Any]) -> Evidence:
    told = {"id": name, "incident_id": "i", "source": "eval", "kind": kind, "title": title, "summary": title}
    return Evidence.model_validate({**told, "taken_at": NOON, "data": data})
