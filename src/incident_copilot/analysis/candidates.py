"""Proposes causes that are not a change: a dependency, a provider outside, more traffic (and see `saturation`).

Each proposal's confidence is its strength on its own; `hypotheses` weighs them against one another.
"""

from collections.abc import Callable, Iterator

from incident_copilot.analysis.findings import Cause, Findings, ProviderStatus, Statement
from incident_copilot.analysis.ranking import ODD
from incident_copilot.analysis.saturation import saturation
from incident_copilot.analysis.signals import classify_metric, worsens
from incident_copilot.analysis.statements import lasting, message, names
from incident_copilot.analysis.suspects import Suspect, rank_suspects
from incident_copilot.analysis.topology import upstream_of
from incident_copilot.analysis.words import duration, figure

_AROUND_ONSET_S = 600.0
_BEGINS = 0.5  # of a suspect's score: at least half of the trouble begins there
_FEEDS_SATURATION = 0.15


def dependency(findings: Findings) -> Iterator[Cause]:
    """Yield one cause for each dependency that fails or slows down itself, or that failing calls name."""
    begun = _begun(findings)
    for service in sorted(upstream_of(findings.depends_on, findings.service)):
        statements = [*_failing(service, findings), *_complaints_about(service, findings)]
        if not statements:
            continue
        suspect = begun.get(service)
        statements[1:1] = _along(suspect, findings) if suspect else []
        yield Cause(
            kind="dependency",
            subject=service,
            title=f"{service}, which {findings.service} depends on, is failing",
            mechanism=f"{findings.service} passes on the failures of {service}.",
            confidence=min(0.55, 0.3 + 0.1 * len(statements)) + 0.05 * (suspect.score if suspect else 0.0),
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
        named = [message(place, findings) for place, one in lasting(findings) if names(one.headline, provider.name)]
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
            supporting=(*([_reports(provider, key) if late else says] if troubled else []), *named),
            contradicting=(says,) if late or not troubled else (),
            next_check=f"Call {provider.name} from outside our network, and read its status page.",
            confirm=f"Only calls to {provider.name} fail, from everywhere.",
            refute=f"Calls to {provider.name} succeed while the symptoms last.",
        )


def traffic(findings: Findings) -> Iterator[Cause]:
    """Yield one cause when clearly more requests arrive than before; what it uses up speaks for it."""
    grown = {
        key: one
        for key, one in findings.series.items()
        if classify_metric(one.name) == "traffic"
        and one.direction == "up"
        and one.score >= ODD
        and one.after >= 1.5 * one.before
    }
    if not grown:
        return
    reached = {one.service or findings.service for one in grown.values()}
    fed = [cause.supporting[0] for cause in saturation(findings) if cause.subject in reached]
    factors = [one.after / one.before for one in grown.values() if one.before > 0]
    times = f"{figure(round(max(factors), 1))} times the usual" if factors else "unusual"
    where = findings.service if findings.service in reached else min(reached)
    risen = [Statement(one.reason, (key,)) for key, one in grown.items()]
    yield Cause(
        kind="traffic",
        subject=where,
        title=f"{times} traffic on {where}",
        mechanism="More requests arrive than the services were sized for.",
        confidence=min(0.5, 0.25 + 0.05 * max(factors, default=1.0)) + _FEEDS_SATURATION * bool(fed),
        verdict="possible",
        supporting=(risen[0], *fed, *risen[1:]),
        contradicting=(),
        next_check="See which clients, routes or regions the additional requests come from.",
        confirm="The symptoms follow the rate of requests up and down.",
        refute="The symptoms began before the rate of requests rose, or stay when it falls.",
    )


CANDIDATES: tuple[Callable[[Findings], Iterator[Cause]], ...] = (saturation, dependency, external_provider, traffic)


def _begun(findings: Findings) -> dict[str, Suspect]:
    """Return each dependency that the alerting service's trouble leads to, and how much of it begins there."""
    suspects = rank_suspects(findings.series.values(), alerting=findings.service, depends_on=findings.depends_on)
    return {one.service: one for one in suspects if len(one.path) > 1}


def _along(suspect: Suspect, findings: Findings) -> list[Statement]:
    """Return why the trouble begins at a suspect: it shows on the way there, and not in what lies behind it."""
    kind = classify_metric(suspect.series.name)
    shown = {
        key: one.service
        for key, one in findings.series.items()
        if one.service in suspect.path
        and one.score >= ODD
        and classify_metric(one.name) == kind
        and worsens(one.name, one.direction)
    }
    places = [service for service in suspect.path if service in shown.values()]
    if suspect.score < _BEGINS or len(places) < 2:
        return []
    *first, last = places
    behind = f", and in nothing that {last} depends on" if findings.depends_on.get(last) else ""
    return [Statement(f"{kind} got worse in {', '.join(first)} and {last}{behind}", tuple(shown))]


def _failing(service: str, findings: Findings) -> list[Statement]:
    """Return what shows that `service` itself fails or is slow."""
    series = [
        Statement(one.reason, (key,))
        for key, one in findings.series.items()
        if one.service == service
        and one.score >= ODD
        and worsens(one.name, one.direction)
        and classify_metric(one.name) in ("errors", "latency")
    ]
    messages = [message(key, findings) for key, one in lasting(findings) if one.service == service and one.severe]
    return series + messages


def _complaints_about(service: str, findings: Findings) -> list[Statement]:
    """Return the messages of callers that name `service`."""
    return [
        message(key, findings)
        for key, one in lasting(findings)
        if one.severe
        and names(one.headline, service)
        and service in upstream_of(findings.depends_on, one.service or findings.service)
    ]


def _reports(provider: ProviderStatus, key: str) -> Statement:
    return Statement(f"{provider.name} reports: {provider.status}", (key,))


def _status(provider: ProviderStatus, findings: Findings) -> str:
    text = f"{provider.name} reports: {provider.status}"
    if provider.detail:
        text += f" ({provider.detail})"
    if provider.since is not None:
        apart = provider.since - findings.onset_at
        text += f", since {duration(abs(apart))} {'after' if apart > 0 else 'before'} the onset"
    return text
