"""Subscribers hear of serious incidents: by one direct message that is edited, or by e-mail at start and end."""

from dataclasses import replace

import pytest

from incident_copilot.domain.content import Announcement
from incident_copilot.domain.effect import Mail, ShowTo
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import resolve, run, show, subscribers, subscribing
from incident_copilot.store import effects

from .life import CATALOG, Life, big, small


@pytest.fixture
def life(db, clock):
    people = tuple(
        one.model_copy(update={"email": "vic@example.net"}) if one.slack == "U0VIC" else one for one in CATALOG.people
    )
    catalog = CATALOG.model_copy(update={"people": people})
    return Life(db, clock, catalog=catalog, can_mail=True, public_url="https://copilot.example.net")


async def sent(life, kind):
    """Everything of a kind that was put into the outbox for INC-1."""
    async with life.deps.db.read() as db:
        found = await effects.by_incident(db, (await life.by_number(1)).id)
    return [one.deed for one in found if isinstance(one.deed, kind)]


async def test_a_manager_gets_one_message_that_stays_up_to_date(life):
    vic = await life.person("vic")
    said = await subscribing.subscribe(life.deps, vic, Severity.P1, by_mail=False)
    incident, _ = await life.opened(big()), await life.opened(small())
    await run.acknowledge(life.deps, incident.id, await life.person("ana"))
    await life.work()
    told = [one for one in life.chat.deeds if isinstance(one, ShowTo)]

    assert said.text == "You hear of each P0 to P1 by direct message. `/incident subscribe off` ends it."
    assert {(one.to, one.slot, one.content.card.incident.number) for one in told} == {("U0VIC", "subscriber:U0VIC", 1)}
    assert told[-1].content.card.incident.acknowledged_by == "U0ANA"
    announced = [content for _, _, content in life.chat.posts if isinstance(content, Announcement)]
    assert len(announced) == 3  # two to all, one to Vic
    assert [row.payload for row in await life.workspace_log() if row.kind is LogKind.SUBSCRIBED] == [
        {"severity": "P1", "by": "dm"}
    ]


async def test_an_email_tells_the_start_and_the_end_once(life):
    vic = await life.person("vic")
    await subscribing.subscribe(life.deps, vic, Severity.P1, by_mail=True)
    incident = await life.opened(big())
    ana = await life.person("ana")
    await run.acknowledge(life.deps, incident.id, ana)
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    async with life.deps.db.read() as db:
        found = [one.deed for one in await effects.by_incident(db, incident.id) if isinstance(one.deed, Mail)]
    mails = sorted(found, key=lambda one: one.subject)

    assert [one.subject for one in mails] == [
        "[INC-1] P1 high began: High 5xx ratio on checkout",
        "[INC-1] P1 high ended, false alarm: High 5xx ratio on checkout",
    ]
    assert mails[0].to == ("vic@example.net",)
    assert "https://copilot.example.net/incidents/1" in mails[0].text


async def test_what_is_private_a_test_or_small_is_told_to_nobody(life):
    await subscribing.subscribe(life.deps, await life.person("vic"), Severity.P0, by_mail=False)
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        shown = await show.card_of(tx, life.deps, incident.id)
        urgent = incident.model_copy(update={"severity": Severity.P0})
        for marked in ({"test": True}, {"private": True}):
            card = shown.model_copy(update={"incident": urgent.model_copy(update=marked)})
            await subscribers.tell(tx, life.deps, card)
        shadow = replace(life.deps, policy=replace(life.deps.policy, shadow=True))
        await subscribers.tell(tx, shadow, shown.model_copy(update={"incident": urgent}))

    assert await sent(life, ShowTo) == []


async def test_a_subscription_is_told_changed_and_ended_by_its_person(life):
    vic, gus = await life.person("vic"), await life.person("gus")
    none = await subscribing.said(life.deps, "U0VIC")
    await subscribing.subscribe(life.deps, vic, Severity.P1, by_mail=True)
    await subscribing.subscribe(life.deps, vic, Severity.P0, by_mail=True)
    known = await subscribing.said(life.deps, "U0VIC")
    ended = [(await subscribing.unsubscribe(life.deps, vic)).text for _ in range(2)]

    assert (none, known) == ("You have not subscribed.", "You hear of each P0 by e-mail.")
    assert ended == ["You hear of nothing any more.", "You had not subscribed."]
    with pytest.raises(DecisionRefused, match="Guests"):
        await subscribing.subscribe(life.deps, gus, Severity.P1, by_mail=False)


async def test_an_email_goes_only_to_the_address_that_the_catalogue_knows(life, db, clock):
    without_server = Life(db, clock, catalog=life.deps.catalog)
    with pytest.raises(DecisionRefused, match="ask an admin to add it"):
        await subscribing.subscribe(life.deps, await life.person("ana"), Severity.P1, by_mail=True)
    with pytest.raises(DecisionRefused, match="no mail server is set"):
        await subscribing.subscribe(without_server.deps, await life.person("vic"), Severity.P1, by_mail=True)
