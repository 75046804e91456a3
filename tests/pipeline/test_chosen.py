"""What teams set for themselves holds wherever it is read, wins in the order that is said, and is logged."""

from datetime import timedelta

import pytest

from incident_copilot.domain.content import Card, Notice
from incident_copilot.domain.effect import Place
from incident_copilot.domain.incident import Duty, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.team_settings import TeamSettings
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import chosen, roles, run, show
from incident_copilot.pipeline.comms import texts
from incident_copilot.store import evidence, targets

from .life import PLACES, Life, big


@pytest.fixture
def life(db, clock):
    living = Life(db, clock, places=PLACES)
    team = TeamSettings(cadence_min={"P0": 45, "P1": 50})
    living.deps.chosen.files = {"": TeamSettings(posts_per_hour=9), "shop": team}
    return living


async def change(life, name="ben", team="", **typed):
    return await chosen.change(life.deps, await life.person(name), team, typed)


async def holds(life, name, team=""):
    value, source = (await chosen.shown(life.deps, team)).holds[name]
    return value, source


async def test_what_is_set_in_the_chat_wins_and_says_where_it_comes_from(life):
    before = await holds(life, "posts_per_hour")
    changed = await change(life, posts_per_hour="5")
    await change(life, team="shop", posts_per_hour="3")

    assert before == (9, "copilot.yaml")
    assert changed == ["Posts an hour in a channel: 5"]
    assert await holds(life, "posts_per_hour") == (5, "set in Slack by <@U0BEN> on 2026-11-21")
    assert await holds(life, "posts_per_hour", "shop") == (3, "set in Slack for shop by <@U0BEN> on 2026-11-21")
    assert await holds(life, "posts_per_hour", "finders") == (5, "set in Slack by <@U0BEN> on 2026-11-21")
    assert (await chosen.shown(life.deps, "shop")).here == {"posts_per_hour": 3}


async def test_what_is_taken_back_leaves_what_the_files_say(life):
    await change(life, posts_per_hour="5", announce_channel="#outages")

    changed = await change(life, posts_per_hour="", announce_channel="#outages")

    assert changed == ["Posts an hour in a channel: taken back; 9 holds (copilot.yaml)"]
    assert await change(life, posts_per_hour="") == []
    rows = [row for row in await life.workspace_log() if row.kind is LogKind.SETTING_CHANGED]
    assert [(row.actor, row.payload["setting"], row.payload["from"], row.payload["to"]) for row in rows] == [
        ("U0BEN", "posts_per_hour", "", "5"),
        ("U0BEN", "announce_channel", "", "outages"),
        ("U0BEN", "posts_per_hour", "5", ""),
    ]


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("ana", {"posts_per_hour": "5"}, "To change settings you need the role commander"),
        ("ben", {"posts_per_hour": "few"}, "Posts an hour in a channel: write a whole number."),
        ("ben", {"customer_language": "xx"}, "Language of customers' updates: Input should be 'en'"),
    ],
)
async def test_who_may_not_and_what_cannot_be_are_refused(life, name, typed, why):
    with pytest.raises(DecisionRefused, match=why):
        await change(life, name, **typed)
    assert (await life.workspace_log())[-1].kind is LogKind.DENIED


async def test_team_that_is_not_there_is_refused(life):
    with pytest.raises(DecisionRefused, match=r"There is no team sales in catalog\.yaml; there is shop, finders\."):
        await chosen.shown(life.deps, "sales")


async def test_settings_hold_for_the_incidents_of_a_team(life):
    await change(life, timeline_emoji="memo", working_hours="mon-sun 00:00-24:00 UTC")
    await change(
        life,
        team="shop",
        channel_pattern="shop-{number}",
        severity_names="P0=Sev 1, P1=Sev 2",
        cadence_min="P1=20",
        customer_language="de",
    )
    incident = await life.opened(big())

    assert incident.severity_in_words == "P1 Sev 2"
    assert incident.channel_id == "C-shop-1"
    assert chosen.cadence(life.deps, incident) == timedelta(minutes=20)
    assert chosen.cadence(life.deps, incident.model_copy(update={"severity": Severity.P0})) == timedelta(minutes=45)
    assert chosen.cadence(life.deps, incident.model_copy(update={"team": None})) == timedelta(minutes=60)
    assert chosen.timeline_emoji(life.deps, None) == "memo"
    assert chosen.working_hours(life.deps).days == ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    raised = (await run.set_severity(life.deps, incident.id, await life.person("ben"), Severity.P2)).incident
    assert raised.severity_in_words == "P2 medium"


async def test_channels_that_are_set_are_posted_to(life):
    assert chosen.channel(life.deps, Place.ANNOUNCE) == "CANNOUNCE"
    await change(life, announce_channel="C0OUTAGES")

    await life.opened(big())

    assert "C0OUTAGES" in [channel for channel, _, _ in life.chat.posts]
    async with life.deps.db.read() as db:
        assert await targets.channel_of(db, "w", Place.OPERATOR, PLACES) == "COPERATOR"


async def test_a_team_has_channels_roles_and_a_reaction_of_its_own(life):
    await change(
        life,
        team="shop",
        announce_channel="C0SHOP",
        timeline_emoji="memo",
        roles="commander=Incident lead, liaison=Customer liaison",
    )
    ana = await life.person("ana")

    incident = await life.opened(big())
    await roles.assign(life.deps, incident.id, ana, "U0ANA", Duty("liaison"))
    await life.work()

    assert "C0SHOP" in [channel for channel, _, _ in life.chat.posts]
    assert "CANNOUNCE" not in [channel for channel, _, _ in life.chat.posts]
    assert incident.channels == {"announce": "C0SHOP"}
    assert chosen.channels(life.deps, Place.ANNOUNCE) == ["CANNOUNCE", "C0SHOP"]
    assert chosen.timeline_emojis(life.deps) == {"pushpin", "memo"}
    now = await life.newest()
    assert [now.called(duty) for duty in now.all_duties] == ["Incident lead", "Customer liaison"]
    assert now.duties == {Duty("liaison"): "U0ANA"}
    refused = await life.refused(now, roles.assign(life.deps, now.id, ana, "U0ANA", Duty.SCRIBE))
    assert refused == "INC-1 has no role scribe; it has commander, liaison."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["requests to our service have been failing.", "Our engineers are working on it.", "Next update by "]),
        ("de", ["Anfragen an unser Angebot fehl.", "Unsere Technik arbeitet daran.", "Nächste Mitteilung bis "]),
        (
            "fr",
            ["des requêtes vers notre service échouent.", "Nos équipes y travaillent.", "Prochaine information"],
        ),
        (
            "es",
            ["fallan solicitudes a nuestro servicio.", "Nuestro equipo trabaja en ello.", "Próxima información"],
        ),
    ],
)
async def test_customers_are_told_in_their_language(life, language, said):
    incident = await life.opened(big())
    async with life.deps.db.read() as db:
        brief = await evidence.latest_brief(db, incident.id)
    known = texts.Known(
        incident, (), brief, incident.started_at, life.clock(), life.deps.catalog, timedelta(minutes=20), language
    )

    lines = texts.text_for(Audience.CUSTOMERS, known).splitlines()

    assert [part in line for part, line in zip(said, lines, strict=True)] == [True, True, True]
    assert "12:20 UTC" in lines[-1]
    assert "Next update by 12:20 UTC." in texts.text_for(Audience.INTERNAL, known)


async def test_messages_beyond_the_budget_go_below_the_card(life, clock):
    await change(life, posts_per_hour="5")
    incident = await life.opened(big())
    for number in range(6):
        await say(life, incident, f"news {number}")
    await say(life, incident, "call", mentions=("U0ANA",))

    [*_, (_, first_thread, _)] = [post for post in life.chat.posts if post[2] == Notice(text="news 0")]
    beyond = [thread for _, thread, content in life.chat.posts if content == Notice(text="news 5")]
    called = [thread for _, thread, content in life.chat.posts if getattr(content, "mentions", ()) == ("U0ANA",)]
    await say(life, incident, "news 0", name="news 5")
    assert beyond != [None]
    assert called[-1] is None
    assert first_thread is None
    async with life.deps.db.transaction() as tx:
        card = await show.card_of(tx, life.deps, incident.id)
    assert isinstance(card, Card)
    assert card.crowded

    clock.forward(3700)
    await say(life, incident, "calm again")
    assert [thread for _, thread, content in life.chat.posts if content == Notice(text="calm again")] == [None]


async def say(life, incident, text, name=None, mentions=()):
    async with life.deps.db.transaction() as tx:
        await show.notice(tx, life.deps, incident, name or text, text, mentions=mentions)
    await life.work()
