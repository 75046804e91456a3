"""Plain values for the tests of the pipeline: each builder takes what the test is about, and fills in the rest."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Statement, Verdict
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INCIDENT_ID = "1" * 32
EXPRESSION = 'job:http_errors:ratio{service="checkout"} > 0.05'

ANA = Person(id="U0ANA", name="Ana", roles=frozenset({Role.RESPONDER, Role.APPROVER}))
BEN = Person(id="U0BEN", name="Ben", roles=frozenset({Role.COMMANDER, Role.APPROVER}))
CARA = Person(id="U0CARA", name="Cara", roles=frozenset({Role.COMMS}))
VIC = Person(id="U0VIC", name="Vic", roles=frozenset({Role.VIEWER}))
GUS = Person(id="U0GUS", name="Gus", is_guest=True)


def alert(name="HighErrorRate", **fields):
    """A firing alert on checkout in production, with an expression; its fingerprint follows from its labels."""
    service = fields.get("service", "checkout")
    severity = fields.get("severity", "critical")
    labels = {"alertname": name, "severity": severity, "service": service, "env": "production", "cluster": "eu-1"}
    labels = {key: value for key, value in labels.items() if value is not None} | fields.pop("labels", {})
    values = {
        "source": "alertmanager",
        "fingerprint": fingerprint_of("alertmanager", name, labels),
        "name": name,
        "status": AlertStatus.FIRING,
        "severity": severity,
        "service": service,
        "environment": "production",
        "summary": "High 5xx ratio on checkout",
        "description": "checkout is failing 20% of requests (threshold 5%).",
        "labels": labels,
        "starts_at": NOON,
        "expression": EXPRESSION,
    }
    return Alert.model_validate(values | fields)


def incident(**fields):
    """A running P1 on checkout, open since noon; not yet in any database."""
    values = {
        "id": INCIDENT_ID,
        "workspace_id": "w",
        "number": 1,
        "title": "High 5xx ratio on checkout",
        "severity": Severity.P1,
        "status": Status.OPEN,
        "service": "checkout",
        "environment": "production",
        "cluster": "eu-1",
        "correlation_key": "service=checkout|env=production|cluster=eu-1",
        "started_at": NOON,
        "opened_at": NOON,
    }
    return Incident.model_validate(values | fields)


def evidence(kind=EvidenceKind.METRIC, **fields):
    """A piece of evidence; by default what the alert of `alert()` measures, at 20 %."""
    values = {
        "id": new_id(NOON),
        "incident_id": INCIDENT_ID,
        "source": "Prometheus",
        "kind": kind,
        "title": "HighErrorRate on checkout",
        "summary": "20 % at 12:00 UTC.",
        "taken_at": NOON,
        "query": 'job:http_errors:ratio{service="checkout"}',
        "data": {"points": points((40, 0.004), (13, 0.2)), "unit": "ratio", "service": "checkout"},
    }
    return Evidence.model_validate(values | fields)


def change(service="payments", version="v2.31.0", *, seconds_before=210, diff="", **fields):
    """Evidence of a deploy so many seconds before noon."""
    data = {
        "service": service,
        "at": (NOON - timedelta(seconds=seconds_before)).timestamp(),
        "version": version,
        "previous": "v2.30.4",
        "author": "tomas",
        "diff": diff,
        "kind": "deploy",
        "ref": "main",
        "repo": f"acme/{service}",
    }
    return evidence(
        EvidenceKind.CHANGE,
        source="GitHub",
        title=f"Deploy of {service} {version}",
        summary=f"tomas deployed {service} {version}.",
        query=None,
        data=data | fields.pop("data", {}),
        **fields,
    )


def points(*stretches, until=NOON, step_s=15):
    """Points that end at `until`: `(count, value)` for each stretch, with a little noise as measurements have."""
    values = [value * (1 + 0.01 * (-1) ** place) for count, value in stretches for place in range(count)]
    first = until.timestamp() - step_s * (len(values) - 1)
    return [[first + step_s * place, value] for place, value in enumerate(values)]


def brief(**fields):
    """A brief that suspects payments v2.31.0."""
    values = {
        "incident_id": INCIDENT_ID,
        "as_of": NOON,
        "headline": "High 5xx ratio on checkout, since 11:57 UTC (3 min)",
        "lines": (Statement(text="checkout is failing 20% of requests.", evidence_ids=("e1",)),),
        "hypotheses": (hypothesis(change_id="e2"),),
        "first_step": Statement(text="Roll back payments to v2.30.4", evidence_ids=("e2",)),
    }
    return Brief.model_validate(values | fields)


def hypothesis(**fields):
    """A likely cause: payments v2.31.0."""
    values = {
        "cause": "payments v2.31.0 (pool_size 20 -> 4)",
        "kind": "change",
        "verdict": Verdict.LIKELY,
        "confidence": 0.74,
        "supporting": (Statement(text="it went out 30 s before errors began", evidence_ids=("e2",)),),
    }
    return Hypothesis.model_validate(values | fields)


def proposal(kind=ProposalKind.CHECK, **fields):
    """An open proposal; what is shown follows from its kind."""
    shown = {
        ProposalKind.CHECK: {"step": "Restart checkout.", "why": "", "commands": [], "runbook": "high-error-rate"},
        ProposalKind.UPDATE: {"audience": "customers", "text": "Some requests to checkout fail."},
        ProposalKind.ACTION: {
            "action": "github_workflow",
            "params": {
                "repo": "acme/payments",
                "workflow": "rollback.yml",
                "ref": "main",
                "service": "payments",
                "version": "v2.30.4",
            },
            "target": "workflow rollback.yml of acme/payments on main",
            "request": "POST …",
            "current": "v2.31.0 is live",
            "effect": "v2.30.4 goes live",
            "undo": "deploy v2.31.0 again",
        },
        ProposalKind.RESOLVE: {},
        ProposalKind.MERGE: {"into": INCIDENT_ID, "why": "checkout depends on payments, 40 s apart"},
    }[kind]
    values = {
        "id": new_id(NOON),
        "incident_id": INCIDENT_ID,
        "workspace_id": "w",
        "kind": kind,
        "key": f"{kind}:{new_id(NOON)}",
        "state": ProposalState.OPEN,
        "title": "Restart checkout",
        "shown": shown,
        "created_at": NOON,
        "expires_at": NOON + timedelta(hours=1),
    }
    return Proposal.model_validate(values | fields)
