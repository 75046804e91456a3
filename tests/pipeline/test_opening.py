"""An incident opens: where it lives, who is called, and how it is shown."""

import pytest

from incident_copilot.domain.catalog import Catalog, OnCall, Team
from incident_copilot.domain.content import Announcement, Button, Card, Press
from incident_copilot.domain.effect import Bookmark, Invite, OpenChannel, Pin
from incident_copilot.domain.incident import Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import ChatRefused, StoreUnavailable
from incident_copilot.pipeline import correlate, declare, opening, run
from incident_copilot.pipeline.triage import triage
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import alerts

from . import samples
from .life import CATALOG, Life, big, small

CHANNEL = "C-inc-1-high-5xx-ratio-on-checkout"
TOO_MANY = ChatRefused("Slack: conversations.create: restricted_action", code="restricted_action")


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def acknowledge_button(incident):
    return (Button(press=Press.ACKNOWLEDGE, label="Acknowledge", value=incident.id, style="primary"),)


async def test_big_incident_gets_a_channel_with_card_pin_links_and_the_on_call_person(life):
    links = {"runbook": "https://r.example/1", "generator": "https://p.example/g"}

    incident = await life.opened(big(links=links))

    [channel] = [deed for deed in life.chat.deeds if isinstance(deed, OpenChannel)]
    assert incident.channel_id == CHANNEL
    assert channel.topic == "INC-1 | P1 high | checkout"
    assert channel.purpose == "INC-1: High 5xx ratio on checkout"
    assert isinstance(life.chat.shown[CHANNEL, "card"], Card)
    assert life.chat.shown["CANNOUNCE", "announcement"].card.incident.channel_id == CHANNEL
    assert Pin(slot="card") in life.chat.deeds
    assert [deed.title for deed in life.chat.deeds if isinstance(deed, Bookmark)] == ["Runbook", "Alert"]
    assert [deed for deed in life.chat.deeds if isinstance(deed, Invite)] == [Invite(people=("U0ANA",))]


async def test_incident_of_no_known_service_calls_the_team_whose_examples_the_alert_is_like(db, clock):
    teams = (
        Team(name="night", examples=("LoadBalancerEmpty",)),
        Team(name="shop", examples=("HighErrorRate",), on_call=OnCall(primary="U0ANA")),
    )
    life = Life(db, clock, catalog=Catalog(teams=teams))

    incident = await life.opened(big(service=None))

    assert incident.team == "shop"
    assert [deed for deed in life.chat.deeds if isinstance(deed, Invite)] == [Invite(people=("U0ANA",))]


async def test_on_call_person_is_mentioned_once_with_a_button(life, clock):
    incident = await life.opened(big())
    await life.go_on(minutes=5)

    page = life.chat.shown[CHANNEL, "notice:page:primary"]
    [row] = await life.log(incident, LogKind.PAGED)
    assert page.text == "You are on call for checkout. Please acknowledge within 30 min."
    assert page.mentions == ("U0ANA",)
    assert page.buttons == acknowledge_button(incident)
    assert life.chat.notices().count(page.text) == 1
    assert (row.actor, row.payload) == ("policy:on-call", {"person": "U0ANA", "turn": "primary"})


async def test_first_announcement_of_a_big_incident_counts_the_alert_that_opened_it(life):
    async with life.deps.db.transaction() as tx:
        await alerts.record(tx, "w", big(), life.clock())
        stored = await alerts.lock(tx, "w", big().fingerprint)
        await correlate.join_or_open(tx, life.deps, stored, triage(big(), CATALOG), actor="policy:triage")

    await life.outbox.run_due()

    [announced] = [content for _, _, content in life.chat.posts if isinstance(content, Announcement)]
    assert announced.card.firing == 1


async def test_small_incident_lives_in_the_thread_of_its_announcement(life):
    incident = await life.opened(small())

    [announcement] = [content for _, _, content in life.chat.posts if isinstance(content, Announcement)]
    in_thread = [content for channel, ts, content in life.chat.posts if (channel, ts) == ("CANNOUNCE", "1.000000")]
    assert announcement.card.incident.severity is Severity.P2
    assert (incident.channel_id, incident.thread_ts) == ("CANNOUNCE", "1.000000")
    assert life.chat.shown["CANNOUNCE", "notice:page:primary"] in in_thread
    assert ("CANNOUNCE", "card") not in life.chat.shown
    assert not [deed for deed in life.chat.deeds if isinstance(deed, OpenChannel | Invite)]


async def test_nobody_is_called_where_the_catalogue_names_nobody(db, clock):
    life = Life(db, clock, catalog=Catalog())

    incident = await life.opened(big(links={"dashboard": "https://g.example"}))

    assert incident.channel_id == CHANNEL
    assert life.chat.notices() == []
    assert not [deed for deed in life.chat.deeds if isinstance(deed, Invite)]


async def test_incident_is_opened_and_logged_with_its_number(life):
    incident = await life.opened(big())

    [row] = await life.log(incident, LogKind.OPENED)
    assert row.actor == "policy:triage"
    assert row.payload == {
        "number": 1,
        "severity": "P1",
        "alert": big().fingerprint,
        "type": "availability",
    }
    assert await life.due(Work.REMIND) == incident.opened_at + Severity.P1.response_time


async def test_team_comes_from_the_catalogue_else_from_the_alert(life):
    known = await life.opened(big())
    unknown = await life.opened(big("Other", service="ghost", labels={"team": "ghosts"}))

    assert (known.team, unknown.team) == ("shop", "ghosts")


async def test_title_and_service_are_cut_to_what_can_be_stored(life):
    incident = await life.opened(big(summary="x" * 500, service="s" * 400))

    assert (len(incident.title), len(incident.service)) == (200, 200)


async def test_same_incident_opened_elsewhere_at_that_moment_is_left_to_the_next_try(life):
    await life.opened(big())
    alert = big()

    with pytest.raises(StoreUnavailable):
        async with life.deps.db.transaction() as tx:
            await opening.open_from_alert(tx, life.deps, alert, triage(alert, life.deps.catalog), actor="policy:triage")

    assert await life.running() == [1]


async def test_incident_whose_channel_cannot_be_opened_lives_in_a_thread(life):
    life.chat.trouble["open_channel"] = TOO_MANY

    incident = await life.opened(big())

    [failed] = await life.log(incident, LogKind.UNDELIVERED)
    assert (incident.channel_id, incident.thread_ts) == ("CANNOUNCE", "1.000000")
    assert failed.payload["error"] == "Slack: conversations.create: restricted_action"
    assert life.chat.shown["CANNOUNCE", "notice:page:primary"].mentions == ("U0ANA",)


async def test_channel_that_fails_before_the_announcement_is_out_leads_to_the_thread_all_the_same(life):
    life.chat.trouble = {"open_channel": TOO_MANY, "announcement": ChatRefused("Slack: x", code="x")}
    await life.take(big())
    homeless = await life.newest()
    life.chat.trouble = {}

    await run.acknowledge(life.deps, homeless.id, await life.person("ana"))
    await life.work()

    incident = await life.newest()
    assert (homeless.channel_id, homeless.thread_ts) == (None, None)
    assert incident.thread_ts is not None


async def test_who_declares_is_invited_and_who_is_on_call_is_called(life):
    cara = await life.person("cara")

    await declare.declare(life.deps, cara, title="Checkout is down", severity=Severity.P1, service="checkout")
    await life.work()

    [invite] = [deed for deed in life.chat.deeds if isinstance(deed, Invite)]
    assert invite.people == ("U0ANA", "U0CARA")


async def test_who_has_acknowledged_is_invited_but_nobody_is_called_again_when_it_is_raised(life):
    incident = await life.opened(small())
    await run.acknowledge(life.deps, incident.id, await life.person("ben"))

    await run.set_severity(life.deps, incident.id, await life.person("ben"), Severity.P1)
    await life.work()

    [invite] = [deed for deed in life.chat.deeds if isinstance(deed, Invite)]
    assert invite.people == ("U0ANA", "U0BEN")
    assert len(await life.log(incident, LogKind.PAGED)) == 1


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"title": "High 5xx ratio on checkout"}, "inc-1-high-5xx-ratio-on-checkout"),
        ({"title": "Errors"}, "inc-1-checkout-errors"),
        ({"title": "../../ #general", "service": None}, "inc-1-general"),
        ({"title": "Ошибка", "service": None}, "inc-1-incident"),
        ({"title": "x" * 300, "service": "y" * 300}, "inc-1-" + "y" * 40),
    ],
)
def test_channel_name_is_one_that_slack_takes(fields, name):
    assert opening.channel_name("inc-{number}-{slug}", samples.incident(**fields)) == name


def test_channel_name_is_never_too_long():
    assert opening.channel_name("A" * 100, samples.incident()) == "a" * 80


def test_topic_without_a_service():
    incident = samples.incident(service=None, status=Status.MITIGATED)

    assert opening.topic(incident) == "INC-1 | P1 high"


def test_incident_page_is_among_the_bookmarks_where_it_has_an_address():
    incident = samples.incident(links={"runbook": "https://wiki.example/r"})

    assert opening.bookmarks(incident) == [("Runbook", "https://wiki.example/r")]
    assert opening.bookmarks(incident, "https://copilot.example/")[1:] == [
        ("Incident page", "https://copilot.example/incidents/1")
    ]


async def test_nobody_is_paged_for_a_test_and_who_has_taken_it_is_asked_no_more(life):
    small_test = await life.opened(small())
    tested = small_test.model_copy(update={"test": True, "declared_by": "U0BEN"})
    before = len(life.chat.notices())
    async with life.deps.db.transaction() as tx:
        await opening.call_on_call(tx, life.deps, tested)
        await opening.call_on_call(tx, life.deps, tested.model_copy(update={"status": Status.ACKNOWLEDGED}))
    await life.work()

    assert [text.partition(";")[0] for text in life.chat.notices()[before:]] == ["This is a test"]
    assert [deed for deed in life.chat.deeds if isinstance(deed, Invite)] == []
