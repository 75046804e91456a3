"""What monitors say of an AI system, as evidence: whatever may be read by those who read of the incident."""

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.verdict import Outcome, Verdict
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.audience import may_read
from incident_copilot.pipeline.investigating.made import made
from incident_copilot.pipeline.investigating.observed import Watched


def monitor_evidence(deps: Deps, incident: Incident, seen: Watched) -> list[Evidence]:
    """Return what the monitors say of a system, what is wrong first; none where nothing could be judged."""
    told = [
        one
        for one in seen.verdicts
        if one.outcome is not Outcome.UNKNOWN and may_read(deps.catalog, incident, one.incident_type)
    ]
    if not told:
        return []
    wrong = [one for one in told if one.outcome is not Outcome.FINE]
    return [
        made(
            deps,
            incident,
            EvidenceKind.SAMPLE,
            "monitors",
            title=f"Monitors of {seen.system}",
            summary=f"{len(wrong)} of {len(told)} metrics are not as they were.",
            query=f"{seen.system} monitors",
            data={
                "system": seen.system,
                "service": incident.service,
                "n": len(told),
                "bad": len(wrong),
                "text": "\n".join(one.summary for one in wrong if one.summary) or "All metrics are as they were.",
                "findings": [_finding(one) for one in [*wrong, *(one for one in told if one not in wrong)]],
            },
        )
    ]


def _finding(one: Verdict) -> dict[str, object]:
    return {"metric": one.metric, "group": one.group, "outcome": one.outcome.value, "summary": one.summary}
