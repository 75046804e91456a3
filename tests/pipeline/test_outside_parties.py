"""A vendor's case is kept where everybody looks; who must be told by law is reminded until it was done."""

from datetime import timedelta

import pytest

from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.outside import Regulation, Vendor
from incident_copilot.pipeline import deadlines, outsiders, resolve, vendor_cases
from incident_copilot.pipeline.wakeups import Work

from .life import CATALOG, Life, big

WITH_OUTSIDE = CATALOG.model_copy(
    update={
        "vendors": (Vendor(name="stripe", contact="help@stripe.example", services=("checkout",)),),
        "regulatory": (
            Regulation(name="gdpr", tell="the authority", within_h=72, types=("availability",), lead="U0CARA"),
            Regulation(name="bank", tell="the bank", within_h=24, types=("security",)),
        ),
    }
)


@pytest.fixture
def life(db, clock):
    return Life(db, clock, catalog=WITH_OUTSIDE)


def told_privately(life):
    return [content.text for channel, _, content in life.chat.posts if channel == "U0CARA"]


async def test_case_at_a_vendor_is_on_the_card_the_timeline_and_in_the_log(life):
    incident = await life.opened(big())
    shown = life.chat.shown[incident.channel_id, "card"].vendors

    await vendor_cases.note_case(life.deps, incident.id, await life.person("ana"), "stripe", " 4711 ")
    await life.work()

    [row] = await life.log(incident, LogKind.VENDOR_CASE)
    [note] = await life.timeline(incident, TimelineKind.NOTE)
    assert (shown, life.chat.shown[incident.channel_id, "card"].vendors) == (
        (),
        ("stripe: help@stripe.example; case 4711",),
    )
    assert (row.payload, note.text) == ({"vendor": "stripe", "case": "4711"}, "Case at stripe: 4711")


@pytest.mark.parametrize(
    ("who", "name", "case", "said"),
    [
        (
            "vic",
            "stripe",
            "1",
            "To note a vendor's case you need the role responder; ask an admin to add it in catalog.yaml.",
        ),
        ("ana", "acme", "1", "catalog.yaml has no vendor acme; it has stripe."),
        ("ana", "stripe", " ", "Write the number of the case after the vendor's name."),
    ],
)
async def test_case_that_cannot_be_kept_is_refused(life, who, name, case, said):
    incident = await life.opened(big())

    asked = vendor_cases.note_case(life.deps, incident.id, await life.person(who), name, case)

    assert await life.refused(incident, asked) == said


async def test_who_must_tell_is_reminded_until_it_is_done_also_after_the_end(life, clock):
    incident = await life.opened(big())
    due = incident.opened_at + timedelta(hours=72)
    first = await life.due(Work.DEADLINE)
    ben = await life.person("ben")
    await resolve.resolve(life.deps, incident.id, ben, ending=Ending.RESOLVED, note="", despite_red=True)
    for hours in (48, 68, 72, 76):
        clock.forward((incident.opened_at + timedelta(hours=hours) - clock()).total_seconds())
        await life.run_job(Work.DEADLINE, incident)
    reminded = told_privately(life)

    ended = await life.newest()
    cara = await life.person("cara")
    await deadlines.told(life.deps, ended.id, cara, "gdpr", "R-9")
    await life.work()

    assert first == due - timedelta(hours=24)
    assert [text.split(", ")[1].partition(".")[0] for text in reminded] == ["in 24 h", "in 4 h", "overdue", "overdue"]
    rows = await life.log(incident, LogKind.AUTHORITY_DUE, LogKind.AUTHORITY_TOLD)
    assert [(row.actor, row.payload["late"]) for row in rows] == [
        ("policy:regulatory", False),
        ("policy:regulatory", False),
        ("policy:regulatory", False),
        ("policy:regulatory", True),
        ("U0CARA", True),
    ]
    assert await life.due(Work.DEADLINE) is None
    [line] = life.chat.shown[incident.channel_id, "card"].deadlines
    assert line.startswith("gdpr: the authority was told late at ")
    assert (await life.refused(incident, deadlines.told(life.deps, ended.id, cara, "gdpr", ""))).startswith(
        "That is written down already: gdpr"
    )


async def test_only_who_may_speak_outside_says_that_an_authority_was_told(life):
    incident = await life.opened(big())

    assert outsiders.duty_lines(life.deps, incident.model_copy(update={"service": None})) != ()
    assert (
        await life.refused(incident, deadlines.told(life.deps, incident.id, await life.person("ana"), "gdpr", ""))
        == "To say that an authority was told you need the role comms; ask an admin to add it in catalog.yaml."
    )
    assert (
        await life.refused(incident, deadlines.told(life.deps, incident.id, await life.person("cara"), "bank", ""))
        == "INC-1 has no deadline bank; it has gdpr."
    )


async def test_where_nobody_is_named_the_reminder_stays_in_the_incident(db, clock):
    unnamed = WITH_OUTSIDE.regulatory[0].model_copy(update={"lead": None, "remind_before_h": ()})
    life = Life(db, clock, catalog=WITH_OUTSIDE.model_copy(update={"regulatory": (unnamed,)}))
    incident = await life.opened(big())
    await life.run_job(Work.DEADLINE, incident)
    early = await life.log(incident, LogKind.AUTHORITY_DUE)
    clock.forward(72 * 3600)

    await life.run_job(Work.DEADLINE, incident)

    [row] = await life.log(incident, LogKind.AUTHORITY_DUE)
    assert (early, row.payload["person"], told_privately(life)) == ([], "", [])
    assert any("Then: /incident regulator gdpr told" in text for text in life.chat.notices())
