"""Proposes causes that are not a change: something used up, a dependency, a provider outside, more traffic.

Each proposal's confidence is its strength on its own; `hypotheses` weighs them against one another.
"""

from collections.abc import Callable, Iterator

from incident_copilot.analysis.findings import Cause, Findings, ProviderStatus, Statement
from incident_copilot.analysis.signals import classify_metric, measures_what_is_left, resource_of, trouble_of
from incident_copilot.analysis.topology import distance
from incident_copilot.analysis.words import duration, figure

ODD = 3.0  # spreads from normal at which a series counts as evidence
_AROUND_ONSET_S = 600.0


def saturation(findings: Findings) -> Iterator[Cause]:
    """Yield one cause for each service whose metrics or messages say that something ran out."""
    by_service: dict[str, list[Statement]] = {}
    strength: dict[str, float] = {}
    resources: dict[str, str] = {}
    for key, one in findings.series.items():
        bad = "down" if measures_what_is_left(one.name) else "up"
        saturated = classify_metric(one.name) == "saturation" or (classify_metric(one.name) == "other" and one.pinned)
        if saturated and one.score >= ODD and one.direction == bad:
            service = one.service or findings.service
            by_service.setdefault(service, []).append(Statement(one.reason, (key,)))
            strength[service] = strength.get(service, 0.25) + (0.25 if one.pinned else 0.15)
            resources.setdefault(service, resource_of(one.name))
    for key, template in findings.templates.items():
        outside = any(provider.name.lower() in template.headline.lower() for provider in findings.providers.values())
        if template.kind != "vanished" and not outside and trouble_of(template.headline) == "saturation":
            service = template.service or findings.service
            by_service.setdefault(service, []).append(_message(key, findings))
            strength[service] = strength.get(service, 0.25) + 0.2
            resources.setdefault(service, resource_of(template.headline))
    for service, statements in by_service.items():
        resource = resources[service]
        yield Cause(
            kind="saturation",
            subject=service,
            title=f"{service} is at the limit of its {resource}",
            mechanism=f"Requests to {service} wait because its {resource} is used up, or are refused.",
            confidence=min(0.7, strength[service]),
            verdict="possible",
            supporting=tuple(statements),
            contradicting=(),
            next_check=f"Compare how much of its {resource} {service} uses with the limit, and see what uses it.",
            confirm=f"{service} recovers when the limit is raised or the load falls.",
            refute=f"{service} used as much of its {resource} before the onset.",
        )


def dependency(findings: Findings) -> Iterator[Cause]:
    """Yield one cause for each dependency that fails or slows down itself."""
    services = {one.service for one in findings.series.values()} | {one.service for one in findings.templates.values()}
    for service in sorted(services - {"", findings.service}):
        hops = distance(findings.depends_on, findings.service, service)
        statements = _failing(service, findings)
        if hops is None or not statements:
            continue
        yield Cause(
            kind="dependency",
            subject=service,
            title=f"{service}, which {findings.service} depends on, is failing",
            mechanism=f"{findings.service} passes on the failures of {service}.",
            confidence=min(0.55, 0.3 + 0.1 * len(statements)),
            verdict="possible",
            supporting=tuple(statements),
            contradicting=(),
            next_check=f"Look at {service} by itself: its errors, its latency and its own dependencies.",
            confirm=f"{service} fails for its other callers too.",
            refute=f"{service} answers its other callers as usual.",
        )


def external_provider(findings: Findings) -> Iterator[Cause]:
    """Yield one cause for each provider that reports trouble or that the messages complain about."""
    for key, provider in findings.providers.items():
        named = [
            _message(template_key, findings)
            for template_key, template in findings.templates.items()
            if template.kind != "vanished" and provider.name.lower() in template.headline.lower()
        ]
        strength = {"outage": 0.5, "degraded": 0.4, "unknown": 0.1, "operational": 0.05}[provider.status]
        late = provider.since is not None and provider.since > findings.onset_at + _AROUND_ONSET_S
        strength = (strength + 0.25 * bool(named)) * (0.4 if late else 1.0)
        troubled = provider.status in ("outage", "degraded")
        if not (troubled or named):
            continue
        says = Statement(_status(provider, findings), (key,))
        yield Cause(
            kind="external provider",
            subject=provider.name,
            title=f"{provider.name} has an incident of its own" if troubled else f"{provider.name} is not answering",
            mechanism=f"Calls to {provider.name} fail outside our systems.",
            confidence=strength,
            verdict="possible",
            supporting=(*([says] if troubled and not late else []), *named),
            contradicting=(says,) if late or not troubled else (),
            next_check=f"Call {provider.name} from outside our network, and read its status page.",
            confirm=f"Only calls to {provider.name} fail, from everywhere.",
            refute=f"Calls to {provider.name} succeed while the symptoms last.",
        )


def traffic(findings: Findings) -> Iterator[Cause]:
    """Yield one cause when clearly more requests arrive than before."""
    grown = [
        (key, one)
        for key, one in findings.series.items()
        if classify_metric(one.name) == "traffic"
        and one.direction == "up"
        and one.score >= ODD
        and one.after >= 1.5 * one.before
    ]
    if grown:
        factors = [one.after / one.before for _, one in grown if one.before > 0]
        times = f"{figure(max(factors))} times the usual" if factors else "unusual"
        yield Cause(
            kind="traffic",
            subject=findings.service,
            title=f"{times} traffic",
            mechanism="More requests arrive than the services were sized for.",
            confidence=min(0.5, 0.25 + 0.05 * max(factors, default=1.0)),
            verdict="possible",
            supporting=tuple(Statement(one.reason, (key,)) for key, one in grown),
            contradicting=(),
            next_check="See which clients, routes or regions the additional requests come from.",
            confirm="The symptoms follow the rate of requests up and down.",
            refute="The symptoms began before the rate of requests rose, or stay when it falls.",
        )


CANDIDATES: tuple[Callable[[Findings], Iterator[Cause]], ...] = (saturation, dependency, external_provider, traffic)


def _failing(service: str, findings: Findings) -> list[Statement]:
    """Return what shows that `service` itself fails or is slow."""
    series = [
        Statement(one.reason, (key,))
        for key, one in findings.series.items()
        if one.service == service
        and one.score >= ODD
        and one.direction == "up"
        and classify_metric(one.name) in ("errors", "latency")
    ]
    messages = [
        _message(key, findings)
        for key, template in findings.templates.items()
        if template.service == service and template.severe and template.kind != "vanished"
    ]
    return series + messages


def _message(key: str, findings: Findings) -> Statement:
    template = findings.templates[key]
    rates = f"from {figure(template.per_minute_before)} to {figure(template.per_minute_during)} a minute"
    return Statement(f'"{template.headline}" in the logs of {template.service or findings.service}, {rates}', (key,))


def _status(provider: ProviderStatus, findings: Findings) -> str:
    text = f"{provider.name} reports: {provider.status}"
    if provider.detail:
        text += f" ({provider.detail})"
    if provider.since is not None:
        apart = provider.since - findings.onset_at
        text += f", since {duration(abs(apart))} {'after' if apart > 0 else 'before'} the onset"
    return text
