"""What was approved is carried out once, its result read back and told; rights are checked again right before."""

import pytest

from incident_copilot.domain.content import Notice, PublicUpdate
from incident_copilot.domain.effect import EffectState, RunAction
from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState, Risk
from incident_copilot.errors import ChatRefused, DecisionRefused, OutcomeUnknown, VendorRefused
from incident_copilot.pipeline import carry_out, decide, resolve
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import effects, incidents, proposals

from .life import Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def approve(life, put, *names):
    for name in names:
        await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person(name))


def outcome_notice(put, text, who="U0ANA"):
    return Notice(text=f"{put.title}. {text}", mentions=(who,))


# --- actions ---


async def test_action_that_was_carried_out_is_logged_and_will_be_verified(life, clock):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    await approve(life, put, "ana")

    await life.work()

    [row] = await life.log(incident, LogKind.CARRIED_OUT)
    [done] = life.action.done
    ended = await life.proposal(put.id)
    assert done == RunAction(
        proposal_id=put.id,
        version=1,
        action="github_workflow",
        params=put.shown["params"],
        key=f"{put.id}-1",
        approved_by=("U0ANA",),
    )
    assert (ended.state, ended.outcome) == (ProposalState.CARRIED_OUT, "Rolled back.")
    assert (row.actor, row.payload["proposal"], row.payload["outcome"]) == (
        "action:github_workflow",
        put.id,
        "Rolled back.",
    )
    assert await life.due(Work.VERIFY) == clock() + life.deps.policy.verify_every
    assert life.chat.shown[incident.channel_id, f"proposal:{put.id}"].proposal == ended


@pytest.mark.parametrize(
    ("trouble", "state", "kind", "said"),
    [
        (
            VendorRefused("GitHub: HTTP 422", status=422),
            ProposalState.FAILED,
            LogKind.FAILED,
            "Failed: GitHub: HTTP 422",
        ),
        (
            OutcomeUnknown("GitHub: no answer"),
            ProposalState.UNKNOWN,
            LogKind.UNKNOWN,
            "Outcome unknown: no trace of it at the other side. Please look.",
        ),
    ],
)
async def test_action_that_did_not_work_is_told_to_who_approved_it(life, trouble, state, kind, said):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    life.action.trouble = trouble

    await approve(life, put, "ana")
    await life.work()

    ended = await life.proposal(put.id)
    [row] = await life.log(incident, kind)
    assert (ended.state, ended.outcome) == (state, said)
    assert row.payload["outcome"] == said
    told = [content for _, _, content in life.chat.posts if isinstance(content, Notice) and said in content.text]
    assert (told[0].text, told[0].mentions) == (f"{put.title}. {said}", ("U0ANA",))
    assert await life.due(Work.VERIFY) is None


async def test_right_that_is_gone_between_click_and_run_stops_the_action(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION, risk=Risk.HIGH, needed=2)
    await approve(life, put, "ana", "ben")
    life.chat.people["U0ANA"] = Person(id="U0ANA", name="Ana", is_deactivated=True)

    await life.work()

    ended = await life.proposal(put.id)
    assert life.action.done == []
    assert ended.state is ProposalState.FAILED
    assert ended.outcome == (
        "Failed: Not carried out: <@U0ANA> may not approve it any more "
        "(Guests and people from outside this workspace cannot approve or reject actions)."
    )
    assert len(await life.log(incident, LogKind.FAILED)) == 1


async def test_rights_that_cannot_be_checked_now_are_checked_later(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    await approve(life, put, "ana")
    life.chat.is_away = True
    await life.work()
    waiting = await life.proposal(put.id)

    life.chat.is_away = False
    await life.go_on(minutes=1)

    assert (waiting.state, waiting.outcome) == (ProposalState.APPROVED, None)
    assert (await life.proposal(put.id)).state is ProposalState.CARRIED_OUT
    assert len(life.action.done) == 1


async def test_action_of_an_incident_that_ended_meanwhile_does_not_run(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    await approve(life, put, "ana")
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)

    await life.work()

    assert life.action.done == []
    assert (await life.proposal(put.id)).outcome == "Failed: Not carried out: INC-1 has ended since the approval."


async def test_action_of_an_ended_incident_cannot_be_approved(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    async with life.deps.db.transaction() as tx:
        await incidents.save(tx, incident.model_copy(update={"ended_at": life.clock()}))

    with pytest.raises(DecisionRefused) as refusal:
        await approve(life, put, "ana")

    assert str(refusal.value) == "INC-1 has ended; nothing was carried out."


@pytest.mark.parametrize("change", [{"version": 2}, {"state": ProposalState.REJECTED}])
async def test_another_version_than_the_approved_one_does_not_run(life, change):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    await approve(life, put, "ana")
    approved = await life.proposal(put.id)
    async with life.deps.db.transaction() as tx:
        await proposals.save(tx, approved.model_copy(update=change), was=approved)

    deed = RunAction(proposal_id=put.id, version=1, action="a", params={}, key="k", approved_by=("U0ANA",))

    assert await carry_out.recheck_rights(life.deps, deed) == "the proposal is no longer approved in this version"


@pytest.mark.parametrize(
    ("change", "minutes", "why"),
    [
        ({}, 30, None),
        ({"action": "other"}, 0, "it is not what was approved"),
        ({"params": {}}, 0, "it is not what was approved"),
        ({}, 31, "the approval is 31 min old; please propose it again"),
    ],
)
async def test_only_what_was_approved_runs_and_only_while_the_approval_is_fresh(life, clock, change, minutes, why):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    await approve(life, put, "ana")
    clock.forward(minutes * 60)
    asked = {"action": put.shown["action"], "params": put.shown["params"]} | change

    deed = RunAction(proposal_id=put.id, version=1, key="k", approved_by=("U0ANA",), **asked)

    assert await carry_out.recheck_rights(life.deps, deed) == why


async def test_verified_action_makes_the_incident_mitigated(life, clock):
    incident = await life.opened(big())

    async with life.deps.db.transaction() as tx:
        changed = await carry_out.mitigated(tx, life.deps, incident, clock())

    [row] = await life.log(incident, LogKind.STATUS_SET)
    assert (changed.status, changed.mitigated_at) == (Status.MITIGATED, clock())
    assert (row.actor, row.payload) == ("policy:verified", {"from": "open", "to": "mitigated"})


# --- updates ---


@pytest.mark.parametrize(
    ("audience", "channel", "name"), [("customers", "CCUSTOMERS", "cara"), ("internal", "CINTERNAL", "ana")]
)
async def test_approved_update_is_published_where_its_readers_are(life, audience, channel, name):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.UPDATE, rank=0, shown={"audience": audience, "text": "Some fail."})

    await approve(life, put, name)
    await life.work()

    [(where, _, update)] = [post for post in life.chat.posts if isinstance(post[2], PublicUpdate)]
    [row] = await life.log(incident, LogKind.PUBLISHED)
    assert (where, update.text, update.audience, update.approved_by) == (
        channel,
        "Some fail.",
        audience,
        f"U0{name.upper()}",
    )
    assert (row.payload["audience"], row.payload["channel"]) == (audience, channel)
    assert row.payload["ts"].endswith(".000000")
    assert (await life.proposal(put.id)).outcome == "Published."


async def test_update_that_could_not_be_published_is_told_to_who_approved_it(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.UPDATE, rank=0)
    life.chat.trouble[f"update:{put.id}"] = ChatRefused("Slack: not_in_channel", code="not_in_channel")

    await approve(life, put, "cara")
    await life.work()

    ended = await life.proposal(put.id)
    [row] = await life.log(incident, LogKind.FAILED)
    assert (ended.state, ended.outcome) == (ProposalState.FAILED, "Not published: Slack: not_in_channel")
    assert row.payload["outcome"] == "Not published: Slack: not_in_channel"
    assert outcome_notice(put, ended.outcome, "U0CARA") in [post[2] for post in life.chat.posts]


async def test_failure_of_what_nobody_decided_mentions_nobody(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION)
    await approve(life, put, "ana")
    life.action.trouble = VendorRefused("no", status=422)
    approved = await life.proposal(put.id)
    async with life.deps.db.transaction() as tx:
        await proposals.save(tx, approved.model_copy(update={"decided_by": None}), was=approved)

    await life.work()

    assert life.chat.posts[-1][2] == Notice(text="Restart checkout. Failed: no")


# --- other effects ---


async def test_announcement_that_could_not_be_sent_gives_no_thread(life):
    life.chat.trouble["announcement"] = ChatRefused("Slack: x", code="x")

    incident = await life.opened(small())

    assert (incident.channel_id, incident.thread_ts) == (None, None)


async def test_effects_of_other_kinds_that_worked_are_not_commented(life):
    incident = await life.opened(big())
    rows = await life.log(incident)

    async with life.deps.db.transaction() as tx:
        from_card = [effect for effect in await effects.by_incident(tx, incident.id) if effect.deed.do == "pin"]
        for effect in from_card:
            await carry_out.settled(life.deps, tx, effect.model_copy(update={"state": EffectState.DONE}))

    assert len(from_card) == 1
    assert await life.log(incident) == rows
