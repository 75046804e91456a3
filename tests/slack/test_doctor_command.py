"""/incident doctor: begun at once, told when everything was looked at, and only to those who run the copilot."""

import pytest

from incident_copilot.domain.catalog import Catalog, CatalogPerson
from incident_copilot.domain.finding import Finding
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import people
from incident_copilot.slack import checkup
from incident_copilot.slack.manifest import SCOPES
from incident_copilot.slack.views.doctor import findings

FOUND = (
    Finding("database", True, "its tables are those of this release"),
    Finding("channel #incidents", False, "there is none that the copilot can see", "Create it."),
)


async def examine():
    return FOUND


@pytest.fixture
def more(request):
    return {"examine": getattr(request, "param", None)}


@pytest.mark.parametrize("more", [examine], indirect=True)
async def test_doctor_answers_at_once_and_tells_later_who_may_know(sandbox, copilot):
    ben, vic = sandbox.person("ben"), sandbox.person("vic")
    await vic.command("/incident", "doctor", channel="#general")
    await ben.command("/incident", "doctor", channel="#general")
    await sandbox.until(lambda: len(ben.ephemerals("#general")) == 2)

    assert [one.text for one in vic.ephemerals("#general")] == [
        "To ask how I am you need the role commander; ask an admin to add it in catalog.yaml."
    ]
    told, begun = sorted(ben.ephemerals("#general"), key=lambda one: one.text)  # who answers faster is chance
    assert begun.text.startswith("Looking at everything I depend on")
    assert told.text == ("1 of 2 need a hand. channel #incidents: there is none that the copilot can see")
    assert [[cell["text"] for cell in row] for row in told.blocks[1]["rows"]] == [
        ["What", "Found", "Fix"],
        ["FAIL: channel #incidents", "there is none that the copilot can see", "Create it."],
        ["ok: database", "its tables are those of this release", "-"],
    ]


async def test_a_process_that_cannot_look_says_where_to(copilot):
    ben = copilot.sandbox.person("ben")

    await ben.command("/incident", "doctor", channel="#general")

    assert await copilot.hears("ben") == [
        "This process cannot look; run `incident-copilot doctor` where the copilot runs."
    ]


def test_a_long_list_says_how_many_are_left_out():
    shown = findings([Finding(f"webhook {number}", True, "answers") for number in range(70)])

    assert shown.text == "All 70 are well."
    assert len(shown.blocks[1]["rows"]) == 61
    assert shown.blocks[2]["elements"][0]["text"] == "and 10 more: incident-copilot doctor"


@pytest.mark.parametrize(("role", "is_let_in"), [(Role.COMMANDER, False), (Role.ADMIN, True)])
def test_where_the_catalogue_has_admins_only_they_run_the_copilot(role, is_let_in):
    catalog = Catalog(people=(CatalogPerson(slack="U0ADM", roles=frozenset({Role.ADMIN})),))
    person = Person(id="U0X", name="x", roles=frozenset({role}))

    try:
        people.require_operator(person, catalog, "ask")
        was_let_in = True
    except DecisionRefused:
        was_let_in = False

    assert was_let_in is is_let_in


def test_scopes_are_compared_with_the_manifest():
    assert checkup.scopes(None).said == "not looked at: Slack does not say which the token has"
    assert checkup.scopes(frozenset(SCOPES)) == Finding("Slack scopes", True, f"all {len(SCOPES)} of the manifest")
    assert checkup.scopes(frozenset(SCOPES) - {"commands"}).said == "the token lacks commands"
    assert checkup.lost(["bookmarks:read", "bookmarks:write"]) == ": no links at the top of incident channels"


def test_a_channel_that_others_read_is_no_place_for_incidents():
    found = checkup._channel("incidents", {"is_ext_shared": True, "is_member": True}, "COPILOT_ANNOUNCE_CHANNEL")
    public = checkup._channel("status", {"is_ext_shared": True, "is_member": True}, "COPILOT_CUSTOMER_UPDATES_CHANNEL")

    assert (found.is_well, found.said) == (False, "people of another organisation read it")
    assert public == Finding("channel #status", True, "the copilot is a member")
