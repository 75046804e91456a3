"""What is proposed: one rollback where a change stands out, steps of the runbook that fits, updates, and the end."""

from dataclasses import replace

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.catalog import Catalog, Rollback, Service
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.proposal import ProposalKind, ProposalState, Risk
from incident_copilot.errors import VendorUnavailable
from incident_copilot.knowledge.match import RunbookIndex, match_runbooks
from incident_copilot.knowledge.runbook import Library
from incident_copilot.knowledge.runbooks import parse_runbook
from incident_copilot.pipeline import suggest
from incident_copilot.pipeline.investigate import Investigation
from incident_copilot.ports import DryRun
from incident_copilot.store import evidence as kept_evidence
from incident_copilot.store import proposals

from .samples import NOON, alert, brief, change, evidence, incident

PAYMENTS = Service(name="payments", repo="acme/payments", rollback=Rollback(workflow="rollback.yml"))


class Rolls:
    """An action that can describe itself, or not."""

    name, retry = "github_workflow", "read_back"

    def __init__(self, error=None):
        self.error = error

    async def dry_run(self, params):
        if self.error:
            raise self.error
        told = f"rollback.yml of {params['repo']}"
        return DryRun(target=told, request="POST …", current="v2.31.0", effect="v2.30.4", undo="v2.31.0")


@pytest.fixture
def ready(deps):
    """Everything that a rollback of payments needs."""
    return replace(deps, catalog=Catalog(services=(PAYMENTS,)), actions={suggest.ROLLBACK: Rolls()})


def found(culprit=None, **fields):
    return Investigation(brief=brief(**fields), started_at=NOON, culprit=culprit)


def suspect(kind="saturation", verdict=Verdict.LIKELY, **fields):
    values = {"cause": "payments-db is full", "object": "payments-db", "confidence": 0.6}
    return {"hypotheses": (Hypothesis(kind=kind, verdict=verdict, **values | fields),)}


def matches(deps, name="HighErrorRate"):
    return match_runbooks(deps.runbooks, alert_name=name, labels={}, annotations={}, service="checkout")


async def planned(deps, investigation, *, members=None, runbooks=()):
    return await suggest.plan(deps, incident(), members or [alert()], investigation, runbooks)


def titles(plan, kind=ProposalKind.CHECK):
    return [one.title for one in sorted(plan, key=lambda one: one.rank) if one.kind is kind]


async def test_each_proposal_names_who_is_behind_it(ready):
    culprit = change()
    likely = suspect("change", confidence=0.7)
    rolls = await suggest.plan(ready, incident(), [alert()], found(culprit, **likely), matches(ready))
    step = await suggest.plan(ready, incident(), [alert()], found(**suspect(signature="pool_full")), matches(ready))

    assert {one.advisers for one in rolls if one.kind is ProposalKind.ACTION} == {("rule:change",)}
    assert {one.advisers for one in step if one.kind is ProposalKind.CHECK} == {
        ("runbook:high-error-rate", "rule:pool_full"),
        ("runbook:high-error-rate",),
    }


async def test_rollback_is_the_primary_proposal_with_dry_run_and_evidence(ready):
    culprit = change()

    plan = await planned(ready, found(culprit), runbooks=matches(ready))

    rollback = plan[0]
    assert (rollback.title, rollback.key) == (
        "Roll back payments from v2.31.0 to v2.30.4",
        "rollback:payments:v2.30.4",
    )
    assert (rollback.risk, rollback.primary, rollback.rank) == (Risk.MEDIUM, True, 1)
    assert rollback.body == "Likely cause: payments v2.31.0 (pool_size 20 -> 4)."
    assert rollback.shown["params"] == {
        "repo": "acme/payments",
        "workflow": "rollback.yml",
        "ref": "main",
        "service": "payments",
        "version": "v2.30.4",
    }
    assert rollback.shown["effect"] == "v2.30.4"
    assert rollback.evidence_ids == (culprit.id, "e2")
    assert [one.primary for one in plan].count(True) == 1


@pytest.mark.parametrize(
    "culprit",
    [None, change(service="unknown"), change(data={"previous": None}), change(data={"kind": "model"})],
    ids=["no change stands out", "service is not in the catalogue", "no version before", "it is no deployment"],
)
async def test_nothing_is_rolled_back_without_all_that_it_needs(ready, culprit):
    plan = await planned(ready, found(culprit))

    assert titles(plan, ProposalKind.ACTION) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"actions": {}},
        {"actions": {suggest.ROLLBACK: Rolls(VendorUnavailable("GitHub: HTTP 503"))}},
        {"catalog": Catalog(services=(PAYMENTS.model_copy(update={"rollback": None}),))},
        {"catalog": Catalog(services=(PAYMENTS.model_copy(update={"repo": None}),))},
    ],
    ids=["no action", "no dry run", "no workflow", "no repository"],
)
async def test_change_that_stands_out_and_cannot_be_rolled_back_here_leaves_the_step_to_people(ready, changes):
    plan = await planned(replace(ready, **changes), found(change()), runbooks=matches(ready))

    assert titles(plan, ProposalKind.ACTION) == []
    assert titles(plan)[0] == "Roll back the change that came just before the onset"


async def test_steps_never_speak_of_rolling_back_beside_a_rollback_or_without_a_change(ready):
    beside = await planned(ready, found(change()), runbooks=matches(ready))
    without = await planned(ready, found(**suspect()), runbooks=matches(ready))

    assert titles(beside)[:2] == ["Restart checkout", "Switch off the failing feature by its flag"]
    assert not any("roll back" in title.lower() for title in (*titles(beside), *titles(without)))


async def test_steps_that_mend_come_first_where_a_cause_is_likely_and_are_filled_for_its_service(ready):
    plan = await planned(ready, found(**suspect()), runbooks=matches(ready))

    first = next(one for one in sorted(plan, key=lambda one: one.rank) if one.kind is ProposalKind.CHECK)
    assert (first.title, first.risk, first.primary) == ("Restart payments-db", Risk.MEDIUM, True)
    assert first.key == "step:high-error-rate#mitigation.2"


async def test_checks_come_first_where_nothing_is_likely(ready):
    unsure = found(**suspect("traffic", Verdict.POSSIBLE))

    assert titles(await planned(ready, unsure, runbooks=matches(ready)))[:3] == [
        "See how bad it is and since when",
        "Find which routes fail",
        "Read the newest errors",
    ]
    assert titles(await planned(ready, found(hypotheses=()), members=[], runbooks=matches(ready)))[0] == (
        "See how bad it is and since when"
    )


async def test_runbook_that_begins_with_its_diagnosis_is_begun_there(ready):
    text = "# Queue stuck\n\n## Diagnosis\n\n1. Look at the lag.\n\n## Mitigation\n\n1. Add a consumer.\n"
    library = Library(runbooks=(parse_runbook("queue.md", text.encode())[0],))
    fits = match_runbooks(RunbookIndex.build(library), alert_name="QueueStuck", labels={}, annotations={})

    assert titles(await planned(ready, found(hypotheses=()), runbooks=fits)) == ["Look at the lag", "Add a consumer"]


async def test_without_a_runbook_only_updates_are_proposed(ready):
    plan = await planned(ready, found(**suspect()))

    assert {one.kind for one in plan} == {ProposalKind.UPDATE}


async def test_when_all_alerts_have_resolved_only_the_end_is_proposed(ready):
    over = [alert(status=AlertStatus.RESOLVED, ends_at=NOON), alert("B", status=AlertStatus.RESOLVED)]

    (end,) = await planned(ready, found(change()), members=over, runbooks=matches(ready))

    assert (end.kind, end.title, end.primary) == (ProposalKind.RESOLVE, "Resolve INC-1", True)
    assert end.body == "All 2 alerts have resolved. The metric is checked before the incident ends."


async def test_what_was_proposed_once_is_not_proposed_again_and_steps_cite_their_runbook(ready, open_incident):
    opened = await open_incident(ready.db)
    runbook = evidence(
        EvidenceKind.RUNBOOK, incident_id=opened.id, data={"runbook": "high-error-rate", "section": "mitigation"}
    )
    offers = await suggest.plan(ready, opened, [alert()], found(**suspect()), matches(ready))

    async with ready.db.transaction() as tx:
        await kept_evidence.add_all(tx, [runbook])
        await suggest.offer(tx, ready, opened, offers)
        await suggest.offer(tx, ready, opened, offers)
        kept = await proposals.of_incident(tx, opened.id)

    assert len(kept) == len(offers)
    assert [one.state for one in kept].count(ProposalState.OPEN) == 3
    assert {one.evidence_ids for one in kept if one.kind is ProposalKind.CHECK} == {(runbook.id,)}
