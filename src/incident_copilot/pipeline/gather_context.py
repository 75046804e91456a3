"""Ask all context sources at once; write the brief when it is due, and refresh it with what comes later."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from incident_copilot.analysis.topology import upstream_of
from incident_copilot.analysis.trust import Trust
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import new_id
from incident_copilot.domain.effect import Upload
from incident_copilot.domain.evidence import ContextBundle, Evidence
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.pipeline import learn, on_call, picture, recount, show, suggest, wakeups
from incident_copilot.pipeline.asking import Asking, forget, remember
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation, investigate, onset_of
from incident_copilot.pipeline.investigating import known
from incident_copilot.pipeline.investigating.kept import kept
from incident_copilot.pipeline.investigating.monitored import monitor_evidence
from incident_copilot.pipeline.investigating.news import names_other_cause, news
from incident_copilot.pipeline.investigating.observed import (
    Watched,
    bad_share_evidence,
    request_evidence,
    series_evidence,
    watched,
)
from incident_copilot.pipeline.investigating.past import Past, past_of
from incident_copilot.pipeline.investigating.told import change_evidence, told_changes
from incident_copilot.ports import Question
from incident_copilot.store import alerts, effects, evidence, incidents, people
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

log = logging.getLogger(__name__)

DEPTH = 2  # how far along the call graph services are asked about
SERVICES = 6
REPOS = 8
SAME_FOR = timedelta(minutes=5)
"""For how long a brief that says the same is not shown anew."""


async def gather_context(deps: Deps, job: Job) -> None:
    """Gather until the brief is due, investigate, and commit evidence, brief and what follows from it, together."""
    incident_id = job.payload["incident_id"]
    asking = Asking.begin(deps.context_sources, await _question(deps, incident_id))
    remember(deps.asking, incident_id, asking)
    is_last = deps.policy.context_deadline <= deps.policy.brief_deadline
    await _conclude(deps, job, asking, await asking.heard(deps.policy.brief_deadline, is_last=is_last))


async def gather_late(deps: Deps, job: Job) -> None:
    """Wait for a source that was slower than the brief, and refresh it with what that one found.

    Where another process asked, all are asked anew: its answers are in its memory only.
    """
    incident_id = job.payload["incident_id"]
    asking = deps.asking.get(incident_id) or Asking.begin(deps.context_sources, await _question(deps, incident_id))
    deps.asking.setdefault(incident_id, asking)
    await _conclude(deps, job, asking, await asking.more(deps.policy.context_deadline))


async def _question(deps: Deps, incident_id: str) -> Question:
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = await alerts.belonging(db, incident_id)
    return question_about(deps, incident, members)


async def _conclude(deps: Deps, job: Job, asking: Asking, bundle: ContextBundle) -> None:
    incident_id = asking.question.incident.id
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = await alerts.belonging(db, incident_id)
        past = await past_of(db, incident_id)
        trust = await learn.known(db, deps)
        told = await told_changes(db, deps, asking.question)
        called = await on_call.of(db, deps, incident)
        names = await people.names(db, deps.workspace_id, among=known.by_place(called).values())
        matches = learn.in_order(known.runbooks_for_alerts(deps, incident, members), trust)
        seen = await watched(db, deps, incident, members)
    held = [
        *known.alert_evidence(deps, incident, members),
        *known.on_call_evidence(deps, incident, called, names),
        *known.runbook_evidence(deps, incident, matches),
        *known.past_evidence(deps, incident, known.similar_to(deps, incident, members)),
        *change_evidence(deps, asking.question, told, bundle.evidence),
    ]
    whole = bundle.model_copy(update={"evidence": (*held, *bundle.evidence)})
    found, charts, whole = await asyncio.to_thread(_look_into, deps, incident, members, whole, past, trust, seen)
    fitting = learn.in_order(known.runbooks_for_cause(deps, found.brief.suspect), trust)
    more = known.runbook_evidence(deps, incident, fitting)
    offers = await suggest.plan(deps, incident, members, found, learn.demoted_last([*fitting, *matches], trust))
    new = [item for item in kept([*whole.evidence, *more], found.templates) if item.id not in asking.kept]
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident_id)
        if current.is_running and not asking.is_superseded:
            await _keep_and_show(tx, deps, current, new, found)
            await suggest.offer(tx, deps, current, [learn.weighed(one, trust) for one in offers])
            await picture.share(tx, deps, current, charts)
            if bundle.still_asked:
                await wakeups.gather_late(tx, deps, incident_id, at=deps.now())
            elif deps.llm and deps.policy.model_budget.steps:
                await wakeups.investigate(tx, deps, incident_id, at=deps.now())
    asking.kept |= {item.id for item in bundle.evidence}
    if not bundle.still_asked:
        forget(deps.asking, incident_id, asking)


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
    """Return what all sources found in all the time there is, and a gap for each that could not look (promise P12)."""
    return await Asking.begin(deps.context_sources, question).heard(deps.policy.context_deadline)


def _look_into(
    deps: Deps,
    incident: Incident,
    members: Sequence[Alert],
    told: ContextBundle,
    past: Past,
    trust: Mapping[str, Trust],
    seen: Watched | None,
) -> tuple[Investigation, list[Upload], ContextBundle]:
    """Do what takes the processor's time; return also the evidence with what was observed of the system."""
    whole = _with_observed(deps, incident, members, told, seen) if seen else told
    found = investigate(deps, incident, members, whole, past, trust, seen)
    return found, picture.draw(members, whole, found), whole


def _with_observed(
    deps: Deps, incident: Incident, members: Sequence[Alert], told: ContextBundle, seen: Watched
) -> ContextBundle:
    """Return the evidence with what was observed of the system: its series say when its requests became worse."""
    share = bad_share_evidence(deps, incident, seen)
    monitors = monitor_evidence(deps, incident, seen)
    with_series = (*told.evidence, *series_evidence(deps, incident, seen), *share, *monitors)
    onset = onset_of(members, told.model_copy(update={"evidence": with_series}))
    began = onset.at if onset else min([incident.started_at, *(alert.starts_at for alert in members)])
    return told.model_copy(update={"evidence": (*with_series, *request_evidence(deps, incident, seen, began))})


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
        await evidence.add_brief(tx, found.brief.model_copy(update={"worded": before.worded, "struck": before.struck}))
        await recount.recount(tx, deps, current)
        return
    brief = found.brief.model_copy(update={"news": news(before, found.brief)})
    await evidence.add_brief(tx, brief)
    is_other = _top_changed(before, brief)
    await show.brief(tx, deps, current, brief, anew=is_other)
    if before is None or is_other:
        await show.card(tx, deps, current.id)
    else:
        await recount.recount(tx, deps, current)
    await show.timeline_entry(tx, _brief_entry(deps, current, brief))
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
        [phase.text for phase in brief.phases],
        [
            (found.cause, found.verdict, [line.text for line in (*found.supporting, *found.contradicting)])
            for found in brief.hypotheses
        ],
        brief.first_step and brief.first_step.text,
        brief.gaps,
        brief.note,
    )


def _top_changed(before: Brief | None, after: Brief) -> bool:
    return before is not None and names_other_cause(before, after)


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
