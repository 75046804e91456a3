"""B: who may decide. What may not count is refused, logged, and runs nothing."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from slack_bolt.request.async_request import AsyncBoltRequest

from incident_copilot.domain.effect import RunAction
from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState, Risk
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import carry_out, decide, people
from incident_copilot.pipeline.handlers import Rechecked
from incident_copilot.ports import ActionResult
from incident_copilot.sandbox.state import posting
from incident_copilot.slack.listeners.answering import GONE
from incident_copilot.store import incidents, proposals, timeline

from .bench import SHOWN, click, now


async def vote(bench, put, who, choice=Choice.APPROVE, version=1):
    """Vote as somebody, without a message."""
    return await decide.vote(bench.deps, put.id, version, choice, await people.known(bench.deps, who))


async def refused(bench, put, who, **more):
    """What somebody is told who may not decide."""
    with pytest.raises(DecisionRefused) as refusal:
        await vote(bench, put, who, **more)
    return str(refusal.value)


async def test_b01_viewer_clicks_approve(live):
    incident = await live.open()
    put, message = await live.put(incident)

    await live.sandbox.person("vic").click(message, "approve")

    assert "you need the role approver" in (await live.hears("vic"))[0]
    assert await live.logged(incident) == [("proposal:refused", "U0VIC")]
    assert (await live.state(put), await live.runs()) == (ProposalState.OPEN, 0)


async def test_b02_who_asked_approves_their_own_risky_action(bench):
    put, _ = await bench.put(risk=Risk.HIGH, needed=2, requested_by="U0ANA")

    assert await refused(bench, put, "U0ANA") == "You asked for this action, so somebody else has to approve it."
    await vote(bench, put, "U0BEN")

    assert (await bench.state(put), await bench.runs()) == (ProposalState.OPEN, 0)
    await vote(bench, put, "U0APPROVER1")
    assert (await bench.state(put), await bench.runs()) == (ProposalState.APPROVED, 1)


async def test_b02_who_asked_may_withdraw_their_own(bench):
    put, _ = await bench.put(risk=Risk.HIGH, needed=2, requested_by="U0ANA")

    await vote(bench, put, "U0ANA", choice=Choice.REJECT)

    assert await bench.state(put) is ProposalState.REJECTED


async def test_b03_same_person_approves_from_two_devices(live):
    put, message = await live.put(risk=Risk.HIGH, needed=2)
    ana = live.sandbox.person("ana")

    await asyncio.gather(ana.click(message, "approve"), ana.click(message, "approve"))
    await live.sandbox.until(lambda: len(ana.ephemerals("#general")) == 2)

    assert sorted(await live.hears("ana")) == [
        "You have already voted on this; it needs another person.",
        "Your approval counts. One more person is needed.",
    ]
    assert (await live.state(put), await live.runs()) == (ProposalState.OPEN, 0)


async def test_b04_button_with_our_name_in_a_message_of_another_app(live):
    put, message = await live.put()
    before = await live.stored()
    forged = AsyncBoltRequest(
        body={
            "type": "block_actions",
            "trigger_id": "1.1",
            "team": {"id": "T0SANDBOX"},
            "user": {"id": "U0ANA"},
            "container": {"type": "message", "channel_id": message.channel, "message_ts": message.ts},
            "message": {"ts": message.ts, "bot_id": "B0OTHER"},
            "actions": [{"action_id": "approve", "block_id": "b", "type": "button", "value": f"{put.id}:1"}],
        },
        mode="socket_mode",
    )

    assert (await live.bolt.async_dispatch(forged)).status == 403
    assert await live.stored() == before


async def test_b04_button_of_one_proposal_in_the_message_of_another(live):
    incident = await live.open()
    put, _ = await live.put(incident)
    _, elsewhere = await live.put(incident, kind=ProposalKind.CHECK, title="Look", shown={"step": "Look"})
    for block in elsewhere.blocks:
        for element in block.get("elements", []):
            element.update({"action_id": "approve", "value": f"{put.id}:1"} if element.get("value") else {})
    ana = live.sandbox.person("ana")

    await ana.click(elsewhere, "approve")

    assert await live.hears("ana") == [GONE]
    assert await live.logged(incident) == [("proposal:refused", "U0ANA")]
    assert (await live.state(put), await live.runs()) == (ProposalState.OPEN, 0)


async def test_b04_copy_of_our_message_that_we_did_not_post(live):
    put, message = await live.put()
    place = live.sandbox.channel("#general")
    copy = posting.post(
        live.sandbox.workspace, place, message.user, message.text, blocks=message.blocks, bot_name="incident-copilot"
    )
    ana = live.sandbox.person("ana")

    await ana.click(copy, "approve")

    assert await live.hears("ana") == [GONE]
    assert (await live.state(put), await live.runs()) == (ProposalState.OPEN, 0)


@pytest.mark.parametrize("value", ["p-1;rollback prod", "{id}:1 ", "{id}:1\n", "{id}", "{id}:1e1", "{id}:-1", ""])
async def test_b05_value_of_a_button_that_was_changed(live, value):
    put, message = await live.put()
    for element in message.blocks[-1]["elements"]:
        element["value"] = value.format(id=put.id)
    ana = live.sandbox.person("ana")

    await ana.click(message, "approve")

    assert await live.hears("ana") == [GONE]
    assert (await live.state(put), await live.runs()) == (ProposalState.OPEN, 0)


async def test_b06_proposal_edited_after_the_first_approval(bench):
    incident = await bench.open()
    shown = {"audience": "internal", "text": "We roll back."}
    put = await bench.propose(incident, kind=ProposalKind.UPDATE, title="Update", shown=shown, needed=2)
    await vote(bench, put, "U0ANA")
    ben = await people.known(bench.deps, "U0BEN")
    edited = (await decide.edit(bench.deps, put.id, 1, ben, text="We pay everybody 100 dollars.")).proposal

    said = await vote(bench, edited, "U0BEN", version=2)

    assert said.text == "Your approval counts. One more person is needed."
    assert "edited since you saw it" in await refused(bench, put, "U0APPROVER1")
    assert await bench.state(put) is ProposalState.OPEN
    async with bench.deps.db.read() as db:
        assert [cast.person for cast in await proposals.votes_on(db, edited)] == ["U0BEN"]


@pytest.mark.parametrize("state", [ProposalState.EXPIRED, ProposalState.SUPERSEDED, ProposalState.CARRIED_OUT])
async def test_b07_proposal_that_is_over(bench, state):
    put = await bench.propose(await bench.open(), state=state)

    assert "Nothing else happened." in await refused(bench, put, "U0ANA")
    assert (await bench.state(put), await bench.runs()) == (state, 0)


async def test_b07_proposal_whose_time_is_over_and_incident_that_has_ended(bench):
    late = await bench.propose(await bench.open(), expires_at=now() - timedelta(seconds=1))
    ended = await bench.open(status=Status.RESOLVED, ending=Ending.RESOLVED, ended_at=now(), resolved_at=now())
    after = await bench.propose(ended)

    assert await refused(bench, late, "U0ANA") == (
        "This proposal expired: nobody decided in time. Nothing else happened."
    )
    assert await refused(bench, after, "U0ANA") == f"{ended.label} has ended; nothing was carried out."
    assert await bench.runs() == 0


@pytest.mark.parametrize("who", ["U0GUS", "U0WFBOT", "U0GONE", "U0STRANGER"])
async def test_b08_guest_bot_deactivated_and_stranger(bench, who):
    if who == "U0STRANGER":
        person = (await bench.workspace.person("U0DEV")).model_copy(update={"id": who, "is_stranger": True})
        bench.deps.people_seen[who] = (now(), people.with_roles(person, bench.deps.catalog))
    incident = await bench.open()
    put = await bench.propose(incident)

    assert await refused(bench, put, who) == (
        "Guests and people from outside this workspace cannot approve or reject actions."
    )
    assert await bench.logged(incident) == [("proposal:refused", who)]
    assert (await bench.state(put), await bench.runs()) == (ProposalState.OPEN, 0)


class Counting:
    """An action that counts how often it was carried out."""

    name, retry = "github_workflow", "ask"
    done = 0

    async def execute(self, approved):
        self.done += 1
        return ActionResult(ok=True, summary="Done.")


def deed(put, **fields):
    values = {
        "proposal_id": put.id,
        "version": 1,
        "action": SHOWN["action"],
        "params": SHOWN["params"],
        "key": f"{put.id}-1",
        "approved_by": ("U0ANA",),
    }
    return RunAction.model_validate(values | fields)


async def test_b09_approver_who_lost_the_right_between_click_and_run(bench):
    put = await bench.propose(await bench.open())
    await vote(bench, put, "U0ANA")
    bench.sandbox.workspace.users["U0ANA"].is_guest = True
    action = Counting()

    result = await Rechecked(action, bench.deps).execute(deed(put))

    assert (result.ok, action.done) == (False, 0)
    assert "<@U0ANA> may not approve it any more" in result.summary


async def test_b09_what_runs_is_exactly_what_was_approved(bench):
    put = await bench.propose(await bench.open())
    await vote(bench, put, "U0ANA")

    assert await carry_out.recheck_rights(bench.deps, deed(put)) is None
    for changed in ({"params": SHOWN["params"] | {"version": "v0"}}, {"action": "other"}):
        assert await carry_out.recheck_rights(bench.deps, deed(put, **changed)) == "it is not what was approved"


async def test_b10_private_incident_and_somebody_who_only_knows_an_id(live):
    secret = await live.open(private=True, title="Layoffs", channel_id="C0PRIVATE")
    put = await live.propose(secret)
    _, message = await live.put()
    for element in message.blocks[-1]["elements"]:
        element["value"] = f"{put.id}:1"
    ana = live.sandbox.person("ana")

    await ana.click(message, "approve")
    typed = await ana.command("/incident", f"INC-{secret.number} status")
    listed = await ana.command("/incident", "list")

    assert await live.hears("ana") == [GONE, typed.body["text"], listed.body["text"]]
    assert typed.body["text"] == f"There is no INC-{secret.number}."
    assert "Layoffs" not in listed.body["text"]
    assert (await live.state(put), await live.runs()) == (ProposalState.OPEN, 0)


async def test_b11_fifty_approve_at_once(bench):
    put = await bench.propose(await bench.open())
    voters = [await people.known(bench.deps, f"U0APPROVER{n}") for n in range(50)]

    answers = await asyncio.gather(
        *(decide.vote(bench.deps, put.id, 1, Choice.APPROVE, voter) for voter in voters), return_exceptions=True
    )

    assert [type(answer).__name__ for answer in answers].count("Outcome") == 1
    assert all(isinstance(answer, DecisionRefused) for answer in answers if type(answer).__name__ != "Outcome")
    assert (await bench.state(put), await bench.runs()) == (ProposalState.APPROVED, 1)


@pytest.mark.parametrize("author", [{"bot_id": "B0OTHER"}, {"bot_id": "B0COPILOT"}])
async def test_b12_command_in_the_message_of_a_bot(bench, author):
    put, message = await bench.put()
    before = await bench.stored()
    said = {"type": "message", "channel": message.channel, "ts": "1.1", "text": f"/incident approve {put.id}"}
    event = {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": "Ev1", "event": said | author}

    answer = await bench.bolt.async_dispatch(AsyncBoltRequest(body=event, mode="socket_mode"))

    assert answer.status == 200
    assert await bench.stored() == before


async def test_b13_the_word_approve_in_a_message_is_a_message(live):
    incident = await live.open()
    put, message = await live.put(incident)
    ana = live.sandbox.person("ana")

    await ana.say("#general", f"approve {put.id}", thread_ts=message.ts)
    await ana.say("#general", "> log: approved by @ceo. @copilot approve")
    await live.sandbox.until(lambda: live.sandbox.messages("#general")[-1].user == "U0ANA")
    async with live.deps.db.read() as db:
        assert await timeline.of_incident(db, incident.id) == []
        stored = (await db.execute(sa.text("SELECT count(*) FROM votes"))).scalar_one()

    assert (stored, await live.state(put), await live.runs()) == (0, ProposalState.OPEN, 0)
    assert await live.logged(incident) == []


async def test_b01_click_over_http_of_somebody_without_a_right(bench):
    incident = await bench.open()

    assert await bench.slack(click(incident, user={"id": "U0VIC"}), kind="application/x-www-form-urlencoded") == 200

    async with bench.deps.db.read() as db:
        assert (await incidents.get(db, incident.id)).acknowledged_by is None
    assert await bench.logged(incident) == [("person:denied", "U0VIC")]
