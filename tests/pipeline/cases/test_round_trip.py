"""An incident becomes a case without people, hosts and secrets; replayed it says the same, and a table compares."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.advice import Came
from incident_copilot.domain.case import Case, NamedCause
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import decide, resolve, run
from incident_copilot.pipeline.cases import comparing, decisions, exporting
from incident_copilot.pipeline.cases.replaying import Replayed, replay
from incident_copilot.pipeline.deps import Policy
from incident_copilot.store import model_calls
from pipeline.by_model.scripted import Scripted
from pipeline.samples import BEN

CAUSE = NamedCause(kind="change", about="payments v2.31.0")


async def played(story):
    """Play the shipped incident: one update edited, the rollback approved, the end by a person."""
    told = await story("bad_deploy", log_share=0.05, policy=Policy(verify_for=timedelta(minutes=2)))
    incident = await told.begin()
    with pytest.raises(DecisionRefused, match="runs still"):
        await exporting.export(told.deps, incident.number)
    for put in await told.proposals():
        if put.kind is ProposalKind.ACTION:
            await decide.vote(told.deps, put.id, put.version, Choice.APPROVE, BEN)
        elif put.kind is ProposalKind.CHECK:
            await decide.vote(told.deps, put.id, put.version, Choice.NOT_THIS, BEN)
    await told.work()
    await told.go_on(60, step=20)
    for put in await told.proposals():
        if put.kind is ProposalKind.CHECK:
            await decide.vote(told.deps, put.id, put.version, Choice.DONE, BEN)
    await run.set_severity(told.deps, incident.id, BEN, Severity.P0, "")
    await resolve.resolve(told.deps, incident.id, BEN, ending=Ending.RESOLVED, note="", despite_red=True)
    return told, incident


async def test_an_incident_is_exported_replayed_and_compared(story):
    told, incident = await played(story)

    written = (await exporting.export(told.deps, incident.number)).model_dump_json()
    case = Case.model_validate_json(written)
    again = await replay(told.deps, case)
    poor = await replay(replace(told.deps, catalog=Catalog()), case)
    by_model = await replay(told.deps, case, Scripted({"judged": [], "another": None, "next_step": None}))
    silent, unasked = Catalog(services=(Service(name=case.service, model=False),)), Scripted({})
    await replay(replace(told.deps, catalog=silent), case, unasked)
    table = comparing.table({"now": [again], "bare": [poor]})

    assert (case.then, case.answers.cause, case.answers.severity) == (CAUSE, CAUSE, Severity.P0)
    assert {one.came for one in case.decided if one.kind == "action"} == {Came.WORKED}
    assert ("Ben" in written, BEN.id in written) == (False, False)
    assert (again.cause, again.cause_is_right, again.is_as_then) == (CAUSE.text, True, True)
    assert (again.severity, again.severity_is_right) == (Severity.P1, False)
    assert again.of_taken >= 1
    assert again.taken >= 1
    assert poor.taken < again.taken
    assert (by_model.cause, by_model.spent.steps > 0) == (CAUSE.text, True)
    assert unasked.seen == []
    async with told.deps.db.read() as db:
        calls = await model_calls.made_since(db, told.deps.workspace_id, incident.opened_at)
    assert [purpose.partition(".")[0] for _, purpose, _ in calls] == ["investigate"] * by_model.spent.steps
    assert table[0].split()[:4] == ["case", "with", "triage", "cause"]
    assert [line.split()[:2] for line in table[1:]] == [
        [case.name, "now"],
        [case.name, "bare"],
        ["together", "now"],
        ["together", "bare"],
    ]
    assert [one.name for one in await exporting.over(told.deps, incident.opened_at, told.clock())] == [case.name]
    assert await exporting.over(told.deps, told.clock() + timedelta(days=1), told.clock()) == []

    messages = [json.loads(line) for line in await decisions.exported(told.deps, incident.opened_at, "messages")]
    pairs = [json.loads(line) for line in await decisions.exported(told.deps, incident.opened_at, "preference")]
    assert messages[0]["messages"][0]["content"].endswith("Propose an action.")
    assert messages[0]["messages"][1]["content"].startswith("Roll back payments from v2.31.0 to v2.30.4.")
    assert all({"prompt", "chosen", "rejected", "why", "kind"} == set(one) for one in pairs)


def test_marks_that_a_case_does_not_tell_are_dashes():
    nothing = Replayed(case="INC-1", cause="none")

    assert [" ".join(row.split()) for row in comparing.table({"now": [nothing]})][1:] == [
        "INC-1 now - - none - - 0 of 0 0 of 0 $0.00 0 0.00 s",
        "together now 0 of 0 0 of 0 0 of 0 0 of 0 0 of 0 0 of 0 $0.00 0 0.00 s",
    ]
