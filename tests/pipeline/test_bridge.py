"""The bridge: made from the operators' pattern, or named by a person; on the card and as a bookmark."""

import pytest

from incident_copilot.domain.effect import Bookmark
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import bridge, resolve

from .life import Life, big, small

MEET = "https://meet.example.net/inc-{number}"


def bookmarks(life):
    return [
        (deed.title, deed.link) for deed in life.chat.deeds if isinstance(deed, Bookmark) and deed.title == "Bridge"
    ]


async def test_a_pattern_gives_each_big_incident_its_call_as_it_opens(db, clock):
    life = Life(db, clock, bridge=MEET)

    large, little = await life.opened(big()), await life.opened(small())

    assert large.links["bridge"] == "https://meet.example.net/inc-1"
    assert "bridge" not in little.links
    assert bookmarks(life) == [("Bridge", "https://meet.example.net/inc-1")]


async def test_a_person_names_another_call_and_it_is_logged(db, clock):
    life = Life(db, clock)
    incident, thread = await life.opened(big()), await life.opened(small())
    ana, vic = await life.person("ana"), await life.person("vic")

    said = await bridge.name(life.deps, incident.id, ana, "https://zoom.us/j/123")
    await bridge.name(life.deps, thread.id, ana, "https://zoom.us/j/456")
    await life.work()

    assert said.text == "The bridge is on the card, and at the top of the channel."
    assert (await life.by_number(1)).links["bridge"] == "https://zoom.us/j/123"
    assert bookmarks(life) == [("Bridge", "https://zoom.us/j/123")]
    assert [row.payload for row in await life.log(incident, LogKind.BRIDGE_SET)] == [{"link": "https://zoom.us/j/123"}]
    with pytest.raises(DecisionRefused, match="you need the role responder"):
        await bridge.name(life.deps, incident.id, vic, "https://zoom.us/j/123")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)
    with pytest.raises(DecisionRefused, match="INC-1 has ended"):
        await bridge.name(life.deps, incident.id, ana, "https://zoom.us/j/123")


@pytest.mark.parametrize(
    "link",
    ["", "zoom", "http://zoom.us/j/1", "https://", "https://u:p@zoom.us/", "https://[", "https://a/" + "x" * 600],
)
async def test_what_is_no_safe_link_is_refused(db, clock, link):
    life = Life(db, clock)
    ana = await life.person("ana")

    with pytest.raises(DecisionRefused, match="begins with https://"):
        await bridge.name(life.deps, "1" * 32, ana, link)
