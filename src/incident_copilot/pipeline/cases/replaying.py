"""Replay a case against a configuration or a model: what would be said and proposed with it, and how right that is."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from incident_copilot.analysis.topology import upstream_of
from incident_copilot.domain.advice import Came
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.case import Case, NamedCause
from incident_copilot.domain.evidence import ContextBundle, Evidence
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.model_call import Role
from incident_copilot.pipeline import model_use, suggest, withholding
from incident_copilot.pipeline.by_model.material import Material, by_label, labels_for
from incident_copilot.pipeline.by_model.sparing import spare
from incident_copilot.pipeline.by_model.turning import asked, begin, turn
from incident_copilot.pipeline.cases.exporting import named
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.drill_world import OnlyInDrills
from incident_copilot.pipeline.investigate import Investigation, investigate
from incident_copilot.pipeline.investigating import known
from incident_copilot.pipeline.investigating.looked import data_below
from incident_copilot.pipeline.triage import triage
from incident_copilot.ports import LLM, DryRun

UNKNOWN_ID = "0" * 32


class Replayed(Frozen):
    """What a configuration makes of a case; a mark of None: the case does not tell what is right."""

    case: str
    severity: Severity | None = None
    severity_is_right: bool | None = None
    cause: str = ""
    cause_is_right: bool | None = None
    is_as_then: bool | None = None
    runbook_is_right: bool | None = None
    taken: int = 0
    of_taken: int = 0
    rejected: int = 0
    of_rejected: int = 0
    spent: Spent = Spent()
    seconds: float = 0.0


async def replay(deps: Deps, case: Case, llm: LLM | None = None) -> Replayed:
    """Return what this configuration makes of a case; nothing outside is asked but the model, where there is one.

    What leaves for it and each call are written down, for no incident.
    """
    began, own = time.perf_counter(), deps
    deps = replace(deps, now=lambda: case.as_of, actions={suggest.ROLLBACK: Unasked(suggest.ROLLBACK)}, llm=None)
    incident, members = _incident(case), case.alerts
    sheet = triage(members[0], deps.catalog) if members else None
    found = investigate(deps, incident, members, _bundle(deps, incident, case))
    matches = [
        *known.runbooks_for_cause(deps, found.brief.suspect),
        *known.runbooks_for_alerts(deps, incident, members),
    ]
    offers = {one.key for one in await suggest.plan(deps, incident, _firing(case), found, matches)}
    cause, spent = await _cause(own, incident, case, found, llm)
    answers = case.answers
    taken = [one.key for one in case.decided if one.came is not Came.REJECTED]
    rejected = [one.key for one in case.decided if one.came is Came.REJECTED]
    return Replayed(
        case=case.name,
        severity=sheet.severity if sheet else None,
        severity_is_right=sheet.severity is answers.severity if sheet else None,
        cause=cause.text if cause else "none",
        cause_is_right=cause == answers.cause if answers.cause else None,
        is_as_then=cause == case.then if case.then else None,
        runbook_is_right=answers.runbook in [one.runbook.id for one in matches[:1]] if answers.runbook else None,
        taken=sum(key in offers for key in taken),
        of_taken=len(taken),
        rejected=sum(key in offers for key in rejected),
        of_rejected=len(rejected),
        spent=spent,
        seconds=round(time.perf_counter() - began, 3),
    )


class Unasked(OnlyInDrills):
    """Stands in for the rollback, so that it is proposed; nothing is asked and nothing is done."""

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Describe no more than what it is about."""
        return DryRun(target=params["service"], request="", current="", effect=params["version"], undo="")


def _incident(case: Case) -> Incident:
    return Incident(
        id=UNKNOWN_ID,
        workspace_id="replay",
        number=0,
        title=case.title,
        severity=case.answers.severity,
        status=Status.OPEN,
        incident_type=case.incident_type,
        service=case.service,
        environment=case.environment,
        correlation_key=case.name,
        started_at=min((one.starts_at for one in case.alerts), default=case.opened_at),
        opened_at=case.opened_at,
    )


def _firing(case: Case) -> list[Alert]:
    return [one.model_copy(update={"status": AlertStatus.FIRING, "ends_at": None}) for one in case.alerts]


def _bundle(deps: Deps, incident: Incident, case: Case) -> ContextBundle:
    """Return what was known when people decided: of what was read more than once the newest."""
    newest: dict[tuple[str, str, str, str | None], Evidence] = {}
    for item in sorted(case.evidence, key=lambda one: one.taken_at):
        if item.taken_at <= case.as_of:
            newest[item.source, item.kind, item.title, item.query] = item
    own = known.alert_evidence(deps, incident, case.alerts)
    return ContextBundle(evidence=(*own, *newest.values()), gaps=case.gaps)


async def _cause(
    deps: Deps, incident: Incident, case: Case, found: Investigation, llm: LLM | None
) -> tuple[NamedCause | None, Spent]:
    """Return the first cause: the computed one, or what the model puts first, and what that took."""
    suspect, hidden = found.brief.suspect, withholding.withheld(case.evidence, deps.catalog)
    brief = withholding.told(found.brief, hidden, deps.catalog)
    services = model_use.services_of(incident, case.alerts)
    if llm is None or not brief.hypotheses or model_use.why_no_model(incident, services, deps.catalog):
        return (named(suspect, case.evidence, case.service) if suspect else None), Spent()
    material = _material(deps, incident, case, brief, [one for one in case.evidence if one.id not in hidden])
    looked = begin(material, brief.hypotheses, {}, investigation_id=UNKNOWN_ID, now=case.as_of)
    while looked.is_running:
        prompt, text, shown = asked(looked, material)
        leaving = await model_use.what_leaves(deps, text, shown, spare=spare(looked, material), role=Role.STRONG)
        await model_use.note_egress(deps, None, prompt, leaving)
        turned = await turn(llm, looked, material, leaving, deps.policy.model_budget, deps.policy.model_deadline)
        async with deps.db.transaction() as tx:
            await model_use.note_call(tx, deps, None, prompt.purpose, turned.call)
        looked = turned.held
    first = looked.by_label[looked.result.order[0]] if looked.result else looked.hypotheses[0]
    return named(first, case.evidence, case.service), looked.spent


def _material(deps: Deps, incident: Incident, case: Case, brief: Brief, held: Sequence[Evidence]) -> Material:
    depends_on = withholding.dependencies(deps.catalog)
    return Material(
        incident=incident,
        evidence=by_label(labels_for(held), held),
        depends_on=depends_on,
        runbooks=deps.library,
        phases=brief.phases,
        kinds=data_below(deps.catalog, upstream_of(depends_on, case.service or "")),
        as_of=case.as_of,
    )
