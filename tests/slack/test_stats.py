"""/incident stats, the line in App Home, and the question how useful the copilot was."""

from datetime import UTC, datetime, timedelta

import pytest
from slack_samples import said

from incident_copilot.domain.content import Notice
from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.measures import Rule
from incident_copilot.slack.listeners.stats import wanted
from incident_copilot.slack.views.home import home
from incident_copilot.store import ratings


@pytest.mark.parametrize(
    ("words", "days", "rule"),
    [
        ((), 30, Rule()),
        (("90d", "service", "checkout"), 90, Rule(service="checkout")),
        (("Severity", "p1"), 30, Rule(severity="P1")),
        (("type", "errors", "7d"), 7, Rule(incident_type="errors")),
        (("service",), 30, Rule()),
    ],
)
def test_what_is_typed_says_what_is_measured(words, days, rule):
    assert wanted(words) == (timedelta(days=days), rule)


async def test_people_see_what_is_measured_and_rate_what_has_ended(copilot):
    now = datetime.now(UTC)
    opened = await copilot.open(status=Status.RESOLVED, ending=Ending.RESOLVED, ended_at=now)
    shown = await copilot.show(Notice(text="INC-1 resolved.", rates=opened.id))
    ana = copilot.sandbox.person("ana")

    assert (await ana.click(shown, "rate", selected=f"{opened.id}:4")).ok
    assert await copilot.hears("ana") == ["You rated INC-1 4 of 5. Press another number to change it."]
    async with copilot.deps.db.read() as db:
        assert await ratings.given(db, "w", opened.id, "U0ANA") == 4
    assert (await ana.command("/incident", "stats 90d severity P1", channel="#general")).ok
    assert ana.ephemerals("#general")[-1].text == "1 incident in 90 days (severity P1)"


def test_app_home_has_one_line_of_measures():
    assert "Last 30 days: 2 incidents" in said(home([], measured="Last 30 days: 2 incidents")["blocks"])


async def test_the_digest_is_told_to_who_asks(copilot):
    ana = copilot.sandbox.person("ana")

    assert (await ana.command("/incident", "digest", channel="#general")).ok
    assert ana.ephemerals("#general")[-1].text == "A quiet week: no incident was opened."
