"""Decisions: one vote a person and version, one decision, bound to what was shown; refusals count for nothing."""

import asyncio

import pytest

from incident_copilot.domain.content import PublicUpdate
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState, Risk
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import decide, proposing
from incident_copilot.store import messages, proposals, texts

from .life import SOLO, Life, big

CUSTOMERS = {"audience": "customers", "text": "Some requests fail.\nWe look."}
RISKY = {"risk": Risk.HIGH, "needed": 2}


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def bare(life):
    """An incident without any proposal that is undecided."""
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        await proposing.close_all(tx, life.deps, incident, "made room")
    await life.work()
    return incident


async def vote(life, put, choice, name, version=None):
    person = await life.person(name)
    outcome = await decide.vote(life.deps, put.id, put.version if version is None else version, choice, person)
    await life.work()
    return outcome


async def refused(life, put, choice, name, version=None):
    """The text of a refusal, after checking that it is logged and changes nothing else."""
    incident_id = put.incident_id
    before = await life.proposal(put.id)
    with pytest.raises(DecisionRefused) as refusal:
        await vote(life, put, choice, name, version)
    row = (await life.log(await life.newest()))[-1]
    assert (row.kind, row.actor, row.incident_id) == (LogKind.REFUSED, f"U0{name.upper()}", incident_id)
    assert row.payload == {
        "proposal": put.id,
        "version": put.version if version is None else version,
        "choice": choice.value,
        "because": str(refusal.value),
    }
    assert await life.proposal(put.id) == before
    return str(refusal.value)


async def votes_on(life, put):
    async with life.deps.db.read() as db:
        return [(cast.person, cast.choice) for cast in await proposals.votes_on(db, put)]


# --- what each choice does ---


async def test_approved_action_is_carried_out_and_logged_with_what_was_shown(life, clock):
    put = await life.put(await bare(life), ProposalKind.ACTION, evidence_ids=("e1",))

    outcome = await vote(life, put, Choice.APPROVE, "ana")

    [row] = await life.log(outcome.incident, LogKind.APPROVED)
    assert (outcome.text, outcome.proposal.state) == ("Approved.", ProposalState.APPROVED)
    assert (outcome.proposal.decided_by, outcome.proposal.decided_at) == ("U0ANA", clock())
    assert row.actor == "U0ANA"
    assert row.payload == {
        "proposal": put.id,
        "version": 1,
        "kind": "action",
        "title": "Restart checkout",
        "shown_sha256": put.hash,
        "choice": "approve",
        "people": ["U0ANA"],
        "solo": False,
        "evidence": ["e1"],
    }
    assert [done.approved_by for done in life.action.done] == [("U0ANA",)]


@pytest.mark.parametrize(
    ("kind", "choice", "state", "logged", "said"),
    [
        (
            ProposalKind.ACTION,
            Choice.REJECT,
            "rejected",
            LogKind.REJECTED,
            "Rejected. You can add a reason; it is optional.",
        ),
        (
            ProposalKind.CHECK,
            Choice.NOT_THIS,
            "rejected",
            LogKind.REJECTED,
            "Noted: not this. It is listed as ruled out.",
        ),
        (ProposalKind.CHECK, Choice.DONE, "done", LogKind.DONE, "Noted as done."),
    ],
)
async def test_what_is_not_approved_causes_nothing(life, kind, choice, state, logged, said):
    incident = await bare(life)
    put = await life.put(incident, kind)

    outcome = await vote(life, put, choice, "ana")

    view = life.chat.shown[incident.channel_id, f"proposal:{put.id}"]
    assert (outcome.text, outcome.proposal.state) == (said, state)
    assert len(await life.log(incident, logged)) == 1
    assert view.proposal == outcome.proposal
    assert life.action.done == []


@pytest.mark.parametrize(
    ("kind", "choice", "said"),
    [
        (ProposalKind.CHECK, Choice.APPROVE, "A check is done by people: say Did it, or Not this."),
        (ProposalKind.CHECK, Choice.REJECT, "A check is done by people: say Did it, or Not this."),
        (ProposalKind.ACTION, Choice.DONE, "The copilot carries this out: say Approve, or Reject."),
        (ProposalKind.UPDATE, Choice.NOT_THIS, "The copilot carries this out: say Approve, or Reject."),
    ],
)
async def test_choice_that_does_not_fit_is_refused(life, kind, choice, said):
    put = await life.put(await bare(life), kind)

    assert await refused(life, put, choice, "ben") == said


# --- who may, and when ---


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "vic",
            "To approve or reject actions you need the role approver; ask an admin to add it in catalog.yaml.",
        ),
        (
            "cara",
            "To approve or reject actions you need the role approver; ask an admin to add it in catalog.yaml.",
        ),
        ("gus", "Guests and people from outside this workspace cannot approve or reject actions."),
        ("bot", "Guests and people from outside this workspace cannot approve or reject actions."),
        ("leo", "You may approve actions up to low risk; this one is medium risk."),
    ],
)
async def test_who_may_not_decide_is_refused_and_that_is_logged(life, name, said):
    put = await life.put(await bare(life), ProposalKind.ACTION, risk=Risk.MEDIUM)

    assert await refused(life, put, Choice.APPROVE, name) == said
    assert await votes_on(life, put) == []
    assert life.action.done == []


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice.APPROVE, "This proposal was carried out, approved by <@U0BEN> 20 s ago. Nothing else happened."),
        (Choice.REJECT, "This proposal was rejected by <@U0BEN> 20 s ago. Nothing else happened."),
    ],
)
async def test_second_decision_is_told_who_decided_and_when(life, clock, choice, said):
    put = await life.put(await bare(life), ProposalKind.ACTION)
    await vote(life, put, choice, "ben")
    clock.forward(20)

    assert await refused(life, put, Choice.APPROVE, "ana") == said


async def test_withdrawn_proposal_says_why(life, clock):
    put = await life.put(await bare(life), ProposalKind.ACTION)
    async with life.deps.db.transaction() as tx:
        await proposing.close(tx, life.deps, put, ProposalState.SUPERSEDED, "INC-1 has ended")
    clock.forward(120)

    assert await refused(life, put, Choice.APPROVE, "ana") == (
        "This proposal was withdrawn 2 min ago (INC-1 has ended). Nothing else happened."
    )


async def test_waiting_proposal_cannot_be_decided(life):
    incident = await bare(life)
    put = [await life.put(incident, rank=rank) for rank in (1, 2, 3, 4)][3]

    assert await refused(life, put, Choice.DONE, "ana") == (
        "This proposal waits its turn; it is not open now. Nothing else happened."
    )


async def test_proposal_whose_time_is_over_cannot_be_decided_even_before_it_is_closed(life, clock):
    put = await life.put(await bare(life), ProposalKind.ACTION)
    clock.forward(3600)

    with pytest.raises(DecisionRefused) as refusal:
        await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("ana"))

    assert str(refusal.value) == "This proposal expired: nobody decided in time. Nothing else happened."
    assert (await life.proposal(put.id)).state is ProposalState.OPEN


async def test_proposal_that_nobody_knows_is_unknown(life):
    with pytest.raises(UnknownThing):
        await decide.vote(life.deps, "f" * 32, 1, Choice.APPROVE, await life.person("ana"))


async def test_incident_in_shadow_mode_carries_nothing_out(db, clock):
    life = Life(db, clock, shadow=True)
    put = await life.put(await bare(life), ProposalKind.ACTION)

    assert await refused(life, put, Choice.APPROVE, "ana") == ("The copilot is in shadow mode: it carries nothing out.")
    assert await votes_on(life, put) == []


async def test_click_counts_only_on_the_message_that_shows_the_proposal(life):
    incident = await bare(life)
    put, other = await life.put(incident), await life.put(incident)
    await life.work()
    ana = await life.person("ana")
    async with life.deps.db.read() as db:
        shown = await messages.newest(db, "w", incident.id, f"proposal:{put.id}")
        elsewhere = await messages.newest(db, "w", incident.id, f"proposal:{other.id}")

    for place in (elsewhere, (incident.channel_id, "99.0")):
        with pytest.raises(DecisionRefused) as refusal:
            await decide.vote(life.deps, put.id, 1, Choice.DONE, ana, clicked=place)
        assert str(refusal.value) == decide.NOT_SHOWN_THERE
    outcome = await decide.vote(life.deps, put.id, 1, Choice.DONE, ana, clicked=shown)

    assert outcome.text == "Noted as done."
    assert len(await life.log(incident, LogKind.REFUSED)) == 2


@pytest.mark.parametrize(("risk", "refuses"), [(Risk.HIGH, True), (Risk.MEDIUM, False)])
async def test_who_asked_for_a_risky_action_does_not_approve_it(life, risk, refuses):
    put = await life.put(await bare(life), ProposalKind.ACTION, risk=risk, requested_by="U0ANA")

    if refuses:
        said = await refused(life, put, Choice.APPROVE, "ana")
        assert said == "You asked for this action, so somebody else has to approve it."
    else:
        assert (await vote(life, put, Choice.APPROVE, "ana")).text == "Approved."


# --- several people ---


async def test_of_many_who_approve_at_once_one_decides_and_the_others_are_told_who(life):
    put = await life.put(await bare(life), ProposalKind.ACTION)
    people = [await life.person(name) for name in ("ana", "ben")] * 5

    said = await asyncio.gather(
        *(decide.vote(life.deps, put.id, 1, Choice.APPROVE, person) for person in people), return_exceptions=True
    )
    await life.work()

    won = [one for one in said if not isinstance(one, Exception)]
    winner = won[0].proposal.decided_by
    assert len(won) == 1
    assert {str(one) for one in said if isinstance(one, Exception)} == {
        f"This proposal was approved by <@{winner}> 0 s ago. Nothing else happened."
    }
    assert len(life.action.done) == 1
    assert len(await life.log(won[0].incident, LogKind.APPROVED)) == 1
    assert len(await life.log(won[0].incident, LogKind.REFUSED)) == 9


async def test_high_risk_takes_two_different_people(life):
    incident = await bare(life)
    put = await life.put(incident, ProposalKind.ACTION, **RISKY)

    first = await vote(life, put, Choice.APPROVE, "ana")
    again = await refused(life, put, Choice.APPROVE, "ana")
    before = list(life.action.done)
    await vote(life, put, Choice.APPROVE, "ben")

    [voted] = await life.log(incident, LogKind.VOTED)
    [approved] = await life.log(incident, LogKind.APPROVED)
    assert first.text == "Your approval counts. One more person is needed."
    assert again == "You have already voted on this; it needs another person."
    assert before == []
    assert (voted.actor, voted.payload["shown_sha256"]) == ("U0ANA", put.hash)
    assert (approved.actor, approved.payload["people"]) == ("U0BEN", ["U0ANA", "U0BEN"])
    assert [done.approved_by for done in life.action.done] == [("U0ANA", "U0BEN")]


async def test_how_many_more_are_needed_is_said(life):
    put = await life.put(await bare(life), ProposalKind.ACTION, risk=Risk.HIGH, needed=3)

    outcome = await vote(life, put, Choice.APPROVE, "ana")

    assert outcome.text == "Your approval counts. 2 more people are needed."


async def test_one_person_rejects_what_needs_two_to_approve(life):
    incident = await bare(life)
    put = await life.put(incident, ProposalKind.ACTION, **RISKY)
    await vote(life, put, Choice.APPROVE, "ana")

    outcome = await vote(life, put, Choice.REJECT, "ben")

    [row] = await life.log(incident, LogKind.REJECTED)
    assert outcome.proposal.state is ProposalState.REJECTED
    assert (row.payload["people"], row.payload["solo"]) == (["U0BEN"], False)


@pytest.mark.parametrize(("needed", "solo"), [(2, True), (1, False)])
async def test_solo_policy_lets_one_decide_and_says_so_in_the_log(db, clock, needed, solo):
    life = Life(db, clock, catalog=SOLO)
    incident = await bare(life)
    put = await life.put(incident, ProposalKind.ACTION, risk=Risk.HIGH, needed=needed)

    outcome = await vote(life, put, Choice.APPROVE, "ana")

    [row] = await life.log(incident, LogKind.APPROVED)
    assert outcome.text == "Approved."
    assert row.payload["solo"] is solo


# --- edit ---


async def edit(life, put, name, text, **fields):
    outcome = await decide.edit(life.deps, put.id, put.version, await life.person(name), text=text, **fields)
    await life.work()
    return outcome


async def test_edit_makes_a_new_version_and_logs_the_difference(life):
    incident = await bare(life)
    put = await life.put(incident, ProposalKind.UPDATE, shown=CUSTOMERS)

    outcome = await edit(life, put, "cara", "Some requests fail.\nWe found it.")

    [row] = await life.log(incident, LogKind.EDITED)
    async with life.deps.db.read() as db:
        diff = await texts.text_of(db, row.payload["diff"]["text"])
    assert outcome.text == "Your text is in place. It still needs an approval."
    assert (outcome.proposal.version, outcome.proposal.state) == (2, ProposalState.OPEN)
    assert (row.payload["version"], row.payload["shown_sha256"]) == (2, outcome.proposal.hash)
    assert outcome.proposal.hash != put.hash
    assert diff.splitlines() == [
        "--- proposed",
        "+++ edited",
        "@@ -1,2 +1,2 @@",
        " Some requests fail.",
        "-We look.",
        "+We found it.",
    ]


async def test_edit_and_approve_is_one_step_and_publishes_the_new_text(life):
    incident = await bare(life)
    put = await life.put(incident, ProposalKind.UPDATE, shown=CUSTOMERS)

    outcome = await edit(life, put, "cara", "We are sorry.", approve=True)

    assert (outcome.text, outcome.proposal.version) == ("Approved.", 2)
    assert [post[2].text for post in life.chat.posts if isinstance(post[2], PublicUpdate)] == ["We are sorry."]


async def test_edit_that_changes_nothing_makes_no_version(life):
    incident = await bare(life)
    put = await life.put(incident, ProposalKind.UPDATE, shown=CUSTOMERS)

    outcome = await edit(life, put, "cara", CUSTOMERS["text"])

    assert outcome.proposal.version == 1
    assert await life.log(incident, LogKind.EDITED) == []


async def test_click_on_the_version_before_the_edit_is_refused(life):
    put = await life.put(await bare(life), ProposalKind.UPDATE, shown=CUSTOMERS)
    await edit(life, put, "cara", "new")

    assert await refused(life, put, Choice.APPROVE, "ben", version=1) == (
        "The text was edited since you saw it. Please read the newer version and decide again."
    )


async def test_edit_voids_votes(life):
    put = await life.put(await bare(life), ProposalKind.UPDATE, shown=CUSTOMERS, needed=2)
    await vote(life, put, Choice.APPROVE, "cara")

    edited = (await edit(life, put, "ben", "new")).proposal
    outcome = await vote(life, edited, Choice.APPROVE, "cara")

    assert outcome.text == "Your approval counts. One more person is needed."
    assert await votes_on(life, edited) == [("U0CARA", Choice.APPROVE)]


@pytest.mark.parametrize(
    ("kind", "name", "text", "said"),
    [
        (ProposalKind.UPDATE, "ana", "x", "To approve or reject customer updates you need the role comms"),
        (ProposalKind.UPDATE, "cara", " \n", "The update has no text."),
        (ProposalKind.CHECK, "ana", "x", "Only status updates can be edited."),
    ],
)
async def test_edit_that_may_not_be_is_refused_and_logged(life, kind, name, text, said):
    incident = await bare(life)
    put = await life.put(incident, kind)

    with pytest.raises(DecisionRefused) as refusal:
        await edit(life, put, name, text)

    [row] = await life.log(incident, LogKind.DENIED)
    assert str(refusal.value).startswith(said)
    assert row.payload == {
        "proposal": put.id,
        "version": 1,
        "asked": "edit a proposal",
        "because": str(refusal.value),
    }
    assert (await life.proposal(put.id)).version == 1


async def test_edit_that_cannot_be_approved_leaves_the_text_as_it_was(life):
    incident = await bare(life)
    put = await life.put(incident, ProposalKind.UPDATE, shown=CUSTOMERS, needed=2)
    await edit(life, put, "cara", CUSTOMERS["text"], approve=True)

    with pytest.raises(DecisionRefused):
        await edit(life, put, "cara", CUSTOMERS["text"], approve=True)

    assert (await life.proposal(put.id)).version == 1


# --- reasons ---


async def test_reason_is_kept_with_the_rejection_and_can_be_erased_from_the_log(life):
    incident = await bare(life)
    put = await life.put(incident)
    await vote(life, put, Choice.NOT_THIS, "ana")

    outcome = await decide.give_reason(life.deps, put.id, await life.person("ana"), " Tried already ")

    [row] = await life.log(incident, LogKind.REASONED)
    async with life.deps.db.transaction() as tx:
        kept = await texts.text_of(tx, row.payload["reason"]["text"])
        await texts.erase(tx, "U0ANA")
    assert outcome.text == "Noted; it is in the log and stays with the incident."
    assert (outcome.proposal.reason, kept) == ("Tried already", " Tried already ")
    assert row.payload["reason"].keys() == {"text", "sha256"}
    assert len(await life.log(incident, LogKind.REASONED)) == 1


@pytest.mark.parametrize(
    ("name", "rejects", "reason", "said"),
    [
        ("ana", False, "x", "Only a rejected proposal takes a reason."),
        ("ana", True, " ", "The reason has no text."),
        (
            "vic",
            True,
            "x",
            "To decide proposals you need the role responder; ask an admin to add it in catalog.yaml.",
        ),
    ],
)
async def test_reason_that_may_not_be_is_refused_and_logged(life, name, rejects, reason, said):
    incident = await bare(life)
    put = await life.put(incident)
    if rejects:
        await vote(life, put, Choice.NOT_THIS, "ana")

    with pytest.raises(DecisionRefused) as refusal:
        await decide.give_reason(life.deps, put.id, await life.person(name), reason)

    [row] = await life.log(incident, LogKind.DENIED)
    assert str(refusal.value) == said
    assert (row.actor, row.payload["asked"]) == (f"U0{name.upper()}", "give a reason")
