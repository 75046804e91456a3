"""Ask all context sources at once, a deadline each; write or refresh the brief and what follows from it."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from incident_copilot.analysis.topology import upstream_of
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import new_id
from incident_copilot.domain.effect import Upload
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.errors import VendorError
from incident_copilot.pipeline import picture, recount, show, suggest, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation, investigate
from incident_copilot.pipeline.investigating import known
from incident_copilot.pipeline.investigating.kept import kept
from incident_copilot.pipeline.investigating.past import Past, past_of
from incident_copilot.pipeline.investigating.told import change_evidence, told_changes
from incident_copilot.ports import ContextSource, Question
from incident_copilot.store import alerts, effects, evidence, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job
from incident_copilot.vendors.together import PartlyAnswered

log = logging.getLogger(__name__)

DEPTH = 2  # how far along the call graph services are asked about
SERVICES = 6
REPOS = 8
SAME_FOR = timedelta(minutes=5)
"""For how long a brief that says the same is not shown anew."""
NEEDED = {
    EvidenceKind.METRIC: frozenset({"points"}),
    EvidenceKind.LOG: frozenset({"lines", "since", "until", "truncated"}),
    EvidenceKind.CHANGE: frozenset({"service", "at"}),
    EvidenceKind.STATUS_PAGE: frozenset({"provider", "state"}),
}
"""The data that the investigation cannot do without, by kind of evidence."""


async def gather_context(deps: Deps, job: Job) -> None:
    """Gather, investigate, and commit evidence, brief, proposals and what is shown, together."""
    incident_id = job.payload["incident_id"]
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = [stored.alert for stored in await alerts.of_incident(db, incident_id)]
        past = await past_of(db, incident_id)
        question = question_about(deps, incident, members)
        told = await told_changes(db, deps, question)
    bundle = await ask_everybody(deps, question)
    matches = known.runbooks_for_alerts(deps, incident, members)
    held = [
        *known.alert_evidence(deps, incident, members),
        *known.runbook_evidence(deps, incident, matches),
        *change_evidence(deps, question, told, bundle.evidence),
    ]
    whole = bundle.model_copy(update={"evidence": (*held, *bundle.evidence)})
    found, charts = await asyncio.to_thread(_look_into, deps, incident, members, whole, past)
    fitting = known.runbooks_for_cause(deps, found.brief.suspect)
    more = known.runbook_evidence(deps, incident, fitting)
    offers = await suggest.plan(deps, incident, members, found, [*fitting, *matches])
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident_id)
        if current.is_running:
            await _keep_and_show(tx, deps, current, kept([*whole.evidence, *more], found.templates), found)
            await suggest.offer(tx, deps, current, offers)
            await picture.share(tx, deps, current, charts)


def question_about(deps: Deps, incident: Incident, members: Sequence[Alert]) -> Question:
    """Return what sources are asked: the services of the alerts and what they depend on, an hour before until now.

    Deploys are asked for of their neighbours too, because people will suspect those.
    """
    now = deps.now()
    # Not the onset found earlier: it would move the grid of points that the onset is found on again.
    first = min((alert.starts_at for alert in members), default=incident.started_at)
    own = list(dict.fromkeys(name for name in (incident.service, *(alert.service for alert in members)) if name))
    services = _services(deps, own)
    deployed = dict.fromkeys([*services, *_neighbours(deps, own, services)])
    repos = {name: found.repo for name in deployed if (found := deps.catalog.service(name)) and found.repo}
    return Question(
        incident=incident,
        alerts=tuple(members),
        services=services,
        repos=dict(list(repos.items())[:REPOS]),
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
            found = await source.gather(question)
    except TimeoutError:
        return (), EvidenceGap(source=source.name, reason=f"no answer in {deadline_s:g} s")
    except PartlyAnswered as error:
        return error.found, _gap(source, error)
    except VendorError as error:
        return (), _gap(source, error)
    except Exception:
        log.exception("context source %s failed on %s", source.name, question.incident.label)
        return (), EvidenceGap(source=source.name, reason="the plugin failed; see the copilot's log")
    usable = [item for item in found if NEEDED.get(item.kind, frozenset()) <= item.data.keys()]
    if len(usable) < len(found):
        return usable, EvidenceGap(source=source.name, reason="the plugin gave evidence without the data of its kind")
    return usable, None


def _gap(source: ContextSource, error: VendorError) -> EvidenceGap:
    return EvidenceGap(source=source.name, reason=str(error).removeprefix(f"{source.name}: ")[:200])


def _look_into(
    deps: Deps, incident: Incident, members: Sequence[Alert], whole: ContextBundle, past: Past
) -> tuple[Investigation, list[Upload]]:
    """Do what takes the processor's time."""
    found = investigate(deps, incident, members, whole, past)
    return found, picture.draw(members, whole, found)


def _services(deps: Deps, own: Sequence[str]) -> tuple[str, ...]:
    """Return the services of the incident and what they depend on, nearest first."""
    near = [
        name
        for service in own
        for name, hops in sorted(upstream_of(deps.catalog.depends_on, service).items(), key=lambda pair: pair[1])
        if hops <= DEPTH
    ]
    return tuple(dict.fromkeys([*own, *near]))[:SERVICES]


def _neighbours(deps: Deps, own: Sequence[str], services: Sequence[str]) -> list[str]:
    """Return who calls the incident's services, who shares a dependency with them, and what else the callers use."""
    graph = deps.catalog.depends_on
    callers = [name for name, needs in graph.items() if set(needs) & set(own)]
    sharing = [name for name, needs in graph.items() if set(needs) & set(services)]
    return [*callers, *sharing, *(need for caller in callers for need in graph[caller])]


async def _keep_and_show(
    tx: Tx, deps: Deps, incident: Incident, held: Sequence[Evidence], found: Investigation
) -> None:
    before = await evidence.latest_brief(tx, incident.id)
    await evidence.add_all(tx, held)
    current = await incidents.save(tx, incident.model_copy(update={"started_at": found.started_at}))
    if before and await _is_shown(tx, deps, before, found.brief):
        await evidence.add_brief(tx, found.brief.model_copy(update={"wording": before.wording}))
        await recount.recount(tx, deps, current)
        return
    await evidence.add_brief(tx, found.brief)
    is_other = _top_changed(before, found.brief)
    await show.brief(tx, deps, current, found.brief, anew=is_other)
    if before is None or is_other:
        await show.card(tx, deps, current.id)
    else:
        await recount.recount(tx, deps, current)
    await show.timeline_entry(tx, _brief_entry(deps, current, found.brief))
    if deps.llm:
        await wakeups.word_brief(tx, deps, incident.id, at=deps.now())


async def _is_shown(tx: Tx, deps: Deps, before: Brief, after: Brief) -> bool:
    """Whether people have lately seen all that a brief says; that time goes on is no news."""
    last = await effects.latest(tx, deps.workspace_id, after.incident_id, "brief")
    return last is not None and deps.now() - last.created_at < SAME_FOR and _said(before) == _said(after)


def _said(brief: Brief) -> tuple[object, ...]:
    """Return what a brief says, without how long it has lasted and where that is from."""
    return (
        brief.headline.rpartition(" (")[0],
        [line.text for line in brief.lines],
        [
            (found.cause, found.verdict, [line.text for line in (*found.supporting, *found.contradicting)])
            for found in brief.hypotheses
        ],
        brief.first_step and brief.first_step.text,
        brief.gaps,
        brief.note,
    )


def _top_changed(before: Brief | None, after: Brief) -> bool:
    if before is None:
        return False
    return _identity(before.suspect) != _identity(after.suspect)


def _identity(suspect: Hypothesis | None) -> tuple[str, str] | None:
    """Return what a cause is about; its wording may hold figures that grow."""
    return (suspect.kind, suspect.object or suspect.cause) if suspect else None


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
