"""Ask all context sources at once, a deadline each; write or refresh the brief and what follows from it."""

import asyncio
import logging
from collections.abc import Sequence

from incident_copilot.analysis.signals import classify_metric
from incident_copilot.analysis.topology import upstream_of
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.errors import VendorError
from incident_copilot.knowledge.match import RunbookMatch, match_runbooks
from incident_copilot.pipeline import picture, show, suggest, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation, investigate
from incident_copilot.ports import ContextSource, Question
from incident_copilot.store import alerts, evidence, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job
from incident_copilot.vendors.together import PartlyAnswered

log = logging.getLogger(__name__)

DEPTH = 2  # how far along the call graph services are asked about
SERVICES = 6


async def gather_context(deps: Deps, job: Job) -> None:
    """Gather, investigate, and commit evidence, brief, proposals and what is shown, together."""
    incident_id = job.payload["incident_id"]
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = [stored.alert for stored in await alerts.of_incident(db, incident_id)]
    bundle = await ask_everybody(deps, question_about(deps, incident, members))
    matches = _runbooks(deps, incident, members)
    known = _known(deps, incident, members, matches)
    whole = bundle.model_copy(update={"evidence": (*known, *bundle.evidence)})
    found = investigate(deps, incident, members, whole)
    offers = await suggest.plan(deps, incident, members, found, matches)
    charts = picture.draw(members, whole, found)
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident_id)
        if current.is_running:
            await _keep_and_show(tx, deps, current, whole, found)
            await suggest.offer(tx, deps, current, offers)
            await picture.share(tx, deps, current, charts)


def question_about(deps: Deps, incident: Incident, members: Sequence[Alert]) -> Question:
    """Return what sources are asked: the services of the alerts and what they depend on, an hour before until now."""
    now = deps.now()
    first = min([incident.started_at, *(alert.starts_at for alert in members)])
    services = _services(deps, incident, members)
    repos = {name: known.repo for name in services if (known := deps.catalog.service(name)) and known.repo}
    return Question(
        incident=incident,
        alerts=tuple(members),
        services=services,
        repos=repos,
        since=first - picture.BEFORE,
        until=now,
    )


async def ask_everybody(deps: Deps, question: Question) -> ContextBundle:
    """Return what all sources found within the deadline, and a gap for each that could not look (promise P12)."""
    deadline_s = deps.policy.brief_deadline.total_seconds()
    answers = await asyncio.gather(*(_ask(source, question, deadline_s) for source in deps.context_sources))
    return ContextBundle(
        evidence=tuple(item for found, _ in answers for item in found), gaps=tuple(gap for _, gap in answers if gap)
    )


async def _ask(
    source: ContextSource, question: Question, deadline_s: float
) -> tuple[Sequence[Evidence], EvidenceGap | None]:
    try:
        async with asyncio.timeout(deadline_s):
            return await source.gather(question), None
    except TimeoutError:
        return (), EvidenceGap(source=source.name, reason=f"no answer in {deadline_s:g} s")
    except PartlyAnswered as error:
        return error.found, EvidenceGap(source=source.name, reason=str(error)[:200])
    except VendorError as error:
        return (), EvidenceGap(source=source.name, reason=str(error)[:200])
    except Exception:
        log.exception("context source %s failed on %s", source.name, question.incident.label)
        return (), EvidenceGap(source=source.name, reason="the plugin failed; see the copilot's log")


def _services(deps: Deps, incident: Incident, members: Sequence[Alert]) -> tuple[str, ...]:
    own = [name for name in (incident.service, *(alert.service for alert in members)) if name]
    near = [
        name
        for service in own
        for name, hops in sorted(upstream_of(deps.catalog.depends_on, service).items(), key=lambda pair: pair[1])
        if hops <= DEPTH
    ]
    return tuple(dict.fromkeys([*own, *near]))[:SERVICES]


def _runbooks(deps: Deps, incident: Incident, members: Sequence[Alert]) -> list[RunbookMatch]:
    if not members:
        return match_runbooks(
            deps.runbooks, alert_name=incident.title, labels={}, annotations={}, service=incident.service
        )
    first = members[0]
    return match_runbooks(
        deps.runbooks,
        alert_name=first.name,
        labels=first.labels,
        annotations=first.annotations,
        service=first.service,
        kind=classify_metric(first.name),
        runbook_url=first.links.get("runbook"),
    )


def _known(deps: Deps, incident: Incident, members: Sequence[Alert], matches: Sequence[RunbookMatch]) -> list[Evidence]:
    """What is held already, as evidence that statements can cite: the alerts and the matched runbooks."""
    return [_alert_evidence(deps, incident, alert) for alert in members[:10]] + [
        _runbook_evidence(deps, incident, match) for match in matches
    ]


def _alert_evidence(deps: Deps, incident: Incident, alert: Alert) -> Evidence:
    now = deps.now()
    return Evidence(
        id=new_id(now),
        incident_id=incident.id,
        source=alert.source,
        kind=EvidenceKind.ALERT,
        title=f"{alert.name} on {alert.service or 'an unnamed service'}",
        summary=alert.description or alert.summary or alert.name,
        taken_at=now,
        link=alert.links.get("source"),
        query=alert.expression,
        data={"fingerprint": alert.fingerprint, "labels": alert.labels, "status": alert.status.value},
    )


def _runbook_evidence(deps: Deps, incident: Incident, match: RunbookMatch) -> Evidence:
    now = deps.now()
    return Evidence(
        id=new_id(now),
        incident_id=incident.id,
        source="runbooks",
        kind=EvidenceKind.RUNBOOK,
        title=f"Runbook: {match.runbook.title}, {match.section.heading}",
        summary="; ".join(match.reasons),
        taken_at=now,
        data={
            "runbook": match.runbook.id,
            "section": match.section.id,
            "sha256": match.runbook.content_hash,
            "text": match.section.text[:6000],
        },
    )


async def _keep_and_show(tx: Tx, deps: Deps, incident: Incident, bundle: ContextBundle, found: Investigation) -> None:
    before = await evidence.latest_brief(tx, incident.id)
    await evidence.add_all(tx, bundle.evidence)
    await evidence.add_brief(tx, found.brief)
    current = await incidents.save(tx, incident.model_copy(update={"started_at": found.started_at}))
    await show.brief(tx, deps, current, found.brief, anew=_top_changed(before, found.brief))
    await show.card(tx, deps, current.id)
    await show.timeline_entry(tx, _brief_entry(deps, current, found.brief))
    if deps.llm:
        await wakeups.word_brief(tx, deps, incident.id, at=deps.now())


def _top_changed(before: Brief | None, after: Brief) -> bool:
    if before is None:
        return False
    was, now = before.suspect, after.suspect
    return (was.cause if was else None) != (now.cause if now else None)


def _brief_entry(deps: Deps, incident: Incident, brief: Brief) -> TimelineEntry:
    now = deps.now()
    return TimelineEntry(
        id=new_id(now),
        incident_id=incident.id,
        at=now,
        kind=TimelineKind.BRIEF,
        text=brief.notification,
        author="copilot",
        ref=f"brief:{brief.headline}:{brief.suspect.cause if brief.suspect else ''}"[:200],
    )
