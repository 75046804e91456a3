"""Proposes what ran out: a resource at its limit, told by its metrics or by the messages of who could not get it."""

from collections.abc import Iterator
from dataclasses import dataclass

from incident_copilot.analysis.echoes import echoes
from incident_copilot.analysis.findings import Cause, Findings, Statement
from incident_copilot.analysis.ranking import ODD, RankedSeries
from incident_copilot.analysis.signals import classify_metric, measures_what_is_left, resource_of, trouble_of
from incident_copilot.analysis.statements import lasting, message, names, names_any
from incident_copilot.analysis.topology import upstream_of

_ALONE, _HIGHEST = 0.25, 0.7
_PINNED, _SAID, _SAID_AGAIN, _RAISED, _USED_BY = 0.3, 0.25, 0.05, 0.15, 0.1
_NEARLY_FULL = 0.8  # of a resource that is measured as a share


@dataclass(frozen=True)
class Sign:
    """What shows that a service lacks a resource, and how strongly."""

    service: str
    resource: str
    strength: float
    statement: Statement


def saturation(findings: Findings) -> Iterator[Cause]:
    """Yield one cause for each service whose metrics or messages say that something ran out."""
    by_service: dict[str, list[Sign]] = {}
    for sign in (*_messages(findings), *_metrics(findings)):
        by_service.setdefault(sign.service, []).append(sign)
    for service, signs in by_service.items():
        yield _cause(service, sorted(signs, key=lambda sign: -sign.strength), findings)


def _cause(service: str, signs: list[Sign], findings: Findings) -> Cause:
    """Return the cause; its resource is what the strongest sign speaks of."""
    resource = signs[0].resource
    user = _user_of(service, findings)
    used_by = f", used by {user[0]}" if user else ""
    strength = _ALONE + sum(sign.strength for sign in signs) + _USED_BY * bool(user)
    said = [sign.statement for sign in signs]
    return Cause(
        kind="saturation",
        subject=service,
        title=f"{service} is at the limit of its {resource}{used_by}",
        mechanism=f"Requests to {service} wait or are refused, because nothing is left of its {resource}.",
        confidence=min(_HIGHEST, strength),
        verdict="possible",
        supporting=tuple([said[0], user[1], *said[1:]] if user else said),
        contradicting=(),
        next_check=_next_check(service, resource, user[0] if user else ""),
        confirm=f"{service} recovers when the limit is raised or the load falls.",
        refute=f"{service} used as much of its {resource} before the onset.",
    )


def _next_check(service: str, resource: str, user: str) -> str:
    if user:
        return f"See what {user} does on {service}, and whether that work can be stopped."
    return f"Compare how much of its {resource} {service} uses with the limit, and see what uses it."


def _metrics(findings: Findings) -> Iterator[Sign]:
    for key, one in findings.series.items():
        if one.score >= ODD and _is_used_up(one):
            strength = _PINNED if one.pinned else _RAISED
            yield Sign(one.service or findings.service, resource_of(one.name), strength, Statement(one.reason, (key,)))


def _is_used_up(one: RankedSeries) -> bool:
    kind = classify_metric(one.name)
    if kind != "saturation" and not (kind == "other" and one.pinned):
        return False
    is_rest = measures_what_is_left(one.name)
    if one.direction != ("down" if is_rest else "up"):
        return False
    whole = {"ratio": 1.0, "%": 100.0}.get(one.unit)
    if whole is None:
        return True
    used = 1 - one.after / whole if is_rest else one.after / whole
    return used >= _NEARLY_FULL


def _messages(findings: Findings) -> Iterator[Sign]:
    """Yield the complaints of each service about itself: none that repeats or names a dependency or a provider."""
    repeated = echoes(findings.templates, findings.depends_on)
    heard: set[str] = set()
    for key, template in lasting(findings):
        service = template.service or findings.service
        others = [*upstream_of(findings.depends_on, service), *(one.name for one in findings.providers.values())]
        complains = trouble_of(template.headline) == "saturation"
        if complains and key not in repeated and not names_any(template.headline, others):
            strength = _SAID_AGAIN if service in heard else _SAID
            heard.add(service)
            yield Sign(service, resource_of(template.headline), strength, message(key, findings))


def _user_of(service: str, findings: Findings) -> tuple[str, Statement] | None:
    """Return whose work fills the service: a new message there that is no complaint names another service."""
    known = {*findings.depends_on, *(name for needs in findings.depends_on.values() for name in needs)}
    others = sorted(known - {service, *upstream_of(findings.depends_on, service)})
    for key, template in lasting(findings):
        if template.service != service or trouble_of(template.headline):
            continue
        named = next((found for other in others if (found := names(template.headline, other))), None)
        if named:
            return named, message(key, findings)
    return None
