"""Have one context source asked about one service near an incident, in a window of time, for a model that tests causes.

Services that opted out of the model are not asked about, and what a source tells of one all the same is left out.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product

from incident_copilot.analysis.topology import turned, upstream_of
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import model_use
from incident_copilot.pipeline.asking import Asking
from incident_copilot.pipeline.by_model.parameters import Window
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.findings import changed_messages
from incident_copilot.pipeline.investigating.kept import kept
from incident_copilot.pipeline.withholding import dependencies, withheld
from incident_copilot.ports import Question

WITHIN = timedelta(seconds=10)
HOPS = 3
"""How far along the dependencies services are asked about, below the incident's own and above."""
MOST_NEAR = 20
EITHER_SIDE = timedelta(minutes=30)
EARLIER: Mapping[Window, timedelta] = {
    "same hour yesterday": timedelta(days=1),
    "same hour last week": timedelta(weeks=1),
}
UNDATED = frozenset(
    {EvidenceKind.METRIC, EvidenceKind.LOG, EvidenceKind.TRACE, EvidenceKind.ERROR, EvidenceKind.PROFILE}
)
"""What is titled without its time: of other windows it would be taken for how things are now."""


def near(catalog: Catalog, incident: Incident, members: Sequence[Alert]) -> tuple[str, ...]:
    """Return the services that may be asked about, nearest first.

    They are the incident's own and its alerts', and of the catalogue what these rest on and what rests on them.
    """
    own = model_use.services_of(incident, members)
    below = dependencies(catalog)
    known, hops = {service.name for service in catalog.services}, dict.fromkeys(own, 0)
    for one, graph in product(own, (below, turned(below))):
        for name, distance in upstream_of(graph, one).items():
            if distance <= HOPS and name in known:
                hops[name] = min(distance, hops.get(name, distance))
    return tuple(sorted(hops, key=lambda name: (hops[name], name))[:MOST_NEAR])


async def ask_source(
    deps: Deps, incident: Incident, members: Sequence[Alert], *, source: str, service: str, window: Window
) -> ContextBundle:
    """Return what a source found of a service in a window of time; a gap says why it could not look."""
    chosen = [one for one in deps.context_sources if one.name == source]
    asking = Asking.begin(chosen, _question(deps, incident, members, service, window))
    heard = await asking.heard(min(WITHIN, deps.policy.context_deadline))
    hidden = withheld(heard.evidence, deps.catalog)
    told = [item for item in heard.evidence if item.id not in hidden]
    logs = [item for item in told if item.kind is EvidenceKind.LOG]
    # Thousands of lines: the event loop goes on answering clicks meanwhile.
    messages = await asyncio.to_thread(changed_messages, logs, asking.question.incident.started_at.timestamp())
    return heard.model_copy(update={"evidence": tuple(_of(window, item) for item in kept(told, messages))})


def _question(deps: Deps, incident: Incident, members: Sequence[Alert], service: str, window: Window) -> Question:
    earlier = EARLIER.get(window, timedelta())
    began, found = incident.started_at - earlier, deps.catalog.service(service)
    since, until = span(window, began, deps.now())
    alerts = [alert for alert in members if alert.service == service]
    return Question(
        # As if it had begun then: logs are counted before the beginning and since.
        incident=incident.model_copy(update={"started_at": began}),
        alerts=tuple(one.model_copy(update={"starts_at": one.starts_at - earlier}) for one in alerts),
        services=(service,),
        repos={service: found.repo} if found and found.repo else {},
        since=since,
        until=until,
    )


def span(window: Window, began: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when a window is; of another day `began` is the same time of that day."""
    if window == "last 15 minutes":
        return now - timedelta(minutes=15), now
    if window == "the hour before":
        return began - timedelta(hours=1), began
    return began - EITHER_SIDE, min(began + EITHER_SIDE, now)


def _of(window: Window, item: Evidence) -> Evidence:
    title = f"{item.title}, {window}" if item.kind in UNDATED else item.title
    return item.model_copy(update={"title": title, "data": item.data | {"window": window}})
