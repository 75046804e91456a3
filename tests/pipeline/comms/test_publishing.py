"""An approved update is told at every outlet of its audience, once; what came of each is told and logged."""

import pytest

from incident_copilot.domain.content import Notice, PublicUpdate
from incident_copilot.domain.effect import EffectState, Place, Publish, ShowTo
from incident_copilot.domain.incident import Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.domain.update import Act, PublicState
from incident_copilot.errors import DecisionRefused, OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.pipeline import catch_up, decide, outcomes, run
from incident_copilot.pipeline.comms import amending
from incident_copilot.plugins.comms_channels.slack import Options, SlackChannel
from incident_copilot.store import effects, publications
from pipeline.life import Life, Page, big

TEXT = "Some payments fail."


@pytest.fixture
def page():
    return Page()


@pytest.fixture
def life(db, clock, page):
    named = SlackChannel(Options(audience=["customers"], channel="#status-de"))
    return Life(db, clock, channels={"page": page, "status-de": named, "partners": Page("Partners", "external")})


async def publish(life, audience="customers", text=TEXT, incident=None):
    opened = incident or await life.opened(big())
    put = await life.put(opened, ProposalKind.UPDATE, rank=0, shown={"audience": audience, "text": text})
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("cara"))
    await life.work()
    return opened, await life.proposal(put.id)


async def out(life, opened):
    async with life.deps.db.read() as db:
        return await publications.of_incident(db, opened.id)


async def test_update_is_told_at_every_outlet_of_its_audience(life, page):
    opened, put = await publish(life)

    [(act, update)] = page.told
    assert (act, update.text, update.state, update.name, update.ref) == (
        "publish",
        TEXT,
        PublicState.INVESTIGATING,
        "Trouble with our service",
        {},
    )
    assert [
        (channel, content.text) for channel, _, content in life.chat.posts if getattr(content, "text", "") == TEXT
    ] == [
        ("CCUSTOMERS", TEXT),
        ("status-de", TEXT),
    ]
    assert (put.state, put.outcome) == (
        ProposalState.CARRIED_OUT,
        "Published in the chat, Page (https://status.example/p1), #status-de.",
    )
    rows = {row.payload["outlet"]: row.payload for row in await life.log(opened, LogKind.PUBLISHED)}
    assert sorted(rows) == ["chat", "page", "status-de"]
    assert rows["page"]["ref"] == {"incident": "p1", "update": "1"}


async def test_later_update_goes_to_what_the_outlet_answered_before(life, page):
    opened, _ = await publish(life)
    await run.set_status(life.deps, opened.id, await life.person("ben"), Status.MITIGATED)
    await publish(life, text="Fixed, we watch.", incident=opened)

    assert [(told.ref, told.state) for _, told in page.told] == [
        ({}, PublicState.INVESTIGATING),
        ({"incident": "p1", "update": "1"}, PublicState.MONITORING),
    ]


async def test_people_outside_are_told_by_channels_that_are_for_them_only(life):
    opened = await life.opened(big())
    outside = await life.put(opened, ProposalKind.UPDATE, rank=0, shown={"audience": "external", "text": TEXT})
    with pytest.raises(DecisionRefused, match="reject updates for outside parties you need the role comms"):
        await decide.vote(life.deps, outside.id, 1, Choice.APPROVE, await life.person("ana"))

    await decide.vote(life.deps, outside.id, 1, Choice.APPROVE, await life.person("cara"))
    await life.work()

    assert (await life.proposal(outside.id)).outcome == "Published in Partners (https://status.example/p1)."
    assert [content for _, _, content in life.chat.posts if isinstance(content, PublicUpdate)] == []


async def test_where_nothing_tells_an_audience_the_approval_says_so(db, clock):
    life = Life(db, clock)
    opened = await life.opened(big())
    put = await life.put(opened, ProposalKind.UPDATE, rank=0, shown={"audience": "external", "text": TEXT})

    with pytest.raises(DecisionRefused, match="Nothing tells outside parties: name a channel for them"):
        await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("cara"))


async def test_lost_answer_is_looked_up_and_not_told_twice(life, page):
    page.trouble = OutcomeUnknown("Page: no answer")
    opened, put = await publish(life)

    at_page = [one.ref for one in await out(life, opened) if one.channel == "page"]
    assert (len(page.told), put.state) == (1, ProposalState.CARRIED_OUT)
    assert at_page == [{"incident": "p1", "update": "found"}]


async def test_page_that_cannot_be_looked_at_is_asked_again_until_it_can(life, page):
    page.trouble, page.blind = OutcomeUnknown("Page: no answer"), VendorUnavailable("Page: HTTP 503")
    _, put = await publish(life)
    assert put.state is ProposalState.APPROVED

    page.blind = None
    await life.go_on(seconds=30)

    assert (len(page.told), (await life.proposal(put.id)).state) == (1, ProposalState.CARRIED_OUT)


async def test_what_is_not_found_for_a_minute_is_put_to_people_and_not_told_again(life, page):
    page.trouble, page.is_forgetful = OutcomeUnknown("Page: no answer"), True
    opened, put = await publish(life)
    assert put.state is ProposalState.APPROVED
    for _ in range(5):
        await life.go_on(seconds=15)

    assert (len(page.told), (await life.proposal(put.id)).state) == (1, ProposalState.UNKNOWN)
    assert [row.payload["outlet"] for row in await life.log(opened, LogKind.UNKNOWN)] == ["page"]


async def test_what_nobody_can_look_up_is_put_to_people_and_their_word_counts(life, page):
    page.trouble, page.retry = OutcomeUnknown("Page: no answer"), "ask"
    opened, put = await publish(life)

    doubtful = await life.proposal(put.id)
    assert doubtful.state is ProposalState.UNKNOWN
    assert [row.payload["outlet"] for row in await life.log(opened, LogKind.UNKNOWN)] == ["page"]
    assert any("Nobody knows whether it was published at Page" in text for text in life.chat.notices())
    async with life.deps.db.read() as db:
        [asked] = [one for one in await effects.by_incident(db, opened.id) if one.state is EffectState.UNKNOWN]
    await outcomes.answer(life.deps, asked.id, await life.person("cara"), happened=True)
    await life.work()

    assert (len(page.told), (await life.proposal(put.id)).state) == (1, ProposalState.CARRIED_OUT)


@pytest.mark.parametrize(
    ("blind", "refs"),
    [(None, [{}, {"incident": "p1", "update": "found"}]), (VendorUnavailable("Page: HTTP 503"), [{}, {}])],
)
async def test_update_that_people_saw_there_is_looked_up_so_that_the_next_one_joins_it(life, page, blind, refs):
    page.trouble, page.is_forgetful = OutcomeUnknown("Page: no answer"), True
    opened, _ = await publish(life)
    for _ in range(5):
        await life.go_on(seconds=15)
    page.trouble, page.is_forgetful, page.blind = None, False, blind
    async with life.deps.db.read() as db:
        [asked] = [one for one in await effects.by_incident(db, opened.id) if one.state is EffectState.UNKNOWN]

    await outcomes.answer(life.deps, asked.id, await life.person("cara"), happened=True)
    await publish(life, text="Fixed, we watch.", incident=opened)

    assert [told.ref for _, told in page.told] == refs


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (VendorRefused("Page: HTTP 401", 401), "Not published in Page (Page: HTTP 401)."),
        (VendorUnavailable("Page: HTTP 503"), "Not published in Page (Page: HTTP 503)."),
    ],
)
async def test_outlet_that_refuses_is_named_and_the_others_are_told(life, page, trouble, said):
    page.trouble = trouble
    opened, put = await publish(life)
    for _ in range(9):
        await life.go_on(seconds=60)

    ended = await life.proposal(put.id)
    assert (ended.state, ended.outcome) == (ProposalState.FAILED, f"Published in the chat, #status-de. {said}")
    assert [row.payload["outlet"] for row in await life.log(opened, LogKind.FAILED)] == ["page"]


async def test_what_could_not_be_told_for_long_is_not_told_late(life, page):
    page.trouble = VendorUnavailable("Page: HTTP 503", 3600)
    opened, _ = await publish(life)
    due = ShowTo(place=Place.PERSON, to="U0ANA", slot="notice:next-update", content=Notice(text="It is due."))
    async with life.deps.db.transaction() as tx:
        await effects.enqueue(tx, workspace_id="w", incident_id=opened.id, stream="person", deed=due, now=life.clock())
    life.clock.forward(3600)
    page.trouble = None
    await catch_up.after_restart(life.deps)
    await life.work()

    assert [row.payload["outcome"] for row in await life.log(opened, LogKind.FAILED)] == [
        "Not published at Page: it could not be sent for 1 h; please propose it again"
    ]
    assert "It is due." not in life.chat.notices()


async def test_drill_and_shadow_stay_in_the_chat(db, clock, page):
    life = Life(db, clock, channels={"page": page}, shadow=True)
    _, put = await publish(life)

    assert (page.told, put.outcome) == ([], "Published.")


async def test_correction_replaces_the_words_wherever_they_are(life, page):
    opened, put = await publish(life)
    cara = await life.person("cara")
    with pytest.raises(DecisionRefused, match="Write the words that are to be there instead"):
        await amending.correct(life.deps, put.id, cara, f" {TEXT} ")
    _, correction = await amending.correct(life.deps, put.id, cara, "Few payments fail.")
    await decide.vote(life.deps, correction.id, 1, Choice.APPROVE, cara)
    await life.work()

    act, update = page.told[-1]
    assert (act, update.text, update.ref) == ("correct", "Few payments fail.", {"incident": "p1", "update": "1"})
    assert life.chat.shown["CCUSTOMERS", f"update:{put.id}"].text == "Few payments fail."
    assert life.chat.shown["status-de", f"update:{put.id}:status-de"].text == "Few payments fail."
    assert {(one.text, one.corrected_at is not None) for one in await out(life, opened)} == {
        ("Few payments fail.", True)
    }
    assert [row.payload["outlet"] for row in await life.log(opened, LogKind.CORRECTED)] != []
    done = await life.proposal(correction.id)
    assert (done.state, done.outcome) == (ProposalState.CARRIED_OUT, "Corrected.")


async def test_correction_that_an_outlet_refuses_is_told(life, page):
    _, put = await publish(life)
    cara = await life.person("cara")
    _, correction = await amending.correct(life.deps, put.id, cara, "Few payments fail.")
    page.trouble = VendorRefused("Page: HTTP 404", 404)
    await decide.vote(life.deps, correction.id, 1, Choice.APPROVE, cara)
    await life.work()

    done = await life.proposal(correction.id)
    assert (done.state, done.outcome) == (ProposalState.FAILED, "Not corrected everywhere.")
    assert any("Not corrected at Page: Page: HTTP 404" in text for text in life.chat.notices())


async def test_update_that_was_retracted_says_so_where_it_was_and_is_not_touched_again(life, page):
    opened, put = await publish(life)
    cara = await life.person("cara")
    _, correction = await amending.correct(life.deps, put.id, cara, "Few payments fail.")
    with pytest.raises(DecisionRefused, match="you need the role comms"):
        await amending.retract(life.deps, put.id, await life.person("ana"))
    await amending.retract(life.deps, put.id, cara)
    await life.work()

    assert page.told[-1][0] == "retract"
    assert life.chat.shown["CCUSTOMERS", f"update:{put.id}"].text == "This update was withdrawn."
    [row] = await life.log(opened, LogKind.RETRACTED)
    assert (row.actor, row.payload["proposal"]) == ("U0CARA", put.id)
    assert len(await life.log(opened, LogKind.WITHDRAWN)) == 3
    assert (await life.proposal(put.id)).outcome.endswith(" Retracted by <@U0CARA>.")
    for again in (amending.retract(life.deps, put.id, cara), amending.correct(life.deps, put.id, cara, "No.")):
        with pytest.raises(DecisionRefused, match="That update is not out"):
            await again
    with pytest.raises(DecisionRefused, match="The update that this corrects is not out any more"):
        await decide.vote(life.deps, correction.id, 1, Choice.APPROVE, cara)


async def test_channel_that_left_copilot_yaml_is_a_failure_that_people_see(life, page):
    opened, put = await publish(life)
    gone = Publish(proposal_id=put.id, channel="gone", act=Act.PUBLISH, update=page.told[0][1])
    async with life.deps.db.transaction() as tx:
        await effects.enqueue(tx, workspace_id="w", incident_id=opened.id, stream="x", deed=gone, now=life.clock())
    await life.work()

    [row] = await life.log(opened, LogKind.FAILED)
    assert row.payload["outcome"] == "Not published at gone: copilot.yaml has no channel gone any more"


async def test_right_that_is_gone_between_click_and_sending_stops_the_update(life, page):
    opened = await life.opened(big())
    put = await life.put(opened, ProposalKind.UPDATE, rank=0, shown={"audience": "customers", "text": TEXT})
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("cara"))
    life.chat.people["U0CARA"] = Person(id="U0CARA", name="Cara", is_deactivated=True)

    await life.work()

    ended = await life.proposal(put.id)
    assert (page.told, ended.state) == ([], ProposalState.FAILED)
    assert [content for _, _, content in life.chat.posts if isinstance(content, PublicUpdate)] == []
    why = {row.payload["outcome"].partition(": ")[2] for row in await life.log(opened, LogKind.FAILED)}
    said = "Guests and people from outside this workspace cannot approve or reject customer updates"
    assert why == {f"<@U0CARA> may not approve it any more ({said})"}


async def test_update_waits_while_nobody_can_say_who_approved_it(life, page):
    opened = await life.opened(big())
    put = await life.put(opened, ProposalKind.UPDATE, rank=0, shown={"audience": "customers", "text": TEXT})
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("cara"))
    life.chat.is_away = True
    await life.work()
    waiting = ([*page.told], (await life.proposal(put.id)).state)

    life.chat.is_away = False
    await life.go_on(minutes=1)

    assert waiting == ([], ProposalState.APPROVED)
    assert (len(page.told), (await life.proposal(put.id)).state) == (1, ProposalState.CARRIED_OUT)


async def test_update_that_was_retracted_does_not_go_out_where_it_still_waited(life, page):
    page.trouble = VendorUnavailable("Page: HTTP 503", retry_after_s=30)
    opened, put = await publish(life)
    await amending.retract(life.deps, put.id, await life.person("cara"))
    page.trouble = None

    await life.go_on(minutes=1)

    [row] = await life.log(opened, LogKind.FAILED)
    assert (page.told, row.payload["outlet"]) == ([], "page")
    assert row.payload["outcome"] == "Not published at Page: it was retracted before it went out here"
