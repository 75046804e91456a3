"""A person declares an incident that no alert has announced."""

import pytest

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import declare

from .life import Life


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_declared_incident_opens_in_the_name_of_who_declared_it(life, clock):
    outcome = await declare.declare(
        life.deps,
        await life.person("ana"),
        title="  Checkout is slow ",
        severity=Severity.P1,
        service="checkout",
        summary="Carts hang",
    )
    await life.work()

    incident = await life.newest()
    [row] = await life.log(incident, LogKind.DECLARED)
    [note] = await life.timeline(incident, TimelineKind.NOTE)
    assert outcome.text == "INC-1 is open."
    assert (incident.title, incident.severity, incident.service) == ("Checkout is slow", Severity.P1, "checkout")
    assert (incident.team, incident.environment, incident.declared_by) == ("shop", "production", "U0ANA")
    assert incident.correlation_key == f"declared={incident.id}"
    assert incident.score_sheet.floors == ("P1 was set by the person who declared",)
    assert (row.actor, row.payload) == ("U0ANA", {"number": 1, "severity": "P1", "type": "performance"})
    assert (note.author, note.text, note.at) == ("U0ANA", "Carts hang", clock())
    assert incident.channel_id == "C-inc-1-checkout-is-slow"


async def test_without_a_severity_the_score_sheet_says_how_bad_it_is(life):
    outcome = await declare.declare(life.deps, await life.person("ana"), title="Complete outage of the shop")

    incident = outcome.incident
    [note] = await life.timeline(incident, TimelineKind.NOTE)
    assert (incident.severity, incident.service, incident.team) == (Severity.P0, None, None)
    assert note.text == "Complete outage of the shop"


async def test_two_may_be_declared_at_once(life):
    ana = await life.person("ana")

    for title in ("One", "Two"):
        await declare.declare(life.deps, ana, title=title, service="checkout")

    assert await life.running() == [1, 2]


@pytest.mark.parametrize(
    ("name", "title", "said"),
    [
        ("ana", "  ", "Say in a few words what is broken; that is all I need."),
        (
            "vic",
            "x",
            "To declare incidents you need the role responder; ask an admin to add it in catalog.yaml.",
        ),
    ],
)
async def test_what_cannot_be_declared_is_refused_and_logged(life, name, title, said):
    with pytest.raises(DecisionRefused) as refusal:
        await declare.declare(life.deps, await life.person(name), title=title)

    [row] = await life.workspace_log()
    assert str(refusal.value) == said
    assert (row.kind, row.actor, row.payload) == (
        LogKind.DENIED,
        f"U0{name.upper()}",
        {"asked": "declare incidents", "because": said},
    )
    assert await life.running() == []
