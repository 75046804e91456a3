"""A status page or an update that says otherwise than what is known inside is told once, quietly."""

from dataclasses import replace

import pytest

from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.domain.update import PublicState
from incident_copilot.errors import VendorUnavailable
from incident_copilot.pipeline import decide, resolve
from incident_copilot.pipeline.comms.contradicted import contradiction
from incident_copilot.plugins.comms_channels.slack import Options, SlackChannel
from pipeline.life import Life, Page, big


@pytest.mark.parametrize(
    ("text", "severity", "said"),
    [
        ("There is a complete outage.", Severity.P2, "\u201ccomplete outage\u201d"),
        ("The shop is down.", Severity.P3, "\u201cis down\u201d"),
        ("There is a complete outage.", Severity.P0, None),
        ("A few users see errors.", Severity.P1, "\u201cA few users\u201d"),
        ("There is no impact.", Severity.P0, "\u201cno impact\u201d"),
        ("Not minor: nobody can pay.", Severity.P0, None),
        ("A few users see errors.", Severity.P3, None),
        ("Some payments fail.", Severity.P1, None),
    ],
)
def test_impact_in_words_is_compared_with_the_severity(text, severity, said):
    assert contradiction(text, severity) == said


@pytest.fixture
def page():
    return Page()


@pytest.fixture
def life(db, clock, page):
    chat = SlackChannel(Options(audience=["customers"], channel="#status-de"))
    return Life(db, clock, channels={"page": page, "status-de": chat})


async def published(life, text="Some payments fail."):
    opened = await life.opened(big())
    put = await life.put(opened, ProposalKind.UPDATE, rank=0, shown={"audience": "customers", "text": text})
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("cara"))
    await life.work()
    return opened


def lines(life):
    words = (" says resolved", " still says ", " and the severity is ")
    return [text for text in life.chat.notices() if any(word in text for word in words)]


async def test_page_that_says_resolved_while_alerts_fire_is_told_once(life, page):
    await published(life)
    page.says = PublicState.RESOLVED
    for _ in range(4):
        await life.go_on(minutes=5)

    assert lines(life) == ["Page says resolved, and 1 alert of INC-1 still fires."]


async def test_page_that_says_trouble_after_the_end_is_told_once_and_watched_no_longer_than_an_hour(life, page):
    opened = await published(life)
    page.says = PublicState.MONITORING
    ana = await life.person("ana")
    await resolve.resolve(life.deps, opened.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)
    for _ in range(15):
        await life.go_on(minutes=5)
    page.says = PublicState.RESOLVED
    await life.go_on(minutes=5)

    assert lines(life) == ["INC-1 has ended, and Page still says monitoring."]


async def test_words_that_do_not_fit_the_severity_are_told_once(life):
    await published(life, "A few users see errors.")
    await life.go_on(minutes=5)
    await life.go_on(minutes=5)

    assert lines(life) == [
        "The update for customers says \u201cA few users\u201d, and the severity is P1 high. One of them is wrong."
    ]


async def test_page_that_cannot_be_read_contradicts_nothing(life, page):
    async def away(ref):
        raise VendorUnavailable("Page: HTTP 503")

    await published(life)
    page.state = away
    await life.go_on(minutes=5)

    assert lines(life) == []
    assert replace(life.deps, comms_channels={}).comms_channels == {}
