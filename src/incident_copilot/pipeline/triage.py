"""Severity from a score sheet that people can read: four impacts, weights by incident type, and floors.

Weights and thresholds are those of the incident detector in seed 001; severities and their floors those of the runbook
in seed 003. What is not known is shown as unknown and left out of the weights; it never counts as zero.
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.incident import Factor, ScoreSheet, Severity

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "default": {"business": 0.3, "user": 0.3, "system": 0.2, "compliance": 0.2},
    "security": {"business": 0.2, "user": 0.2, "system": 0.2, "compliance": 0.4},
    "bias_and_fairness": {"business": 0.2, "user": 0.3, "system": 0.1, "compliance": 0.4},
    "quality_degradation": {"business": 0.3, "user": 0.4, "system": 0.1, "compliance": 0.2},
    "data_quality": {"business": 0.3, "user": 0.3, "system": 0.2, "compliance": 0.2},
}
THRESHOLDS = ((0.8, Severity.P0), (0.6, Severity.P1), (0.4, Severity.P2))
TYPES: Mapping[str, tuple[str, ...]] = {
    "security": ("security", "intrusion", "injection", "pii", "vulnerab", "unauthor", "adversarial"),
    "bias_and_fairness": ("fairness", "bias", "parity"),
    "quality_degradation": ("accuracy", "quality", "hallucin", "toxicity", "groundedness", "drift", "regression"),
    "data_quality": ("freshness", "schema", "missingdata", "data quality", "staleness"),
    "dependency": ("provider", "upstream", "dependency", "thirdparty", "third party", "openai", "llm"),
    "performance": ("latency", "slow", "saturation", "p95", "p99", "throttl", "queue", "lag", "cpu", "memory"),
}
LABEL_IMPACT: Mapping[str, float] = {
    "critical": 0.8,
    "page": 0.8,
    "error": 0.6,
    "high": 0.6,
    "major": 0.6,
    "warning": 0.45,
    "warn": 0.45,
    "medium": 0.45,
    "minor": 0.3,
    "low": 0.2,
    "info": 0.1,
    "none": 0.0,
}
OUTAGE_WORDS = ("complete outage", "total outage", "all requests fail", "fully down", "100% of requests")
LOSS_WORDS = ("data loss", "data corruption", "corrupted data", "lost writes")


def triage(alert: Alert, catalog: Catalog) -> ScoreSheet:
    """Return the score sheet of an incident that this alert would open."""
    incident_type = type_of(alert)
    service = catalog.service(alert.service)
    weights = {
        **WEIGHTS["default"],
        **WEIGHTS.get(incident_type, {}),
        **catalog.severity.weights.get(incident_type, {}),
    }
    factors = (
        _business(service, weights["business"]),
        _user(alert, service, weights["user"]),
        _system(alert, weights["system"]),
        _compliance(service, incident_type, weights["compliance"]),
    )
    score = _score(factors)
    severity, floors = _with_floors(alert, catalog, _severity_of(score))
    return ScoreSheet(factors=factors, score=score, floors=floors, severity=severity, incident_type=incident_type)


def type_of(alert: Alert) -> str:
    """Return the incident type that the alert's own words speak of; availability when none does."""
    text = f"{alert.name} {alert.summary} {alert.description} {alert.labels.get('type', '')}".lower()
    named = alert.labels.get("incident_type")
    if named is not None and (named in WEIGHTS or named in TYPES):
        return named
    return next((kind for kind, words in TYPES.items() if any(word in text for word in words)), "availability")


def correlation_key(alert: Alert) -> str:
    """Return what makes two alerts one incident: the service in its environment and cluster, else the alert's name."""
    subject = f"service={alert.service}" if alert.service else f"alert={alert.name}"
    return f"{subject}|env={alert.environment or '-'}|cluster={alert.labels.get('cluster', '-')}"[:300]


def _business(service: Service | None, weight: float) -> Factor:
    if service is None or service.tier is None:
        return Factor(name="business", impact=None, weight=weight, reason="unknown: the catalogue names no tier")
    impact = {1: 0.9, 2: 0.6, 3: 0.35, 4: 0.15}[service.tier]
    return Factor(name="business", impact=impact, weight=weight, reason=f"{service.name} is tier {service.tier}")


def _user(alert: Alert, service: Service | None, weight: float) -> Factor:
    share = share_failing(alert)
    if share is not None:
        impact = min(1.0, 0.3 + 1.5 * share)
        return Factor(name="user", impact=impact, weight=weight, reason=f"the alert speaks of {share:.0%} of requests")
    if service is None or service.user_facing is None:
        return Factor(name="user", impact=None, weight=weight, reason="unknown: no share of requests, not in catalogue")
    if service.user_facing:
        return Factor(name="user", impact=0.6, weight=weight, reason=f"users meet {service.name} directly")
    return Factor(name="user", impact=0.3, weight=weight, reason=f"{service.name} is behind other services")


def share_failing(alert: Alert) -> float | None:
    """Return the share of requests (0 to 1) that the alert's text names as failing, or None."""
    text = f"{alert.description} {alert.summary}"
    for word in text.replace("(", " ").replace(",", " ").split():
        number = word.rstrip(".;:")
        if number.endswith("%") and _is_number(number[:-1]) and "request" in text:
            return min(1.0, float(number[:-1]) / 100)
    return None


def _system(alert: Alert, weight: float) -> Factor:
    word = (alert.severity or "").lower()
    impact = LABEL_IMPACT.get(word)
    if impact is None:
        said = f'severity "{word}" is not one we know' if word else "the alert names no severity"
        return Factor(name="system", impact=None, weight=weight, reason=f"unknown: {said}")
    return Factor(name="system", impact=impact, weight=weight, reason=f"the alert is labelled {word}")


def _compliance(service: Service | None, incident_type: str, weight: float) -> Factor:
    if incident_type in ("security", "bias_and_fairness"):
        return Factor(
            name="compliance", impact=0.9, weight=weight, reason=f"{incident_type.replace('_', ' ')} incident"
        )
    if service is None or service.handles_personal_data is None:
        reason = "unknown: the catalogue does not say whether personal data is handled"
        return Factor(name="compliance", impact=None, weight=weight, reason=reason)
    if service.handles_personal_data:
        return Factor(name="compliance", impact=0.5, weight=weight, reason=f"{service.name} handles personal data")
    return Factor(name="compliance", impact=0.1, weight=weight, reason=f"{service.name} handles no personal data")


def _score(factors: tuple[Factor, ...]) -> float | None:
    known = [(factor.impact, factor.weight) for factor in factors if factor.impact is not None]
    total = sum(weight for _, weight in known)
    return round(sum(impact * weight for impact, weight in known) / total, 3) if total else None


def _severity_of(score: float | None) -> Severity:
    # Nothing known at all is not "low": somebody should look.
    if score is None:
        return Severity.P2
    return next((severity for threshold, severity in THRESHOLDS if score >= threshold), Severity.P3)


def _with_floors(alert: Alert, catalog: Catalog, scored: Severity) -> tuple[Severity, tuple[str, ...]]:
    text = f"{alert.name} {alert.summary} {alert.description}".lower()
    floors: list[tuple[Severity, str]] = []
    if any(word in text for word in OUTAGE_WORDS) or share_failing(alert) == 1.0:
        floors.append((Severity.P0, "complete outage is P0"))
    if any(word in text for word in LOSS_WORDS):
        floors.append((Severity.P0, "data loss is P0"))
    label = (alert.severity or "").lower()
    if label in catalog.severity.floors:
        floor = Severity(catalog.severity.floors[label])
        floors.append((floor, f"label {label} is at least {floor}"))
    applied = [(floor, reason) for floor, reason in floors if floor.rank < scored.rank]
    severity = min([scored, *(floor for floor, _ in applied)], key=lambda found: found.rank)
    return severity, tuple(reason for _, reason in applied)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
