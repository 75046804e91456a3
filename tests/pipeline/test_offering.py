"""What another bot tells of and opens nothing may be declared by one click below its message."""

import pytest

from incident_copilot.domain.content import Press
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import run

from .life import Life, again, big, over, tiny

LINK = "https://acme.slack.com/archives/C0ALERTS/p1795262400000100"


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def told(name="DiskFilling", link=LINK, **fields):
    """A small alert that a bot of the chat told of."""
    return tiny(name, source="slack-grafana", links={"message": link}, **fields)


def replies(life):
    """What stands below messages of other bots: thread, words, buttons."""
    return [
        (thread, content.text, [button.press for button in content.buttons])
        for channel, thread, content in life.chat.posts
        if channel == "C0ALERTS"
    ]


async def test_small_alert_of_a_bot_is_declared_by_a_click_below_its_message(life, clock):
    alert = told()
    await life.take(alert)
    await life.take(again(alert, clock))
    offered = replies(life)

    outcome = await run.promote(life.deps, alert.fingerprint, await life.person("ana"))
    await life.work()

    [slot] = [slot for channel, slot in life.chat.shown if channel == "C0ALERTS"]
    shown = life.chat.shown["C0ALERTS", slot]
    text = "DiskFilling opened no incident: it is small, and in the hourly digest."
    assert offered == [("1795262400.000100", text, [Press.PROMOTE])]
    assert outcome.incident.number == 1
    assert (shown.text, shown.buttons) == (f"Ana declared it: INC-1 {outcome.incident.title}.", ())
    with pytest.raises(DecisionRefused):
        await run.promote(life.deps, alert.fingerprint, await life.person("ana"))


async def test_reply_of_a_bot_is_answered_in_the_same_thread(life):
    await life.take(told(link=f"{LINK}?thread_ts=1795262300.000200&cid=C0ALERTS"))

    assert [thread for thread, *_ in replies(life)] == ["1795262300.000200"]


async def test_what_opens_an_incident_or_ends_or_is_no_message_of_the_chat_gets_no_button(life, clock):
    small = told("Other")
    await life.take(big(source="slack-grafana", links={"message": LINK}))
    await life.take(over(small, clock), tiny("Third"), told("Fourth", link="https://grafana.example/d/1"))
    await run.promote(life.deps, tiny("Third").fingerprint, await life.person("ana"))
    await run.promote(life.deps, told("Fourth").fingerprint, await life.person("ana"))

    assert replies(life) == []


async def test_storm_of_small_alerts_is_answered_a_few_times(life):
    await life.take(*(told(f"Disk{number}", f"{LINK[:-1]}{number}") for number in range(9)))

    assert len(replies(life)) == 5


async def test_nothing_is_offered_where_operators_do_not_want_it(db, clock):
    life = Life(db, clock, offer_declare=False)
    await life.take(told())

    assert replies(life) == []
