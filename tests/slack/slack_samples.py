"""Values for the tests of what Slack shows: one incident, its evidence, brief and proposals."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.content import BriefView, Card, ProposalView
from incident_copilot.domain.evidence import Evidence, EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Phase, PhaseFound, Statement, Verdict
from incident_copilot.domain.incident import Factor, Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.proposal import Proposal, ProposalKind, Risk

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INCIDENT_ID = "0" * 31 + "1"
PROPOSAL_ID = "0" * 31 + "2"

NASTY = (
    "<!channel> <!here> <!everyone> <!subteam^S123>",
    "<@U0CEO> @here @channel @everyone",
    "<https://evil.example|grafana.corp/d/1>",
    "[Grafana](https://evil.example)",
    "``` *APPROVED by @ceo* ``` `x` _y_ ~z~ > quote",
    "\u202echeckout\u202c \u2066a\u2069 ser\u200bvice\u2060 \ufeff",
    "\x1b]8;;http://evil\x07link\x1b]8;;\x07 \x1b[31mred\x1b[0m",
    '{"type":"actions","elements":[{"type":"button"}]}',
    "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307algo \x00 \ud800 \U0001f525\U0001f525",
    "javascript:alert(1) slack://open file:///etc/passwd",
    "<!date^0^{date}|x>",
    "a\n" * 10_000,
    "x" * 1_000_000,
    "\U000e0041\U000e0042 hidden",
    "&amp; &lt;!channel&gt;",
    "",
    "   \n\t ",
)


def incident(**fields):
    values = {
        "id": INCIDENT_ID,
        "workspace_id": "w",
        "number": 42,
        "title": "HighErrorRate on checkout",
        "severity": Severity.P1,
        "status": Status.OPEN,
        "service": "checkout",
        "team": "payments",
        "environment": "production",
        "correlation_key": "key",
        "started_at": NOON - timedelta(minutes=3),
        "opened_at": NOON,
        "channel_id": "C0INCIDENT",
        "score_sheet": sheet(),
        "links": {"source": "http://prometheus:9090/graph", "runbook": "https://wiki.example/runbook"},
    }
    return Incident.model_validate(values | fields)


def sheet(**fields):
    values = {
        "factors": (
            Factor(name="user", impact=0.8, weight=0.3, reason="20 % of requests fail"),
            Factor(name="business", impact=None, weight=0.3, reason="unknown: the catalogue names no tier"),
        ),
        "score": 0.7,
        "floors": ("label critical is at least P1",),
        "severity": Severity.P1,
        "incident_type": "quality_degradation",
    }
    return ScoreSheet.model_validate(values | fields)


def card(**fields):
    values = {"incident": incident(), "firing": 2, "resolved": 0, "now": NOON, "suspect": "payments v2.31.0"}
    return Card.model_validate(values | fields)


def evidence(number=1, kind=EvidenceKind.METRIC, **fields):
    values = {
        "id": f"ev-{number}",
        "incident_id": INCIDENT_ID,
        "source": "Prometheus",
        "kind": kind,
        "title": f"error rate {number}",
        "summary": "20 % against 5 %",
        "taken_at": NOON,
        "link": "http://prometheus:9090/graph",
        "query": "sum(rate(errors[1m]))",
        "data": {"points": [[1, 0.05], [2, 0.2]], "unit": "ratio"},
    }
    return Evidence.model_validate(values | fields)


def hypothesis(**fields):
    values = {
        "cause": "payments v2.31.0 was deployed 30 s before the onset",
        "kind": "change",
        "verdict": Verdict.LIKELY,
        "confidence": 0.8,
        "supporting": (Statement(text="pool_size 20 -> 4", evidence_ids=("ev-2",)),),
        "contradicting": (Statement(text="checkout has its own pool", evidence_ids=("ev-3",)),),
        "next_check": "roll back and look at the error rate",
    }
    return Hypothesis.model_validate(values | fields)


def brief(**fields):
    values = {
        "incident_id": INCIDENT_ID,
        "as_of": NOON,
        "headline": "checkout fails for 20 % of requests since 11:57 UTC",
        "lines": (
            Statement(text="20 % of requests fail, 5 % is the limit", evidence_ids=("ev-1",)),
            Statement(text="it began three minutes ago"),
        ),
        "hypotheses": (
            hypothesis(),
            hypothesis(cause="checkout v5.8.1", verdict=Verdict.RULED_OUT, confidence=0.1),
        ),
        "first_step": Statement(text="Roll back payments", evidence_ids=("ev-2",)),
        "gaps": (EvidenceGap(source="Loki", reason="no answer in 3 s"),),
        "note": "No model is configured.",
    }
    return Brief.model_validate(values | fields)


def phases():
    """What was found of an AI system, phase by phase."""
    carries = "version=v2 carries 92% of the loss: of its answers are bad 31.0% of 410 (22 to 32 points more, 95 %)"
    return (
        PhaseFound(
            phase=Phase.STATISTICAL,
            found=(
                Statement(text="quality.accuracy of answers changed its level at 11:57 UTC", evidence_ids=("ev-1",)),
            ),
        ),
        PhaseFound(phase=Phase.COMPONENTS),
        PhaseFound(
            phase=Phase.LINEAGE, missing=("the catalogue names no dataset, feature or index that answers uses",)
        ),
        PhaseFound(phase=Phase.MODEL, found=(Statement(text=carries, evidence_ids=("ev-3",)),)),
        PhaseFound(phase=Phase.ENVIRONMENT, missing=("no provider's status page is set up",)),
    )


def brief_view(shown=None, **fields):
    values = {
        "incident": incident(),
        "brief": shown or brief(),
        "evidence": tuple(evidence(number) for number in (1, 2, 3)),
    }
    return BriefView.model_validate(values | fields)


def proposal(**fields):
    values = {
        "id": PROPOSAL_ID,
        "incident_id": INCIDENT_ID,
        "workspace_id": "w",
        "kind": ProposalKind.ACTION,
        "key": "rollback",
        "title": "Roll back payments to v2.30.4",
        "risk": Risk.MEDIUM,
        "primary": True,
        "shown": {
            "action": "github_workflow",
            "params": {"version": "v2.30.4"},
            "target": "acme/payments production",
            "request": "POST /repos/acme/payments/actions/workflows/rollback.yml/dispatches",
            "current": "v2.31.0 is live",
            "effect": "v2.30.4 is live in about a minute",
            "undo": "deploy v2.31.0 again",
        },
        "evidence_ids": ("ev-1", "ev-2"),
        "created_at": NOON,
        "expires_at": NOON + timedelta(hours=1),
    }
    return Proposal.model_validate(values | fields)


def update(**fields):
    shown = {"audience": "customers", "text": "Some payments fail. We are on it: https://status.example/."}
    values = {"kind": ProposalKind.UPDATE, "title": "Status update for customers", "risk": Risk.LOW, "shown": shown}
    return proposal(**(values | fields))


def proposal_view(shown=None, **fields):
    return ProposalView.model_validate({"incident": incident(), "proposal": shown or proposal()} | fields)


def said(blocks):
    """All words of the blocks, in order."""
    words = []

    def walk(node):
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if isinstance(node.get("text"), str):
                words.append(node["text"])
            if node.get("type") == "user":
                words.append(f"<@{node['user_id']}>")
            if node.get("type") == "channel":
                words.append(f"<#{node['channel_id']}>")
            for key, item in node.items():
                if key != "confirm":
                    walk(item)

    walk(blocks)
    return "".join(words)


def buttons(blocks):
    """Action id to words of every button."""
    found = {}
    for block in blocks:
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        found |= {one["action_id"]: one["text"]["text"] for one in elements if one.get("type") == "button"}
    return found
