"""Mutes, typed by people."""

from datetime import timedelta

import pytest

from incident_copilot.slack.listeners.mutes import USAGE
from incident_copilot.slack.listeners.wording import Wish, duration, understand


async def typed(copilot, text, who="ana"):
    """What one person is told right away."""
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("mute db=7 1h disk 7 is replaced", Wish("mute", ("db=7", "1h", "disk", "7", "is", "replaced"))),
        ("mute path=a&amp;b 1h x", Wish("mute", ("path=a&b", "1h", "x"))),
        ("mutes", Wish("mutes")),
        ("unmute M-3", Wish("unmute", number=3)),
        ("quiet", Wish("quiet")),
        ("silence INC-7 path=a&amp;b 2h", Wish("silence", ("path=a&b", "2h"), number=7)),
        ("unsilence 4", Wish("unsilence", other=4)),
    ],
)
def test_what_is_said_after_mute_stays_as_it_is(text, wish):
    assert understand(text) == wish


@pytest.mark.parametrize(
    ("text", "lasts"),
    [
        ("90m", timedelta(minutes=90)),
        ("5MIN", timedelta(minutes=5)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("1 h", None),
        ("soon", None),
    ],
)
def test_durations_are_short_words(text, lasts):
    assert duration(text) == lasts


async def test_people_mute_list_and_end(copilot):
    [said] = await typed(copilot, "mute checkout 1h moving <!channel>")
    [listed] = await typed(copilot, "mutes")

    assert said.startswith("Muted service=checkout until ")
    assert said.endswith(" UTC (1 h), as M-1. /incident unmute 1 ends it.")
    assert listed.startswith("M-1: service=checkout until ")
    assert listed.endswith(" UTC, by <@U0ANA>: moving &lt;!channel&gt;")
    assert await typed(copilot, "unmute 1") == ["M-1 has ended. What it muted and still fires is looked at now."]
    assert await typed(copilot, "mutes") == ["Nothing is muted."]


async def test_what_is_missing_is_said(copilot):
    assert await typed(copilot, "mute") == [USAGE]
    assert await typed(copilot, "mute checkout for a while") == [USAGE]
    assert await typed(copilot, "unmute") == ["Which one? As in `/incident unmute 3`; `/incident mutes` lists them."]


async def test_silences_elsewhere_are_proposed_in_an_incident(copilot):
    await copilot.open()

    assert await typed(copilot, "silence") == ["Which alert? It has: none. Or write label=value."]
    assert await typed(copilot, "silence a=b 2h") == [
        "There is nowhere to silence it: list the action silence in copilot.yaml."
    ]
    assert await typed(copilot, "unsilence") == [
        "Which one? As in `/incident unsilence 3`; `/incident mutes` lists them."
    ]
    assert await typed(copilot, "unsilence 3") == [
        "There is no silence 3 elsewhere; /incident mutes lists those that run."
    ]
