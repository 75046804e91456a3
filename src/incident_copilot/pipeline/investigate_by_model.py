"""Have the model test the brief's causes, one step a job: it may explain and re-rank, and changes nothing by itself.

It begins once the sources have answered, never before the computed brief. Each step is committed with the job that does
the next one, so that a process that dies loses one step at the most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident_copilot.analysis.topology import upstream_of
from incident_copilot.analysis.trust import Trust
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.evidence import ContextBundle, Evidence
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.investigation import Investigation, Spent
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.model_call import Role as ModelRole
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.prompt import Prompt
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import learn, ledger, model_use, people, show, wakeups, withholding
from incident_copilot.pipeline.ask_source import ask_source, near
from incident_copilot.pipeline.by_model import telling
from incident_copilot.pipeline.by_model.material import Material, by_label, labels_for, telling_first
from incident_copilot.pipeline.by_model.offered import Offers, offers_of
from incident_copilot.pipeline.by_model.parameters import Window
from incident_copilot.pipeline.by_model.sparing import spare
from incident_copilot.pipeline.by_model.turning import Turned, asked, begin, ended, left_of, turn
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.looked import data_below
from incident_copilot.ports import LLM
from incident_copilot.store import alerts, evidence, incidents, investigations, model_calls, proposals
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

MOST_STEPS_OFFERED = 12


@dataclass(frozen=True)
class _Known:
    """What a step is done with, as far as a model may be told of it."""

    incident: Incident
    members: Sequence[Alert]
    brief: Brief | None
    evidence: Sequence[Evidence]
    proposals: Sequence[Proposal]
    before: Investigation | None
    spent: Spent
    """On this incident, by all its investigations."""
    over_share: str | None
    """Why no more is asked this hour, or today; None where more may be."""
    why_unseen: str | None
    """Why no model may see it; None where one may."""


async def investigate_by_model(deps: Deps, job: Job) -> None:
    """Begin an investigation, do its next step, or end it."""
    known = await _known(deps, job.payload["incident_id"])
    running = known.before if known.before and known.before.is_running else None
    why_not = await _why_not(deps, known)
    if running is None:
        await _begin(deps, job, known, why_not)
    elif deps.llm is None or why_not:
        await _end(deps, job, known, running, why_not or "no model is configured any more")
    else:
        await _go_on(deps, deps.llm, job, known, running)


async def would_ask(deps: Deps, incident_id: str) -> tuple[Prompt, str, list[str]] | None:
    """Return what a model would be told at its next step, and what may be left out; None without a cause to test."""
    known = await _known(deps, incident_id)
    if known.brief is None or not known.brief.hypotheses:
        return None
    async with deps.db.read() as db:
        trust = await learn.known(db, deps)
    running = known.before if known.before and known.before.is_running else None
    held = running or _begun(deps, known, known.brief, trust)
    material = _material(deps, known, held.labels)
    prompt, text, _ = asked(held, material)
    return prompt, text, spare(held, material)


async def stop(deps: Deps, investigation_id: str, person: Person) -> Outcome:
    """Have an investigation end before its next step.

    Raises:
        DecisionRefused: not allowed, or it does not run any more; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.read() as db:
        held = await investigations.get(db, investigation_id)
    incident_id = held.incident_id if held else None
    async with (
        ledger.refusals(deps, person, incident_id, {"asked": "stop the model"}),
        deps.db.transaction(CLICKS) as tx,
    ):
        people.require(person, Role.RESPONDER, "stop the model")
        if not await investigations.ask_to_stop(tx, deps.workspace_id, investigation_id, person.id):
            raise DecisionRefused("The model does not look into it any more.")
        await ledger.write_by(tx, deps, incident_id, LogKind.MODEL_STOPPED, person, {"investigation": investigation_id})
        await wakeups.investigate(tx, deps, str(incident_id), at=deps.now())
    return Outcome(text="I stop the model before its next step. The computed brief stands.")


async def _known(deps: Deps, incident_id: str) -> _Known:
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        found = await evidence.of_incident(db, incident_id)
        brief = await evidence.latest_brief(db, incident_id)
        put = await proposals.of_incident(db, incident_id)
        members = await alerts.belonging(db, incident_id)
        hidden = withholding.withheld(found, deps.catalog)
        return _Known(
            incident=incident,
            members=members,
            brief=withholding.told(brief, hidden, deps.catalog) if brief else None,
            evidence=[item for item in found if item.id not in hidden],
            proposals=[one for one in put if not hidden.intersection(one.evidence_ids)],
            before=await investigations.latest(db, deps.workspace_id, incident_id),
            spent=await model_calls.spent(db, deps.workspace_id, incident_id=incident_id),
            over_share=await model_use.over_share(db, deps, incident),
            why_unseen=await model_use.why_never(db, deps, incident),
        )


async def _why_not(deps: Deps, known: _Known) -> str | None:
    """Return why no step may be done now, or None."""
    if known.before and known.before.is_running and known.before.stopped_by:
        return "people stopped it"
    if not known.incident.is_running:
        return "the incident is over"
    if known.why_unseen:
        return f"no model sees this incident: {known.why_unseen}"
    return deps.policy.model_budget.used_up(known.spent, "for this incident") or known.over_share


async def _begin(deps: Deps, job: Job, known: _Known, why_not: str | None) -> None:
    brief = known.brief
    is_new = bool(brief and brief.hypotheses) and not _is_done(known)
    async with job.finish(deps.db) as tx:
        if deps.llm is None or brief is None or not is_new or known.why_unseen:
            return
        if why_not:
            # Said once: an incident that the model never looked into has no other line about it.
            if known.before is None and known.incident.is_running:
                text = f"The model was not asked: {why_not}. {telling.STANDS}"
                await show.notice(tx, deps, known.incident, "model", text)
            return
        held = _begun(deps, known, brief, await learn.known(tx, deps))
        await investigations.add(tx, held)
        await _show(tx, deps, known.incident, held, anew=known.before is not None)
        await wakeups.investigate(tx, deps, known.incident.id, at=deps.now())


def _begun(deps: Deps, known: _Known, brief: Brief, trust: Mapping[str, Trust]) -> Investigation:
    cited = {ref for statement in show.statements(brief) for ref in statement}
    return begin(
        _material(deps, known, labels_for(telling_first(known.evidence, cited))),
        brief.hypotheses,
        _steps(known),
        investigation_id=new_id(deps.now()),
        now=deps.now(),
        trust=trust,
    )


def _is_done(known: _Known) -> bool:
    """Whether the model has looked into what the brief puts first."""
    return bool(known.before and known.brief and known.before.first_cause == known.brief.hypotheses[0].cause)


async def _go_on(deps: Deps, llm: LLM, job: Job, known: _Known, held: Investigation) -> None:
    offers = await offers_of(deps.context_sources, deps.now(), without=held.missing)
    held = held.model_copy(update={"missing": held.missing | offers.missing})
    material = _material(deps, known, held.labels, offers)
    budget = left_of(deps.policy.model_budget, known.spent, held.spent)
    prompt, text, shown = asked(held, material)
    leaving = await model_use.what_leaves(
        deps, text, shown, incident_id=held.incident_id, spare=spare(held, material), role=ModelRole.STRONG
    )
    sent = await model_use.note_egress(deps, held.incident_id, prompt, leaving)
    turned = await turn(llm, held, material, leaving, budget, deps.policy.model_deadline)
    async with job.finish(deps.db) as tx:
        await model_use.note_call(tx, deps, held.incident_id, prompt.purpose, turned.call)
        for opinion in turned.held.opinions[len(held.opinions) :]:
            kept_ones = opinion.sentences - opinion.unsupported
            await model_use.note_grounding(
                tx, sent, model=turned.call.model, kept=kept_ones, struck=opinion.unsupported
            )
        await evidence.add_all(tx, turned.found)
        await _keep(tx, deps, await incidents.get(tx, held.incident_id), held, turned)


async def _keep(tx: Tx, deps: Deps, incident: Incident, before: Investigation, turned: Turned) -> None:
    held = turned.held
    await investigations.save(tx, held)
    if not held.is_running:
        await _log(tx, deps, held)
        await _show(tx, deps, incident, held)
        return
    if held.place != before.place:
        await _show(tx, deps, incident, held)
    await wakeups.investigate(tx, deps, incident.id, at=deps.now())


async def _end(deps: Deps, job: Job, known: _Known, held: Investigation, why: str) -> None:
    over = ended(held, why)
    async with job.finish(deps.db) as tx:
        await investigations.save(tx, over)
        await _log(tx, deps, over)
        await _show(tx, deps, known.incident, over)


async def _log(tx: Tx, deps: Deps, held: Investigation) -> None:
    result = held.result
    first = held.by_label[result.order[0]].cause if result else held.first_cause
    payload = {
        "investigation": held.id,
        "told": telling.outcome(held),
        "first": first,
        "computed_first": held.first_cause,
        "evidence": list(held.ids_of(result.evidence)) if result else [],
        "because": held.why,
        "steps": held.spent.steps,
        "tokens": held.spent.tokens,
        "micro_usd": round(held.spent.usd * 1_000_000),
        "claims": held.claims,
        "struck": len(held.struck),
    }
    await ledger.write(tx, deps, held.incident_id, LogKind.MODEL_LOOKED, "copilot", payload)


async def _show(tx: Tx, deps: Deps, incident: Incident, held: Investigation, *, anew: bool = False) -> None:
    """Show plan and progress, or the outcome, as one message: edited once a specialist and at the end."""
    if held.is_running:
        buttons = [Button(press=Press.STOP_MODEL, label="Stop", value=held.id)]
        text = telling.plan(held, deps.policy.model_budget)
    else:
        buttons = [Button(press=Press.REASONING, label="Show", value=held.id)] if held.opinions else []
        text = telling.outcome(held)
    await show.notice(tx, deps, incident, "model", text, buttons=buttons, anew=anew)


def _material(deps: Deps, known: _Known, labels: dict[str, str], offers: Offers | None = None) -> Material:
    async def ask(source: str, service: str, window: Window) -> ContextBundle:
        return await ask_source(deps, known.incident, known.members, source=source, service=service, window=window)

    depends_on = withholding.dependencies(deps.catalog)
    return Material(
        incident=known.incident,
        evidence=by_label(labels, known.evidence),
        depends_on=depends_on,
        runbooks=deps.library,
        past=deps.shelf.past,
        sources={source.name: source.finds for source in deps.context_sources},
        near=near(deps.catalog, known.incident, known.members),
        ask=ask,
        offered=offers.tools if offers else {},
        phases=known.brief.phases if known.brief else (),
        kinds=data_below(deps.catalog, upstream_of(depends_on, known.incident.service or "")),
        as_of=deps.now(),
    )


def _steps(known: _Known) -> dict[str, str]:
    """Return the next steps that exist, by label: what is put to people, or waits to be."""
    states = (ProposalState.OPEN, ProposalState.WAITING)
    titles = [one.title for one in sorted(known.proposals, key=lambda one: one.rank) if one.state in states]
    return {f"A{place}": title for place, title in enumerate(titles[:MOST_STEPS_OFFERED], 1)}
