"""Which running incidents look like what somebody is about to declare, and why, in words they read."""

from collections.abc import Sequence

from incident_copilot.analysis.correlation import likeness, plain
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.matching import Matching
from incident_copilot.store import incidents
from incident_copilot.store.db import Tx

MOST = 3
SAME_WORDS = 0.4
"""From which share of common words two titles speak of one thing."""


class Alike(Frozen):
    """A running incident, and why it looks like what is described."""

    incident: Incident
    reason: str


async def alike(tx: Tx, deps: Deps, described: Alert) -> tuple[Alike, ...]:
    """Return at most three running incidents, the surest first: by service, as for an alert, then by words."""
    matching = await Matching.begin(tx, deps)
    told = described.model_copy(update={"service": described.service or service_named(deps, described.summary)})
    matches = [match for match in (matching.best(told), matching.candidate(told, None)) if match]
    found = {match.incident.id: Alike(incident=match.incident, reason=match.reason) for match in reversed(matches)}
    by_words = _by_words(await incidents.running(tx, deps.workspace_id), told)
    return (*reversed(found.values()), *(one for one in by_words if one.incident.id not in found))[:MOST]


def service_named(deps: Deps, text: str) -> str | None:
    """Return the service of the catalogue that a text names, None where it names none or several."""
    words = {plain(word) for word in text.split()}
    named = [service.name for service in deps.catalog.services if plain(service.name) in words]
    return named[0] if len(named) == 1 else None


def _by_words(running: Sequence[Incident], told: Alert) -> list[Alike]:
    seen = [(likeness(told.summary, [one.title]), one) for one in running if not (one.test or one.private)]
    close = sorted((pair for pair in seen if pair[0] >= SAME_WORDS), key=lambda pair: (-pair[0], -pair[1].number))
    return [Alike(incident=one, reason=f"{share:.0%} of the words are the same") for share, one in close]
