"""The outbox: everything is sent, in order and paced, and nothing is blindly sent twice."""

import asyncio
import logging
from datetime import timedelta

import pytest

from incident_copilot.domain.effect import Bookmark, Invite, Pin, Place, RunAction, Target, Upload
from incident_copilot.errors import (
    ChatLimited,
    ChatRefused,
    ChatUnavailable,
    ChatUnknown,
    LostLease,
    OutcomeUnknown,
    VendorRefused,
    VendorUnavailable,
)
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.ports import ActionResult
from incident_copilot.store import effects, incidents, messages

from .leases import expire

ROLLBACK = RunAction(proposal_id="p", version=1, action="rollback", params={}, key="k1", approved_by=("U1",))


async def _crash_while_sending(outbox, chat):
    """Claim what is due and send it, and lose the process before it can note the answer."""
    works, _ = await outbox._claim(8)
    crashed = asyncio.create_task(works[0]())
    await chat.called.get()
    return crashed


async def test_effects_of_a_new_incident_go_out_one_after_the_other(
    any_db, make_outbox, chat, put, show, open_incident, open_channel, clock, settled
):
    incident = await open_incident(any_db, thread_ts="7.7")
    of_it = {"incident_id": incident.id}
    opening = await put(any_db, open_channel, "channel", **of_it)
    card = await put(any_db, show("card", "card", Place.INCIDENT), "card", needs=[opening.id], **of_it)
    await put(any_db, Pin(slot="card"), "pin", needs=[card.id], **of_it)
    await put(any_db, Invite(people=("U1",)), "invite", needs=[opening.id], **of_it)
    await put(any_db, Bookmark(title="Runbook", link="https://r"), "bookmark", needs=[opening.id], **of_it)
    await make_outbox(any_db).run_due()
    async with any_db.read() as view:
        stored = await incidents.get(view, incident.id)

    assert chat.texts[0] == "open_channel"
    assert sorted((effect.deed.do, target.channel, target.message_ts) for effect, target in chat.delivered[1:]) == [
        ("bookmark", "C-NEW", None),
        ("invite", "C-NEW", None),
        ("pin", "C-NEW", chat.there[card.id]["ts"]),
        ("show", "C-NEW", None),
    ]
    assert (stored.channel_id, stored.thread_ts) == ("C-NEW", None)
    assert settled[0] == ("open_channel", "done")
    assert sorted(settled[1:]) == [("bookmark", "done"), ("card", "done"), ("invite", "done"), ("pin", "done")]


async def test_message_of_an_incident_waits_for_its_channel(db, make_outbox, chat, put, show, open_incident):
    incident = await open_incident(db)
    await put(db, show("card", "card", Place.INCIDENT), incident_id=incident.id)
    outbox = make_outbox(db)
    before = await outbox.run_due()
    async with db.transaction() as tx:
        await incidents.save(tx, incident.model_copy(update={"channel_id": "C1", "thread_ts": "7.7"}))

    assert (before, await outbox.run_due()) == (0, 1)
    assert chat.delivered[0][1] == Target(channel="C1", thread_ts="7.7")


async def test_second_version_edits_the_message_of_the_first(db, make_outbox, chat, put, show, clock):
    outbox = make_outbox(db)
    for text in ("one", "two"):
        await put(db, show(text, place=Place.ANNOUNCE))
        await outbox.run_due()
        clock.forward(1)

    assert [target for _, target in chat.delivered] == [
        Target(channel="incidents"),
        Target(channel="C-ANNOUNCE", message_ts="1.0"),
    ]


async def test_message_posted_anew_is_the_one_edited_from_then_on(db, make_outbox, chat, put, show, clock):
    outbox = make_outbox(db)
    for text, anew in [("one", False), ("two", True), ("three", False)]:
        await put(db, show(text, anew=anew))
        await outbox.run_due()
        clock.forward(1)

    assert [target.message_ts for _, target in chat.delivered] == [None, None, "2.0"]


async def test_message_and_file_go_into_the_thread_of_the_slot_they_belong_under(
    db, make_outbox, chat, put, show, clock
):
    outbox = make_outbox(db)
    upload = Upload(place=Place.OPERATOR, slot="chart:1", name="a.png", title="a", alt="a", content="", under="brief")
    for deed in (show("brief", "brief"), show("below", "note", under="brief"), upload):
        await put(db, deed)
        await outbox.run_due()
        clock.forward(1)
    async with db.read() as view:
        file_id = await messages.ts_of(view, "w", "workspace", "chart:1", "C-OPS")

    assert [target.thread_ts for _, target in chat.delivered] == [None, "1.0", "1.0"]
    assert file_id == "F3"


async def test_channel_takes_one_message_a_second_and_other_channels_do_not_wait(
    any_db, make_outbox, chat, put, show, clock
):
    outbox = make_outbox(any_db)
    await put(any_db, show("one", "a"), "a")
    await put(any_db, show("two", "b"), "b")
    await put(any_db, show("elsewhere", "c", Place.ANNOUNCE), "c")
    await outbox.run_due()
    at_once = sorted(chat.texts)
    clock.forward(0.9)
    early = await outbox.run_due()
    clock.forward(0.1)
    await outbox.run_due()

    assert (at_once, early, chat.texts[2:]) == (["elsewhere", "one"], 0, ["two"])


async def test_two_replicas_together_keep_the_pace(postgres_db, make_outbox, chat, put, show):
    for name in "abcd":
        await put(postgres_db, show(name, name), name)
    sent = await asyncio.gather(*(make_outbox(postgres_db).run_due() for _ in range(2)))

    assert (sum(sent), len(chat.delivered)) == (1, 1)


async def test_urgent_message_overtakes_those_that_wait_for_the_channel(db, make_outbox, chat, put, show, clock):
    outbox = make_outbox(db)
    for name in ("one", "two"):
        await put(db, show(name, name), name)
    await outbox.run_due()
    await put(db, show("urgent", "urgent"), "urgent", priority=1)
    clock.forward(1)
    await outbox.run_due()

    assert chat.texts == ["one", "urgent"]


async def test_newest_content_goes_out_when_the_channel_is_free(db, make_outbox, chat, put, show, clock):
    outbox = make_outbox(db)
    for text in ("one", "two", "three"):
        await put(db, show(text))
        await outbox.run_due()
    clock.forward(1)
    await outbox.run_due()

    assert chat.texts == ["one", "three"]


async def test_rate_limit_holds_the_whole_channel_for_as_long_as_the_chat_says(
    db, make_outbox, chat, put, show, clock, state_of, open_incident
):
    incident = await open_incident(db, channel_id="C-OPS")
    outbox = make_outbox(db)
    chat.troubles = [ChatLimited("ratelimited", 30)]
    limited = await put(db, show("one", "a"), "a")
    await outbox.run_due()
    await put(db, show("two", "b"), "b", priority=1)
    await put(db, Pin(slot="a"), "c", incident_id=incident.id)
    await outbox.run_due()
    held = [chat.texts, await state_of(db, limited)]
    clock.forward(30)
    await outbox.run_due()
    clock.forward(1)
    await outbox.run_due()

    assert held == [["one", "pin"], ("pending", "ratelimited", 30)]
    assert chat.texts[2:] == ["two", "one"]


async def test_rate_limit_of_another_call_holds_that_call_only(db, make_outbox, chat, put, show, clock, open_incident):
    incident = await open_incident(db, channel_id="C1")
    outbox = make_outbox(db)
    chat.troubles = [ChatLimited("ratelimited", 30)]
    for number in range(2):
        await put(db, Invite(people=(f"U{number}",)), f"invite {number}", incident_id=incident.id)
        await outbox.run_due()
    await put(db, show("card", "card", Place.INCIDENT), incident_id=incident.id)
    await outbox.run_due()
    clock.forward(30)
    await outbox.run_due()

    assert chat.texts == ["invite", "card", "invite", "invite"]


async def test_lost_answer_of_a_post_is_found_and_nothing_posted_again(
    any_db, make_outbox, chat, put, show, settled, state_of
):
    chat.answers_lost = [ChatUnknown("no answer")]
    effect = await put(any_db, show("one"))
    await make_outbox(any_db).run_due()
    async with any_db.read() as view:
        ts = await messages.ts_of(view, "w", "workspace", "card", "C-OPS")

    assert (chat.texts, len(chat.looked_up), ts) == (["one"], 1, "1.0")
    assert (settled, (await state_of(any_db, effect))[0]) == ([("one", "done")], "done")


async def test_read_back_looks_from_a_minute_before_the_sending(db, make_outbox, chat, put, show, clock):
    chat.answers_lost = [ChatUnknown("no answer")]
    effect = await put(db, show("one"))
    await make_outbox(db).run_due()

    assert chat.looked_up == [(effect.id, clock() - timedelta(seconds=60))]


async def test_post_that_is_not_found_for_a_minute_is_repeated(
    db, make_outbox, chat, put, show, clock, settled, state_of
):
    outbox = make_outbox(db)
    chat.troubles = [ChatUnknown("no answer"), None]
    effect = await put(db, show("one"))
    await outbox.run_due()
    doubted = await state_of(db, effect)
    clock.forward(59)
    await outbox.run_due()
    before = list(chat.texts)
    clock.forward(15)
    await outbox.run_due()

    assert doubted == ("unknown", "not found in the chat", 1)
    assert (before, chat.texts, settled) == (["one"], ["one", "one"], [("one", "done")])


async def test_post_that_appears_late_is_not_repeated(db, make_outbox, chat, put, show, clock, settled):
    outbox = make_outbox(db)
    chat.troubles = [ChatUnknown("no answer")]
    effect = await put(db, show("one"))
    await outbox.run_due()
    chat.there[effect.id] = {"channel": "C-OPS", "ts": "9.9"}
    clock.forward(5)
    await outbox.run_due()

    assert (chat.texts, settled) == (["one"], [("one", "done")])


async def test_post_that_is_lost_too_often_fails_for_people_to_see(
    db, make_outbox, chat, put, show, clock, settled, state_of
):
    outbox = make_outbox(db, settle_s=4, max_sends=2)
    chat.troubles = [ChatUnknown("no answer"), ChatUnknown("no answer")]
    effect = await put(db, show("one"))
    for _ in range(8):
        await outbox.run_due()
        clock.forward(4)

    assert (chat.texts, settled) == (["one", "one"], [("one", "failed")])
    assert (await state_of(db, effect))[:2] == ("failed", "not found in the chat")


async def test_post_that_was_turned_away_was_not_lost(db, make_outbox, chat, put, show, clock, settled):
    outbox = make_outbox(db, settle_s=4, max_sends=2)
    chat.troubles = [ChatLimited("slow down", 1), ChatLimited("slow down", 1), ChatUnknown("no answer")]
    await put(db, show("one"))
    for _ in range(8):
        await outbox.run_due()
        clock.forward(4)

    assert settled == [("one", "done")]


async def test_read_back_is_repeated_for_as_long_as_the_chat_is_away(
    db, make_outbox, chat, put, show, clock, settled, state_of
):
    outbox = make_outbox(db)
    chat.answers_lost = [ChatUnknown("no answer")]
    chat.look_up_troubles = [ChatUnavailable("down", 1), TimeoutError()]
    effect = await put(db, show("one"))
    await outbox.run_due()
    first = await state_of(db, effect)
    clock.forward(100)
    await outbox.run_due()
    second = await state_of(db, effect)
    clock.forward(15)
    await outbox.run_due()

    assert (first, second) == (("unknown", "down", 1), ("unknown", "no answer in 10 s", 15))
    assert (chat.texts, settled) == (["one"], [("one", "done")])


async def test_unknown_post_holds_up_its_stream_only(db, make_outbox, chat, put, show, clock):
    chat.troubles = [ChatUnknown("no answer")]
    await put(db, show("one", "a"))
    await put(db, show("after it", "b"))
    await put(db, show("elsewhere", "c", Place.ANNOUNCE), "other")
    await make_outbox(db).run_due()

    assert chat.texts == ["one", "elsewhere"]


async def test_lost_answer_of_an_edit_is_no_matter(db, make_outbox, chat, put, show, clock, settled, state_of):
    outbox = make_outbox(db)
    await put(db, show("one"))
    await outbox.run_due()
    clock.forward(1)
    chat.troubles = [ChatUnknown("no answer")]
    effect = await put(db, show("two"))
    await outbox.run_due()
    waiting = await state_of(db, effect)
    clock.forward(2)
    await outbox.run_due()

    assert waiting == ("pending", "no answer", 2)
    assert (chat.texts, chat.looked_up, settled[-1]) == (["one", "two", "two"], [], ("two", "done"))


async def test_hung_call_ends_at_its_deadline_and_counts_as_unknown(db, make_outbox, chat, put, show, state_of):
    chat.hold = asyncio.Event()
    effect = await put(db, show("one"))
    await make_outbox(db, deadline_s=0.01).run_due()

    assert (await state_of(db, effect))[:2] == ("unknown", "not found in the chat")


async def test_crash_after_sending_is_looked_up_by_whoever_comes_next(any_db, make_outbox, chat, put, show, settled):
    effect = await put(any_db, show("one"))
    chat.hold = asyncio.Event()
    crashed = await _crash_while_sending(make_outbox(any_db), chat)
    chat.there[effect.id] = {"channel": "C-OPS", "ts": "1.0"}
    await expire(any_db)
    taken_over = await make_outbox(any_db).run_due()
    chat.hold.set()
    [late] = await asyncio.gather(crashed, return_exceptions=True)

    assert (taken_over, chat.texts, settled) == (1, ["one"], [("one", "done")])
    assert isinstance(late, LostLease)


async def test_crash_during_a_call_that_may_be_repeated_repeats_it(db, make_outbox, chat, put, open_incident, settled):
    incident = await open_incident(db, channel_id="C1")
    await put(db, Invite(people=("U1",)), incident_id=incident.id)
    never = chat.hold = asyncio.Event()
    crashed = await _crash_while_sending(make_outbox(db), chat)
    await expire(db)
    chat.hold = None
    await make_outbox(db).run_due()
    never.set()
    await asyncio.gather(crashed, return_exceptions=True)

    assert (chat.texts, chat.looked_up, settled) == (["invite", "invite"], [], [("invite", "done")])


async def test_paused_process_cannot_record_after_its_lease_was_taken(
    db, make_outbox, chat, put, show, settled, caplog
):
    await put(db, show("one"))
    chat.hold = asyncio.Event()
    paused = make_outbox(db)
    works, _ = await paused._claim(8)
    late = asyncio.create_task(paused._crew._guarded(works[0]))
    await chat.called.get()
    await expire(db)
    await make_outbox(db).run_due()
    chat.hold.set()
    with caplog.at_level(logging.INFO):
        await late

    assert settled == []
    assert "dropped a result: effect" in caplog.text


async def test_process_that_was_paused_before_sending_does_not_send(db, make_outbox, chat, put, show, state_of):
    effect = await put(db, show("one"))
    outbox = make_outbox(db, lease_s=10, deadline_s=10)
    works, _ = await outbox._claim(8)
    await works[0]()

    assert (chat.delivered, (await state_of(db, effect))[:2]) == (
        [],
        ("pending", "the process was paused before sending"),
    )


async def test_edit_of_a_deleted_message_is_posted_anew(db, make_outbox, chat, put, show, clock, settled):
    outbox = make_outbox(db)
    await put(db, show("one"))
    await outbox.run_due()
    chat.troubles = [ChatRefused("message_not_found", "message_not_found")]
    await put(db, show("two"))
    for _ in range(2):
        clock.forward(1)
        await outbox.run_due()

    assert [target.message_ts for _, target in chat.delivered] == [None, "1.0", None]
    assert settled == [("one", "done"), ("two", "done")]


async def test_channel_that_is_gone_is_addressed_by_its_name_again(db, make_outbox, chat, put, show, clock, settled):
    outbox = make_outbox(db)
    await put(db, show("one"))
    await outbox.run_due()
    chat.troubles = [ChatRefused("is_archived", "is_archived"), ChatRefused("is_archived", "is_archived")]
    await put(db, show("two"))
    for _ in range(2):
        clock.forward(1)
        await outbox.run_due()

    assert [target.channel for _, target in chat.delivered] == ["copilot-ops", "C-OPS", "copilot-ops"]
    assert settled == [("one", "done"), ("two", "failed")]


async def test_refused_effect_fails_with_the_code_and_its_stream_goes_on(
    db, make_outbox, chat, put, show, settled, clock
):
    outbox = make_outbox(db)
    chat.troubles = [ChatRefused("invalid_blocks: too long", "invalid_blocks")]
    effect = await put(db, show("one", "a"))
    await put(db, show("two", "b"))
    await outbox.run_due()
    clock.forward(1)
    await outbox.run_due()
    async with db.read() as view:
        stored = await effects.get(view, effect.id)

    assert (stored.result, stored.error) == ({"code": "invalid_blocks"}, "invalid_blocks: too long")
    assert settled == [("one", "failed"), ("two", "done")]


async def test_pin_of_a_message_that_was_never_posted_goes_to_the_chat_without_one(
    db, make_outbox, chat, put, open_incident
):
    incident = await open_incident(db, channel_id="C1")
    await put(db, Pin(slot="card"), incident_id=incident.id)
    await make_outbox(db).run_due()

    assert [target for _, target in chat.delivered] == [Target(channel="C1")]


async def test_effect_that_breaks_our_code_is_given_up_in_the_end(
    db, make_outbox, chat, put, open_incident, clock, settled, caplog, state_of
):
    incident = await open_incident(db, channel_id="C1")
    chat.troubles = [ZeroDivisionError("bug")] * 20
    effect = await put(db, Invite(people=("U1",)), incident_id=incident.id)
    outbox = make_outbox(db)
    for _ in range(10):
        await outbox.run_due()
        clock.forward(60)

    assert (len(chat.delivered), settled) == (8, [("invite", "failed")])
    assert (await state_of(db, effect))[:2] == ("failed", "ZeroDivisionError: bug")
    assert "broke" in caplog.text


async def test_result_and_what_follows_from_it_are_one_commit(db, chat, make_outbox, put, show, state_of):
    async def refuse(tx, effect):
        raise RuntimeError("the log does not take it")

    effect = await put(db, show("one"))
    outbox = make_outbox(db, settled=refuse)
    [work], _ = await outbox._claim(8)
    with pytest.raises(RuntimeError):
        await work()
    async with db.read() as view:
        ts = await messages.ts_of(view, "w", "workspace", "card", "C-OPS")

    assert ((await state_of(db, effect))[0], ts) == ("leased", None)


async def test_outbox_works_without_anybody_who_wants_to_know(db, chat, make_outbox, put, show, clock, state_of):
    effect = await put(db, show("one"))
    await Outbox(db, Couriers(chat), clock, places={Place.OPERATOR: "copilot-ops"}).run_due()

    assert (await state_of(db, effect))[0] == "done"


@pytest.mark.parametrize(
    ("place", "channel", "sent"),
    [
        (Place.OPERATOR, "C1", ["elsewhere", "storm"]),
        (Place.INCIDENT, "C1", ["elsewhere", "storm"]),
        (Place.INCIDENT, None, ["elsewhere"]),
    ],
)
async def test_storm_in_one_channel_does_not_hide_another(
    any_db, make_outbox, chat, put, show, clock, open_incident, place, channel, sent
):
    incident = await open_incident(any_db, channel_id=channel)
    async with any_db.transaction() as tx:
        for number in range(60):
            await effects.enqueue(
                tx,
                workspace_id="w",
                incident_id=incident.id,
                stream=f"s{number}",
                deed=show("storm", f"s{number}", place),
                now=clock(),
            )
    await put(any_db, show("elsewhere", "e", Place.ANNOUNCE), "e")
    await make_outbox(any_db).run_due()

    assert sorted(chat.texts) == sent


@pytest.mark.parametrize(
    ("outcome", "state", "error"),
    [
        (ActionResult(ok=True, summary="rolled back", link="https://run"), "done", None),
        (ActionResult(ok=False, summary="the workflow is disabled"), "failed", "the workflow is disabled"),
        (VendorRefused("GitHub: HTTP 404", 404), "failed", "GitHub: HTTP 404"),
    ],
)
async def test_action_is_executed_once_with_its_key(
    db, make_outbox, put, make_action, state_of, settled, outcome, state, error
):
    action = make_action("ask", [outcome])
    effect = await put(db, ROLLBACK)
    await make_outbox(db, actions={"rollback": action}).run_due()

    assert (action.keys, settled, (await state_of(db, effect))[:2]) == (
        ["k1"],
        [("run_action", state)],
        (state, error),
    )


async def test_action_that_is_not_offered_any_more_fails(db, make_outbox, put, settled, state_of):
    effect = await put(db, ROLLBACK)
    await make_outbox(db).run_due()

    assert (await state_of(db, effect))[:2] == ("failed", "there is no action rollback any more")


async def test_action_that_nothing_was_done_of_is_tried_again_and_given_up_in_the_end(
    db, make_outbox, put, make_action, clock, settled, state_of
):
    action = make_action("ask", [VendorUnavailable("GitHub is away", 30)] + [VendorUnavailable("GitHub is away")] * 9)
    effect = await put(db, ROLLBACK)
    outbox = make_outbox(db, actions={"rollback": action})
    await outbox.run_due()
    waiting = await state_of(db, effect)
    for _ in range(10):
        clock.forward(60)
        await outbox.run_due()

    assert waiting == ("pending", "GitHub is away", 30)
    assert (len(action.keys), settled) == (8, [("run_action", "failed")])


async def test_unknown_action_is_looked_up_until_it_is_found(db, make_outbox, put, make_action, clock, settled, done):
    action = make_action("read_back", [OutcomeUnknown("no answer")], [None, VendorUnavailable("away"), done])
    await put(db, ROLLBACK)
    outbox = make_outbox(db, actions={"rollback": action})
    for _ in range(3):
        await outbox.run_due()
        clock.forward(15)

    assert (action.keys, action.looked, settled) == (["k1"], 3, [("run_action", "done")])


async def test_unknown_action_that_is_not_found_is_put_to_people_and_never_repeated(
    db, make_outbox, put, make_action, clock, settled, state_of
):
    action = make_action("read_back", [OutcomeUnknown("no answer")])
    effect = await put(db, ROLLBACK)
    outbox = make_outbox(db, actions={"rollback": action})
    for _ in range(10):
        await outbox.run_due()
        clock.forward(15)

    assert (action.keys, settled) == (["k1"], [("run_action", "unknown")])
    assert (await state_of(db, effect))[:2] == ("unknown", "no trace of it at the other side")


async def test_unknown_action_that_cannot_be_looked_up_is_put_to_people_at_once(
    db, make_outbox, put, make_action, settled
):
    action = make_action("ask", [TimeoutError()])
    await put(db, ROLLBACK)
    await make_outbox(db, actions={"rollback": action}).run_due()

    assert (action.keys, settled) == (["k1"], [("run_action", "unknown")])


async def test_keyed_action_is_repeated_with_the_same_key(db, make_outbox, put, make_action, clock, settled, done):
    action = make_action("keyed", [OutcomeUnknown("no answer"), done])
    await put(db, ROLLBACK)
    outbox = make_outbox(db, actions={"rollback": action})
    await outbox.run_due()
    clock.forward(2)
    await outbox.run_due()

    assert (action.keys, action.looked, settled) == (["k1", "k1"], 0, [("run_action", "done")])


@pytest.mark.parametrize("later", [OutcomeUnknown("no answer"), VendorUnavailable("away")])
async def test_keyed_action_that_never_answers_is_put_to_people(
    db, make_outbox, put, make_action, clock, settled, later
):
    action = make_action("keyed", [OutcomeUnknown("no answer")] + [later] * 9)
    await put(db, ROLLBACK)
    outbox = make_outbox(db, actions={"rollback": action})
    for _ in range(10):
        await outbox.run_due()
        clock.forward(60)

    assert (len(action.keys), settled) == (8, [("run_action", "unknown")])


async def test_action_whose_adapter_went_away_before_its_answer_is_put_to_people(
    db, make_outbox, put, make_action, settled
):
    action = make_action("read_back", [OutcomeUnknown("no answer")])
    await put(db, ROLLBACK)
    works, _ = await make_outbox(db, actions={"rollback": action})._claim(8)
    await works[0]()
    await make_outbox(db).run_due()

    assert settled == [("run_action", "unknown")]


async def test_running_outbox_sends_right_after_the_commit(db, make_outbox, chat, put, show):
    outbox = make_outbox(db, poll_s=60)
    running = asyncio.create_task(outbox.run())
    await put(db, show("one"))
    async with asyncio.timeout(5):
        effect = await chat.called.get()
    await outbox.stop()
    await running

    assert effect.deed == show("one")


async def test_stop_waits_for_answers(db, make_outbox, chat, put, show, settled):
    chat.hold = asyncio.Event()
    outbox = make_outbox(db, poll_s=60)
    running = asyncio.create_task(outbox.run())
    await put(db, show("one"))
    await chat.called.get()
    asyncio.get_running_loop().call_soon(chat.hold.set)
    await outbox.stop()
    await running

    assert settled == [("one", "done")]


async def test_send_that_a_stop_cuts_off_is_looked_up_by_the_next_process(
    db, make_outbox, chat, put, show, settled, state_of
):
    chat.hold = asyncio.Event()
    outbox = make_outbox(db, poll_s=60)
    running = asyncio.create_task(outbox.run())
    effect = await put(db, show("one"))
    await chat.called.get()
    await outbox.stop(grace_s=0)
    await running
    cut_off = await state_of(db, effect)
    chat.there[effect.id] = {"channel": "C-OPS", "ts": "1.0"}
    await make_outbox(db).run_due()

    assert cut_off == ("unknown", "the process stopped before the answer", 0)
    assert (chat.texts, settled) == (["one"], [("one", "done")])
