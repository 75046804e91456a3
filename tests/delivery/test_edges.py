"""Rarer turns of delivery: two replicas at one try, deeds that meet a moved incident, what nobody can look up."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.content import Digest, Notice
from incident_copilot.domain.effect import EffectState, Mail, Pin, Place, Show, Target, Upload
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Verdict
from incident_copilot.domain.incident import Severity
from incident_copilot.jobs.couriers import MailCourier
from incident_copilot.jobs.couriers import Verdict as Told
from incident_copilot.pipeline import housing, mail_text, operators, read, show
from incident_copilot.sandbox import Fault
from incident_copilot.store import effects, outages
from incident_copilot.store import evidence as evidence_rows
from incident_copilot.web import incident_page

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CAUSE = Hypothesis(cause="deploy 4711", kind="change", verdict=Verdict.LIKELY, confidence=0.8)
MAIL = Mail(slot="mail:x", to=("ana@example.net",), subject="s", text="t")


async def test_of_two_replicas_one_makes_the_try(copilot, sandbox):
    sandbox.faults.add("*", Fault("drop", times=1000))
    await copilot.open(Severity.P2)
    await copilot.go(30)
    copilot.clock.forward(10)
    async with copilot.deps.db.read() as view:
        seen = await outages.of(view, "w")
    async with copilot.deps.db.transaction() as tx:
        took = await outages.take_try(tx, seen, copilot.clock(), copilot.clock() + timedelta(seconds=5))
        late = await outages.take_try(tx, seen, copilot.clock(), copilot.clock() + timedelta(seconds=5))
    before = len(sandbox.ledger)
    await copilot.go()

    assert (took, late, len(sandbox.ledger)) == (True, False, before)


async def test_try_that_another_replica_takes_first_is_left_to_it(copilot, sandbox):
    sandbox.faults.add("*", Fault("drop", times=1000))
    await copilot.open(Severity.P2)
    await copilot.go(30)
    copilot.clock.forward(60)
    outbox = copilot.outbox
    board = await _look(copilot)
    async with copilot.deps.db.transaction() as tx:
        first = await outbox._permit(tx, board[0])
        second = await outbox._permit(tx, board[0])

    assert (len(board), first is not None, second) == (1, True, None)


async def _look(copilot):
    from incident_copilot.jobs.departures import Board  # noqa: PLC0415 -- the inside of the outbox, for this test only

    outbox = copilot.outbox
    async with copilot.deps.db.read() as view:
        board = Board(view, copilot.clock(), outbox._places, outbox._is_repeatable, outbox._reach.holds)
        return await board.departures(8)


@pytest.mark.parametrize("deed", [MAIL])
async def test_mailbox_cannot_be_looked_into(copilot, deed):
    async with copilot.deps.db.transaction() as tx:
        effect = await effects.enqueue(
            tx, workspace_id="w", incident_id=None, stream="s", deed=deed, now=copilot.clock()
        )
    courier = MailCourier(None)
    found = await courier.look_up(effect, Target(), copilot.clock())

    assert (found.verdict, courier.patience_s(effect, 60)) == (Told.NOT_FOUND, 0)


async def test_look_up_is_kept_waiting_by_a_limit_and_by_a_refused_token(copilot, sandbox):
    sandbox.faults.add("chat.postMessage", Fault("drop_reply"))
    sandbox.faults.add("conversations.history", Fault("ratelimited"))
    sandbox.faults.add("conversations.history", Fault("refuse", code="token_revoked"))
    await copilot.open(Severity.P2)
    await copilot.go(70)

    assert len(sandbox.messages("#incidents")) == 1
    assert await copilot.outage() is None


async def test_lost_answer_of_a_channel_that_cannot_be_read_is_looked_up_after_joining(copilot, sandbox):
    sandbox.faults.add("chat.postMessage", Fault("drop_reply"))
    sandbox.faults.add("conversations.history", Fault("refuse", code="not_in_channel"))
    await copilot.open(Severity.P2)
    await copilot.go(10)

    assert len(sandbox.messages("#incidents")) == 1
    assert await copilot.waiting() == 0


async def test_lost_answer_of_a_channel_that_is_gone_goes_elsewhere(copilot, sandbox):
    incident = await copilot.open()
    await copilot.go(10)
    sandbox.faults.add("chat.postMessage", Fault("drop"))
    sandbox.faults.add("conversations.history", Fault("refuse", code="is_archived"))
    await copilot.notice(incident, "is it over")
    await copilot.go(10)

    assert "is it over" in copilot.texts("#incidents", (await copilot.now_is(incident)).thread_ts)


@pytest.mark.parametrize("code", ["missing_scope", "method_deprecated"])
async def test_lost_answer_that_nobody_may_look_up_is_told_operators_and_blocks_nothing(copilot, sandbox, code):
    incident = await copilot.open()
    await copilot.go(10)
    channel = (await copilot.now_is(incident)).channel_id
    sandbox.faults.add("chat.postMessage", Fault("drop"))
    sandbox.faults.add("conversations.history", Fault("refuse", code=code))
    await copilot.notice(incident, "lost")
    await copilot.notice(incident, "after it")
    await copilot.go(10)

    assert copilot.texts(channel)[-1] == "after it"
    assert any(f"conversations.history: {code}" in text for text in copilot.texts("#copilot-ops"))
    assert await copilot.outage() is None


async def test_adornment_of_an_incident_that_moved_is_dropped_and_a_message_follows(copilot):
    incident = await copilot.open()
    await copilot.go(10)
    pin, said = [
        await _enqueue(copilot, incident, deed)
        for deed in (Pin(slot="card"), Show(place=Place.INCIDENT, slot="x", content=Notice(text="t")))
    ]
    elsewhere = Target(channel="C-GONE")
    async with copilot.deps.db.transaction() as tx:
        answers = [await housing.rehouse(copilot.deps, tx, effect, elsewhere, "is_archived") for effect in (pin, said)]

    assert answers == [False, True]


async def test_what_belongs_to_no_incident_has_no_other_place(copilot):
    async with copilot.deps.db.transaction() as tx:
        deed = Show(place=Place.ANNOUNCE, slot="x", content=Notice(text="t"))
        effect = await effects.enqueue(
            tx, workspace_id="w", incident_id=None, stream="s", deed=deed, now=copilot.clock()
        )
        assert await housing.rehouse(copilot.deps, tx, effect, Target(channel="C1"), "is_archived") is False


async def test_archived_channel_that_a_pin_finds_moves_the_incident(copilot, sandbox):
    incident = await copilot.open()
    await copilot.go(10)
    sandbox.faults.add("pins.add", Fault("refuse", code="is_archived"))
    await copilot.put(show.send, incident, Pin(slot="card"), stream="pins")
    await copilot.go(10)

    assert (await copilot.now_is(incident)).thread_ts is not None
    assert (await copilot.effects_of(incident))[-1].state is not EffectState.PENDING


async def test_thread_whose_channel_is_gone_is_told_operators(copilot, sandbox):
    incident = await copilot.open(Severity.P2)
    await copilot.go(10)
    sandbox.workspace.channel("#incidents").is_archived = True
    await copilot.notice(incident, "is anybody there")
    await copilot.go(10)

    assert any("Not done for INC-1: showing notice in incident" in text for text in copilot.texts("#copilot-ops"))


async def test_incident_that_has_its_channel_keeps_it(copilot):
    incident = await copilot.open()
    await copilot.go(10)
    had = (await copilot.now_is(incident)).channel_id
    await copilot.put(housing.needs_no_channel, incident.id)

    assert (await copilot.now_is(incident)).channel_id == had


def test_deeds_are_named_for_people():
    upload = Upload(place=Place.INCIDENT, slot="chart", name="chart.png", title="t", alt="a", content="")

    assert [operators.named(deed) for deed in (upload, MAIL)] == ["sharing chart.png", 'the e-mail "s"']


@pytest.mark.parametrize(
    "other",
    [
        Upload(place=Place.INCIDENT, slot="brief", name="chart.png", title="t", alt="a", content=""),
        Show(place=Place.INCIDENT, slot="brief", content=Digest(entries=(), hour=NOON)),
    ],
)
async def test_what_is_no_brief_in_the_place_of_one_is_mailed_to_nobody(copilot, sandbox, other):
    incident = await copilot.open(Severity.P2)
    await _enqueue(copilot, incident, other)
    sandbox.faults.add("*", Fault("drop", times=1000))
    for _ in range(20):
        await copilot.go(5, step=5)
        await copilot.worker.run_due()
    await copilot.go()

    kinds = [letter.subject.partition(":")[0] for letter in copilot.mailbox.letters]
    assert sorted(kinds) == ["Slack does not answer the incident copilot", "[INC-1] P2 medium", "[INC-1] brief"]
    assert not any("chart" in letter.text for letter in copilot.mailbox.letters)


@pytest.mark.parametrize("causes", [(CAUSE,), ()])
async def test_page_and_mail_name_the_likely_cause_where_there_is_one(copilot, causes):
    incident = await copilot.open(Severity.P2)
    brief = Brief(incident_id=incident.id, headline="h", lines=(), hypotheses=causes, as_of=copilot.clock())
    async with copilot.deps.db.transaction() as tx:
        await evidence_rows.add_brief(tx, brief)
    shown = incident_page.Shown(
        card=await read.card(copilot.deps, incident.id), brief=await read.brief(copilot.deps, incident.id), timeline=[]
    )

    page = incident_page.render(shown._replace(is_reviewed=bool(causes)))
    letter = mail_text.brief(shown.brief, None)

    assert ("Likely cause: deploy 4711" in page, "First step" in page) == (bool(causes), False)
    assert ('href="/incidents/1/postmortem"' in page) is bool(causes)
    assert ("Likely cause: deploy 4711" in letter.text, "First step" in letter.text) == (bool(causes), False)


async def _enqueue(copilot, incident, deed):
    return await copilot.put(show.send, incident, deed, stream=f"extra {deed.do}")
