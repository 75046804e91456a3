"""Clicks are acknowledged while models hang, a storm runs and Slack takes no messages (F32, M2, B6)."""

import asyncio
import statistics
from datetime import UTC, datetime

import pytest

from incident_copilot.demo.files import CHANNELS
from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, Proposal, ProposalKind
from incident_copilot.errors import DecisionRefused, StoreUnavailable
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import decide, opening
from incident_copilot.sandbox import Fault, Sandbox
from incident_copilot.slack.app import build, listening
from incident_copilot.slack.manifest import manifest
from incident_copilot.store import action_log, jobs, proposals

HUNG = 10


@pytest.fixture
def clock():
    """Real time: acks are measured."""
    return lambda: datetime.now(UTC)


@pytest.fixture
def db(ordinary_db):
    """One that a storm leaves time for others."""
    return ordinary_db


@pytest.fixture
async def sandbox():
    """A workspace in real time."""
    async with Sandbox.running(manifest=manifest(), channels=CHANNELS, speed=20) as running:
        yield running


async def _open(copilot, number):
    now = copilot.clock()
    incident = Incident(
        id=new_id(now),
        workspace_id="w",
        number=0,
        title=f"incident {number}",
        severity=Severity.P2,
        status=Status.OPEN,
        correlation_key=f"key {number}",
        started_at=now,
        opened_at=now,
    )
    async with copilot.deps.db.transaction() as tx:
        return await opening.open_incident(tx, copilot.deps, incident, LogKind.OPENED, "policy:triage", {})


async def test_no_click_waits_for_models_jobs_or_messages(copilot_with, db, sandbox, client):
    copilot = copilot_with(db)
    app = build(copilot.deps, client, copilot.deps.chat.identity)
    opened = [await _open(copilot, number) for number in range(5)]
    await copilot.outbox.run_due()
    announced = await sandbox.until(lambda: len(sandbox.messages("#incidents")) == 1 and sandbox.messages("#incidents"))
    hung = asyncio.Event()
    worker = Worker(
        db, {"hang": lambda job: hung.wait(), "storm": _storm(copilot)}, copilot.clock, slots={"pipeline": 12}
    )
    async with db.transaction() as tx:
        for number in range(HUNG):
            await _leave(tx, "hang", number)
        await _leave(tx, "storm", 0)
    sandbox.faults.add("chat.postMessage", Fault("hang", times=1000))
    async with listening(app, sandbox.app_token):
        await sandbox.until(lambda: sandbox.sockets)
        working = [asyncio.create_task(worker.run()), asyncio.create_task(copilot.outbox.run())]
        ben = sandbox.person("ben")
        acks = [await ben.click(announced[0], "acknowledge", opened[0].id) for _ in range(30)]
        hung.set()
        await asyncio.gather(worker.stop(0.1), copilot.outbox.stop(0.1))
        await asyncio.gather(*working)

    assert [ack.ok for ack in acks] == [True] * 30
    assert statistics.quantiles([ack.seconds for ack in acks], n=100)[98] < 1.5


def _storm(copilot):
    async def storm(job):
        for number in range(200):
            await _open(copilot, f"storm {number}")
        async with job.finish(copilot.deps.db):
            pass

    return storm


async def _leave(tx, kind, number):
    await jobs.enqueue(
        tx, workspace_id="w", kind=kind, key=f"{kind} {number}", lane=f"{kind} {number}", run_at=datetime.now(UTC)
    )


async def test_fifty_approvals_at_once_are_one_decision(copilot_with, any_db):
    copilot = copilot_with(any_db)
    incident = await _open(copilot, 1)
    now = copilot.clock()
    proposal = Proposal(
        id=new_id(now),
        incident_id=incident.id,
        workspace_id="w",
        kind=ProposalKind.UPDATE,
        key="update",
        title="Tell colleagues",
        shown={"audience": "internal", "text": "We look into it."},
        created_at=now,
        expires_at=now.replace(year=now.year + 1),
    )
    async with any_db.transaction() as tx:
        await proposals.add(tx, proposal)
    voters = [Person(id=f"U{number:04}", name="", roles=frozenset({"commander"})) for number in range(50)]
    said = await asyncio.gather(*(_approve(copilot, proposal, voter) for voter in voters))
    async with any_db.read() as db:
        kinds = [row.kind for row in await action_log.entries(db, incident.id)]
    told = [text for text in said if text != "Approved."]

    assert (said.count("Approved."), kinds.count(LogKind.APPROVED)) == (1, 1)
    assert all(text.startswith("This proposal was approved by <@U") for text in told)


async def _approve(copilot, proposal, voter):
    """What one is told, who clicks again while told that nothing was recorded."""
    while True:
        try:
            return (await decide.vote(copilot.deps, proposal.id, 1, Choice.APPROVE, voter)).text
        except StoreUnavailable:
            continue
        except DecisionRefused as refusal:
            return str(refusal)
