"""Cases and training data: what is hidden, what an edit was before, what people preferred."""

import difflib
import json

import pytest

from incident_copilot.domain.advice import Came
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import decide, resolve
from incident_copilot.pipeline.cases import decisions, exporting
from incident_copilot.pipeline.cases.anonymous import Anonymous
from incident_copilot.pipeline.cases.replaying import replay
from incident_copilot.store import evidence, incidents
from pipeline import samples
from pipeline.life import Life, big


def test_people_hosts_and_secrets_get_stable_placeholders():
    hidden = Anonymous(
        {"U0ANA": "Ana Ruiz", "U0BO": "Bo"}, [{"instance": "db-7.acme.lan:9100", "job": "db"}, {"pod": ""}]
    )

    found = hidden.value(
        {
            "summary": "Ana Ruiz (U0ANA) saw db-7.acme.lan:9100 fail, mail ana@acme.example",
            "again": ["ana@acme.example", 7, None],
            "version": "v1 by Ana Ruiz",
            "link": "https://grafana.acme.lan",
            "labels": {"instance": "db-7.acme.lan:9100"},
            "key": {"summary": "U0ANA"},
        }
    )

    assert found == {
        "summary": "[person-1] ([person-1]) saw [host-1] fail, mail [email-1]",
        "again": ["[email-1]", 7, None],
        "version": "v1 by Ana Ruiz",
        "labels": {"instance": "[host-1]"},
        "key": {"summary": "[person-1]"},
    }


@pytest.mark.parametrize(
    ("was", "edited"),
    [
        ("a\nb\nc", "a\nB\nc"),
        ("a", "a\nb"),
        ("a\nb", "b"),
        ("\n".join("abcdefghijklmnop"), "\n".join("AbcdefghijklmnoP")),
        ("old", "new"),
        ("", "new"),
    ],
)
def test_a_text_is_told_as_it_was_before_an_edit(was, edited):
    diff = difflib.unified_diff(was.splitlines(), edited.splitlines(), "proposed", "edited", lineterm="")

    assert decisions.before(edited, "\n".join(diff)) == was


def verified(*, healthy):
    payload = {"proposal": "p1", "healthy": healthy}
    return LogEntry(
        seq=1,
        chain="c",
        workspace_id="w",
        incident_id="i",
        at=samples.NOON,
        actor="policy:verify",
        kind=LogKind.VERIFIED,
        payload=payload,
        prev_hash="",
        hash="",
    )


@pytest.mark.parametrize(
    ("fields", "rows", "came"),
    [
        ({"state": ProposalState.REJECTED}, [], Came.REJECTED),
        ({"state": ProposalState.CARRIED_OUT}, [verified(healthy=True)], Came.WORKED),
        ({"state": ProposalState.CARRIED_OUT}, [verified(healthy=True), verified(healthy=False)], Came.DID_NOT),
        ({"state": ProposalState.APPROVED}, [], Came.TAKEN),
        ({"state": ProposalState.APPROVED, "version": 2, "kind": ProposalKind.UPDATE}, [], Came.EDITED),
    ],
)
def test_what_came_of_a_proposal_is_read_from_its_state_and_the_log(fields, rows, came):
    kind = fields.pop("kind", ProposalKind.ACTION)

    assert exporting.came(samples.proposal(kind, id="p1", **fields), rows) is came


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_edits_and_rejections_become_preferences(life):
    incident = await life.opened(big())
    cara, ana = await life.person("cara"), await life.person("ana")
    update = await life.put(incident, ProposalKind.UPDATE, rank=0)
    taken = await life.put(incident, title="Restart it", rank=0)
    left = await life.put(incident, title="Wait", rank=0)
    await decide.edit(life.deps, update.id, 1, cara, text="Checkout fails for some. Ana looks.", approve=True)
    await decide.vote(life.deps, taken.id, 1, Choice.DONE, ana)
    await decide.vote(life.deps, left.id, 1, Choice.NOT_THIS, ana)
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)

    lines = [json.loads(line) for line in await decisions.exported(life.deps, incident.opened_at, "preference")]

    assert [(one["why"], one["kind"], one["chosen"], one["rejected"]) for one in lines] == [
        ("edited", "update", "Checkout fails for some. [person-1] looks.", "Some requests to checkout fail."),
        ("rejected", "check", "Restart it.", "Wait."),
    ]
    assert lines[0]["prompt"].startswith("P1 high: ")
    assert lines[0]["prompt"].endswith("\n\nDraft a status update for customers.")
    taught = [json.loads(one) for one in await decisions.exported(life.deps, incident.opened_at, "messages")]
    assert sorted((one["kind"], one["came"]) for one in taught) == [("check", "taken"), ("update", "edited")]
    assert (await exporting.export(life.deps, 1)).answers.runbook == "high-error-rate"


async def test_what_is_unknown_private_or_a_drill_is_not_exported(life):
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        await incidents.save(tx, incident.model_copy(update={"private": True}))

    for number in (1, 7):
        with pytest.raises(DecisionRefused, match="may be exported"):
            await exporting.export(life.deps, number)


async def test_what_people_declared_without_alerts_is_a_case_too_without_what_a_model_had_asked(life):
    declared = samples.incident(id="d" * 32, ended_at=life.clock(), correlation_key="d", number=9)
    known = samples.evidence(incident_id=declared.id)
    asked = samples.evidence(incident_id=declared.id, data=known.data | {"window": "same hour last week"})
    async with life.deps.db.transaction() as tx:
        await incidents.open_new(tx, declared)
        await evidence.add_all(tx, [known, asked])

    case = await exporting.of_incident(life.deps, declared)
    again = await replay(life.deps, case)

    assert len(case.evidence) == 1
    assert (case.alerts, case.then, again.severity, again.severity_is_right) == ((), None, None, None)
    assert again.cause_is_right is None
