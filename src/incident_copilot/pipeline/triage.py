"""Severity from a score sheet that people can read: four impacts, weights by incident type, floors, and caps.

Weights and thresholds are those of the incident detector in seed 001; severities and their floors those of the runbook
in seed 003. What is not known is shown as unknown and left out of the weights; it never counts as zero.
Where a source names no severity the alert's own words may tell (`by_words`); such a guess alone makes neither a P0 nor
a P3, and no floor.

Only a complete outage, data loss or a score from 0.8 makes a P0. Floors of the catalogue's labels raise (critical is at
least P1). Then the environment caps: nothing in staging, development or test is more than P2, whatever its label and
floors say, because nobody is woken for it; the catalogue's `severity.caps` decides otherwise. An environment that is
not named counts as production.
"""

import re
from collections.abc import Iterator, Mapping

from incident_copilot.domain import incident_type
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.incident import Factor, ScoreSheet, Severity
from incident_copilot.domain.incident_type import USUAL, Weights
from incident_copilot.pipeline import by_words

WEIGHTS: Mapping[str, Weights] = {"default": USUAL, **{one.name: one.weights for one in incident_type.TYPES}}
THRESHOLDS = ((0.8, Severity.P0), (0.6, Severity.P1), (0.4, Severity.P2))
LABEL_IMPACT: Mapping[str, float] = {
    **dict.fromkeys(("critical", "page", "fatal", "emergency", "disaster", "urgent", "major_outage"), 0.8),
    **dict.fromkeys(("p0", "p1", "sev0", "sev1", "availability"), 0.8),
    **dict.fromkeys(("error", "high", "major", "p2", "sev2", "partial_outage"), 0.6),
    **dict.fromkeys(("warning", "warn", "medium", "moderate", "average", "p3", "sev3", "degraded_performance"), 0.45),
    "resource_contention": 0.45,
    **dict.fromkeys(("minor", "p4", "sev4", "performance"), 0.3),
    "low": 0.2,
    **dict.fromkeys(("info", "information", "informational", "p5", "sev5"), 0.1),
    "none": 0.0,
}
"""The words of all sources (docs/sources.md). Azure counts from Sev0: it is taken more seriously than it says."""
GUESSED_IMPACT: Mapping[str, float] = {"critical": 0.7, "warning": 0.45, "info": 0.4}
OUTAGE_WORDS = ("complete outage", "total outage", "all requests fail", "fully down")
LOSS_WORDS = ("data loss", "data corruption", "corrupted data", "lost writes")
_FAILS = r"(?:fail|error|5xx|reject|refus|drop|time ?out|timing out)"
_SHARE = r"(?P<percent>\d+(?:\.\d+)?) ?%"
# "failing 20% of requests", "20 % of all requests fail", "the error rate is 12.5%"; not "99% of requests succeed".
SHARES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_FAILS}\w* (?:\w+ )?{_SHARE} of (?:\w+ ){{0,3}}(?:request|call|order)s",
        rf"{_SHARE} of (?:\w+ ){{0,3}}(?:request|call|order)s (?:\w+ ){{0,2}}{_FAILS}",
        rf"(?:error|failure) (?:rate|ratio) (?:\w+ ){{0,4}}(?:is|at|of):? {_SHARE}",
    )
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def triage(alert: Alert, catalog: Catalog) -> ScoreSheet:
    """Return the score sheet of an incident that this alert would open."""
    kind = type_of(alert, catalog)
    service = catalog.service(alert.service)
    weights = {**USUAL, **incident_type.of(kind).weights, **catalog.severity.weights.get(kind, {})}
    factors = (
        _business(service, weights["business"]),
        _user(alert, service, weights["user"]),
        _system(alert, catalog, weights["system"]),
        _compliance(service, kind, weights["compliance"]),
        *_owner(alert, kind, catalog),
    )
    score = _score(factors)
    severity, floors = _bounded(alert, catalog, _severity_of(score))
    return ScoreSheet(factors=factors, score=score, floors=floors, severity=severity, incident_type=kind)


def raised(sheet: ScoreSheet, because: str) -> ScoreSheet:
    """Return the sheet of an alert that a person wants an incident for: at least P2."""
    if sheet.severity is not Severity.P3:
        return sheet
    return sheet.model_copy(update={"severity": Severity.P2, "floors": (*sheet.floors, because)})


def type_of(alert: Alert, catalog: Catalog | None = None) -> str:
    """Return the incident type that the alert names, is clearly like the catalogue's examples of, or speaks of.

    It is availability where nothing tells.
    """
    named = alert.labels.get("incident_type")
    if named in incident_type.BY_NAME:
        return str(named)
    if catalog and (like := by_words.kind(alert, catalog)):
        return like
    said = f"{_CAMEL.sub(' ', alert.name)} {alert.summary} {alert.description} {alert.labels.get('type', '')}".lower()
    return next((one.name for one in incident_type.TYPES if _has_word(said, one.words)), incident_type.UNKNOWN)


def _has_word(text: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a word of the text begins so; inside a word it means something else, as "lag" does in "flag"."""
    return any(re.search(rf"(?<![a-z]){re.escape(word)}", text) for word in beginnings)


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
        impact = round(min(1.0, 0.3 + 1.5 * share), 2)
        return Factor(name="user", impact=impact, weight=weight, reason=f"the alert speaks of {share:.0%} of requests")
    if service is None or service.user_facing is None:
        return Factor(name="user", impact=None, weight=weight, reason="unknown: no share of requests, not in catalogue")
    if service.user_facing:
        return Factor(name="user", impact=0.6, weight=weight, reason=f"users meet {service.name} directly")
    return Factor(name="user", impact=0.3, weight=weight, reason=f"{service.name} is behind other services")


def share_failing(alert: Alert) -> float | None:
    """Return the share of requests (0 to 1) that the alert's text names as failing, or None."""
    text = f"{alert.description} {alert.summary}"
    found = next((match for shape in SHARES if (match := shape.search(text))), None)
    return min(1.0, float(found["percent"]) / 100) if found else None


def _system(alert: Alert, catalog: Catalog, weight: float) -> Factor:
    word = (alert.severity or "").lower()
    if word in LABEL_IMPACT:
        return Factor(name="system", impact=LABEL_IMPACT[word], weight=weight, reason=f"the alert is labelled {word}")
    if word:
        return Factor(
            name="system", impact=None, weight=weight, reason=f'unknown: severity "{word}" is not one we know'
        )
    guess = by_words.severity(alert, catalog)
    if guess is None:
        return Factor(name="system", impact=None, weight=weight, reason="unknown: the alert names no severity")
    reason = f"the alert names no severity; its words say {guess.word}: {', '.join(guess.reasons[:3])}"
    return Factor(name="system", impact=GUESSED_IMPACT[guess.word], weight=weight, reason=reason)


def _compliance(service: Service | None, kind: str, weight: float) -> Factor:
    if kind in incident_type.RESTRICTED:
        reason = f"{incident_type.of(kind).title} incident"
        return Factor(name="compliance", impact=0.9, weight=weight, reason=reason)
    if service is None or service.handles_personal_data is None:
        reason = "unknown: the catalogue does not say whether personal data is handled"
        return Factor(name="compliance", impact=None, weight=weight, reason=reason)
    if service.handles_personal_data:
        return Factor(name="compliance", impact=0.5, weight=weight, reason=f"{service.name} handles personal data")
    return Factor(name="compliance", impact=0.1, weight=weight, reason=f"{service.name} handles no personal data")


def owner(alert: Alert, kind: str, catalog: Catalog) -> str | None:
    """Return whose an incident of this type is: the type's owner in the catalogue, else the alert's; None: nobody's."""
    return catalog.owner_of(kind) or by_words.team(alert, catalog)


def _owner(alert: Alert, kind: str, catalog: Catalog) -> Iterator[Factor]:
    """Yield why the alert is given to a team that it does not name; it counts nothing."""
    if team := catalog.owner_of(kind):
        reason = f"team {team}: {incident_type.of(kind).title} incidents are theirs"
        yield Factor(name="owner", impact=None, weight=0.0, reason=reason)
        return
    found = by_words.likely_owner(alert, catalog)
    if found:
        yield Factor(name="owner", impact=None, weight=0.0, reason=found[1])


def _score(factors: tuple[Factor, ...]) -> float | None:
    known = [(factor.impact, factor.weight) for factor in factors if factor.impact is not None]
    total = sum(weight for _, weight in known)
    return round(sum(impact * weight for impact, weight in known) / total, 3) if total else None


def _severity_of(score: float | None) -> Severity:
    # Nothing known at all is not "low": somebody should look.
    if score is None:
        return Severity.P2
    return next((severity for threshold, severity in THRESHOLDS if score >= threshold), Severity.P3)


def _bounded(alert: Alert, catalog: Catalog, scored: Severity) -> tuple[Severity, tuple[str, ...]]:
    """Return the severity after floors and cap, and the reasons of those that changed it."""
    severity, reasons = scored, []
    for floor, reason in _floors(alert, catalog):
        if floor.rank < scored.rank:
            severity = min(severity, floor, key=lambda one: one.rank)
            reasons.append(reason)
    cap = _cap(alert.environment, catalog.severity.caps)
    if cap is not None and severity.rank < cap.rank:
        severity = cap
        reasons.append(f"environment {alert.environment} is at most {cap}")
    return severity, tuple(reasons)


def _floors(alert: Alert, catalog: Catalog) -> Iterator[tuple[Severity, str]]:
    text = f"{alert.name} {alert.summary} {alert.description}".lower()
    if any(word in text for word in OUTAGE_WORDS) or share_failing(alert) == 1.0:
        yield Severity.P0, "complete outage is P0"
    if any(word in text for word in LOSS_WORDS):
        yield Severity.P0, "data loss is P0"
    label = (alert.severity or "").lower()
    floor = catalog.severity.floors.get(label)
    if floor is not None:
        yield floor, f"label {label} is at least {floor}"


def _cap(environment: str | None, caps: Mapping[str, Severity]) -> Severity | None:
    """Return the cap of an environment such as `staging` or `staging-eu`; None where nothing caps it."""
    words = re.split(r"[^a-z0-9]+", (environment or "").lower())
    return next((caps[word] for word in words if word in caps), None)
