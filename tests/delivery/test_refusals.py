"""What Slack refuses is repeated, repaired or told to people; nothing is lost in silence (F15 to F19)."""

import logging

import pytest

from incident_copilot.domain.effect import EffectState
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.refusal import Remedy, remedy_for
from incident_copilot.pipeline import show
from incident_copilot.sandbox import Fault
from incident_copilot.store import effects


@pytest.mark.parametrize(
    ("remedy", "codes"),
    [
        (Remedy.RETRY, ["internal_error", "fatal_error", "ratelimited", "message_limit_exceeded"]),
        (Remedy.REPAIR, ["invalid_auth", "account_inactive", "token_revoked", "missing_scope"]),
        (Remedy.SHORTEN, ["msg_too_long", "invalid_blocks"]),
        (Remedy.RENAME, ["name_taken"]),
        (Remedy.REJOIN, ["not_in_channel"]),
        (Remedy.MOVE, ["channel_not_found", "is_archived", "is_inactive", "restricted_action"]),
        (Remedy.POST_ANEW, ["message_not_found", "cant_update_message"]),
        (Remedy.TELL, ["invalid_name", "no_such_error", ""]),
    ],
)
def test_each_error_of_slack_has_its_remedy(remedy, codes):
    assert {remedy_for(code) for code in codes} == {remedy}


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "missing_scope"])
async def test_refused_token_is_tried_once_a_minute_and_nothing_is_lost(copilot, sandbox, code, caplog):
    sandbox.faults.add("chat.postMessage", Fault("refuse", code=code, times=100))
    await copilot.open(Severity.P2)
    await copilot.go(300, step=5)
    tries = 100 - sandbox.faults._waiting[0][1].times
    await copilot.worker.run_due()
    await copilot.go()
    waiting = await copilot.waiting()
    sandbox.faults.clear()
    await copilot.go(70)

    assert (tries <= 6, waiting > 0, await copilot.outage()) == (True, True, None)
    assert [mail.subject for mail in copilot.mailbox.letters if mail.to == ("ops@example.net",)] == [
        f"Slack refuses the incident copilot: {code}"
    ]
    assert [record.levelname for record in caplog.records if "refuses the copilot" in record.message] == ["ERROR"]
    assert len(sandbox.messages("#incidents")) == 1


async def test_missing_scope_of_an_adornment_holds_up_no_message(copilot, sandbox):
    sandbox.faults.add("pins.add", Fault("refuse", code="missing_scope", times=5))
    incident = await copilot.open()
    await copilot.go(10)
    states = await copilot.states(incident)

    assert (states["pin"], states["notice:page:primary"]) == (EffectState.FAILED, EffectState.DONE)
    assert "Not done for INC-1: pin. Slack refused pins.add: missing_scope" in copilot.texts("#copilot-ops")


async def test_channel_that_cannot_be_opened_leaves_the_incident_in_its_thread(copilot, sandbox):
    sandbox.faults.add("conversations.create", Fault("refuse", code="restricted_action"))
    incident = await copilot.open()
    await copilot.go(10)
    now_is = await copilot.now_is(incident)
    [announcement] = sandbox.messages("#incidents")

    assert (now_is.channel_id, now_is.thread_ts) == (sandbox.channel("#incidents").id, announcement.ts)
    assert any("You are on call" in text for text in copilot.texts("#incidents", announcement.ts))
    assert "\n".join(copilot.texts("#copilot-ops")) == (
        "Not done for INC-1: opening #inc-1-checkout-high-error-rate. "
        "Slack refused conversations.create: restricted_action"
    )
    assert [effect.method for effect in sandbox.ledger if effect.method in {"pins.add", "conversations.invite"}] == []
    assert LogKind.UNDELIVERED in await copilot.log(incident)


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived"])
async def test_incident_whose_channel_is_gone_goes_on_in_its_thread(copilot, sandbox, code):
    incident = await copilot.open()
    await copilot.go(10)
    sandbox.faults.add("chat.postMessage", Fault("refuse", code=code))
    await copilot.notice(incident, "The rollback helped")
    await copilot.go(10)
    [announcement] = sandbox.messages("#incidents")
    thread = copilot.texts("#incidents", announcement.ts)

    assert "The rollback helped" in thread
    assert f"INC-1 goes on in this thread: its channel is gone ({code})." in thread
    assert copilot.texts("#copilot-ops") == [
        f"INC-1 lost its channel: {code}. It goes on in the thread of its announcement."
    ]
    assert LogKind.UNDELIVERED in await copilot.log(incident)


async def test_incident_that_loses_its_channel_before_it_is_announced_waits_for_its_thread(copilot, sandbox):
    sandbox.faults.add("chat.postMessage", Fault("refuse", code="channel_not_found", times=2))
    incident = await copilot.open()
    await copilot.go(30)
    now_is = await copilot.now_is(incident)

    assert now_is.thread_ts is not None
    assert await copilot.waiting() == 0


async def test_incident_that_cannot_be_announced_is_announced_to_the_operators(copilot, sandbox):
    sandbox.workspace.channel("#incidents").is_archived = True
    incident = await copilot.open(Severity.P2)
    await copilot.go(10)
    now_is = await copilot.now_is(incident)

    assert now_is.channel_id == sandbox.channel("#copilot-ops").id
    assert any("INC-1 checkout" in text for text in copilot.texts("#copilot-ops"))
    assert any("You are on call" in text for text in copilot.texts("#copilot-ops", now_is.thread_ts))


async def test_operators_who_cannot_be_told_are_in_the_log_file(copilot, sandbox, caplog):
    sandbox.workspace.channel("#copilot-ops").is_archived = True
    sandbox.faults.add("conversations.create", Fault("refuse", code="restricted_action"))
    await copilot.open()
    with caplog.at_level(logging.ERROR):
        await copilot.go(10)

    assert any("operators were not told" in message for message in caplog.messages)
    assert await copilot.waiting() == 0


async def test_adornment_that_slack_restricts_does_not_move_the_incident(copilot, sandbox):
    sandbox.faults.add("pins.add", Fault("refuse", code="restricted_action"))
    incident = await copilot.open()
    await copilot.go(10)

    assert (await copilot.now_is(incident)).thread_ts is None


async def test_taken_name_gets_a_number_and_a_channel_of_a_crashed_try_is_adopted(copilot, sandbox):
    sandbox.faults.add("conversations.create", Fault("drop_reply"))
    await sandbox.person("ana").create_channel("inc-2-checkout-high-error-rate")
    first = await copilot.open()
    await copilot.go(10)
    second = await copilot.open()
    await copilot.go(10)
    names = [sandbox.workspace.channels[(await copilot.now_is(one)).channel_id].name for one in (first, second)]

    assert names == ["inc-1-checkout-high-error-rate", "inc-2-checkout-high-error-rate-2"]


async def test_message_that_only_slack_does_not_take_fails_in_the_end(copilot, sandbox):
    incident = await copilot.open(Severity.P2)
    await copilot.go(5)
    sandbox.faults.add("chat.update", Fault("error", times=1000))
    await copilot.put(show.card, incident.id)
    for number in range(60):
        await copilot.notice(incident, f"line {number}")
        await copilot.go(5, step=5)
    async with copilot.deps.db.read() as db:
        last = await effects.latest(db, "w", incident.id, "announcement")

    assert (last.state, last.attempts) == (EffectState.FAILED, 10)
