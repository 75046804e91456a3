"""Incidents name each other, and pages that people need; both ways, once, and never across what is private."""

import pytest

from incident_copilot.domain.effect import Bookmark
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import declare, linking
from incident_copilot.pipeline.reviewing import record, words

from .life import Life, big, small

GRAPH = "https://grafana.example/d/1"


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_two_incidents_name_each_other_on_their_cards(life):
    one, other = await life.opened(big()), await life.opened(small())

    outcome = await linking.relate(life.deps, one.id, await life.person("ana"), 2)
    await life.work()

    assert outcome.text == "INC-1 and INC-2 name each other now."
    assert life.chat.shown[one.channel_id, "card"].incident.related == ("INC-2",)
    assert life.chat.shown["CANNOUNCE", "announcement"].card.incident.related == ("INC-1",)
    found = await record.read(life.deps, other.id)
    assert [words.sentence(found, row) for row in found.rows(LogKind.LINKED)] == ["The primary on call linked INC-1."]


async def test_page_is_on_the_card_and_in_the_header_of_the_channel(life):
    ana, incident, in_thread = await life.person("ana"), await life.opened(big()), await life.opened(small())

    outcome = await linking.page(life.deps, incident.id, ana, GRAPH, " dashboard ")
    await linking.page(life.deps, in_thread.id, ana, GRAPH, "")
    await life.work()

    assert outcome.text == "dashboard is on the card of INC-1."
    assert (await life.by_number(1)).links["dashboard"] == GRAPH
    assert (await life.by_number(2)).links["Link"] == GRAPH
    marks = [deed for deed in life.chat.deeds if isinstance(deed, Bookmark) and deed.link == GRAPH]
    assert marks == [Bookmark(title="dashboard", link=GRAPH)]
    found = await record.read(life.deps, incident.id)
    [row] = found.rows(LogKind.LINKED)
    assert (words.sentence(found, row), words.quoted(found, row)) == (
        "The primary on call added a link:",
        f"dashboard: {GRAPH}",
    )


async def test_what_is_not_to_be_linked_is_refused(life):
    ana = await life.person("ana")
    incident = await life.opened(big())
    await declare.declare(life.deps, ana, title="Leak", private=True)
    await declare.declare(life.deps, ana, title="Drill", test=True)
    private = await life.by_number(2)
    await life.opened(small())
    await linking.relate(life.deps, incident.id, ana, 4)

    async def told(doing):
        return await life.refused(incident, doing)

    no_mix = "A private incident, or a drill, is not linked with another one."
    assert await told(linking.relate(life.deps, incident.id, ana, 2)) == "There is no INC-2."
    assert await told(linking.relate(life.deps, incident.id, ana, 9)) == "There is no INC-9."
    assert await told(linking.relate(life.deps, incident.id, ana, 3)) == no_mix
    assert await life.refused(private, linking.relate(life.deps, private.id, ana, 1)) == no_mix
    assert await told(linking.relate(life.deps, incident.id, ana, 1)) == ("INC-1 is this incident. Name the other one.")
    assert await told(linking.relate(life.deps, incident.id, ana, 4)) == "INC-1 and INC-4 are linked already."
    assert "you need the role" in await told(linking.relate(life.deps, incident.id, await life.person("vic"), 4))
    assert await told(linking.page(life.deps, incident.id, ana, "javascript:x", "")) == (
        "That is no web address. As in /incident link https://grafana.example/d/1 dashboard."
    )


async def test_a_card_has_room_for_ten_links_of_each_kind(life):
    ana, incident = await life.person("ana"), await life.opened(big())
    for number in range(11):
        await declare.declare(life.deps, ana, title=f"Other {number}")
    for number in range(2, 12):
        await linking.relate(life.deps, incident.id, ana, number)
    while len((await life.by_number(1)).links) < linking.MOST:
        await linking.page(life.deps, incident.id, ana, GRAPH, f"page {len((await life.by_number(1)).links)}")

    assert await life.refused(incident, linking.relate(life.deps, incident.id, ana, 12)) == (
        "One of the two is linked with 10 others; that is enough for a card."
    )
    assert await life.refused(incident, linking.page(life.deps, incident.id, ana, GRAPH, "x")) == (
        "INC-1 has 10 links; that is enough for a card."
    )
