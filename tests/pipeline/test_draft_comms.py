"""Drafts of status updates say only what is known, and to customers only where users are affected."""

from dataclasses import replace

import pytest

from incident_copilot.domain.catalog import Catalog, CatalogPerson, Service
from incident_copilot.domain.incident import Severity, Status
from incident_copilot.domain.proposal import Audience, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import draft_comms
from incident_copilot.pipeline.investigate import Investigation
from incident_copilot.store import alerts, evidence, incidents, proposals

from .samples import ANA, BEN, NOON, VIC, alert, brief, incident


def found(**fields):
    return Investigation(brief=brief(**fields), started_at=NOON)


def texts(deps, *, about=None, members=None, **fields):
    drafts = draft_comms.first_drafts(deps, about or incident(), members or [alert()], found(**fields))
    return {draft.audience: draft.shown["text"] for draft in drafts}


def with_services(deps, *services, people=()):
    catalog = Catalog(services=tuple(Service.model_validate(service) for service in services), people=people)
    return replace(deps, catalog=catalog)


def test_colleagues_read_what_since_when_the_likely_cause_and_who_leads(deps):
    led = with_services(deps, people=(CatalogPerson(slack="U0BEN", name="Ben"),))

    text = texts(led, about=incident(commander="U0BEN"))[Audience.INTERNAL]

    assert text == (
        "INC-1 (P1 high): checkout is failing 20% of requests (threshold 5%).\n"
        "Since 12:00 UTC. Status: being handled.\n"
        "Likely cause: payments v2.31.0 (pool_size 20 -> 4).\n"
        "Led by Ben.\n"
        "Next update by 13:00 UTC."
    )


def test_what_is_not_known_is_not_said(deps):
    about = incident(title="Checkout is slow", commander="U0NOBODY", severity=Severity.P2)

    drafts = draft_comms.first_drafts(deps, about, [], found(hypotheses=()))

    assert [(draft.audience, draft.shown["text"]) for draft in drafts] == [
        (
            Audience.INTERNAL,
            "INC-1 (P2 medium): Checkout is slow\nSince 12:00 UTC. Status: being handled.\nNext update by 14:00 UTC.",
        )
    ]


def test_customers_read_what_they_notice_and_nothing_of_the_cause(deps):
    assert texts(deps)[Audience.CUSTOMERS] == (
        "Since 12:00 UTC requests to our service have been failing. About 20% of them fail.\n"
        "Our engineers are working on it.\n"
        "Next update by 13:00 UTC."
    )


@pytest.mark.parametrize("about", [{"private": True}, {"incident_type": "security"}])
def test_of_what_is_sensitive_only_a_holding_statement_is_drafted(deps, about):
    assert texts(deps, about=incident(**about)) == {
        Audience.INTERNAL: "INC-1 (P1) is being handled by those who need to know of it.\nNext update by 13:00 UTC.",
        Audience.CUSTOMERS: "We are looking into a problem with our service.\nNext update by 13:00 UTC.",
    }


def test_the_end_of_what_is_sensitive_is_said_without_details(deps):
    over = incident(private=True, status=Status.RESOLVED)

    draft = draft_comms.last_draft(deps, over, [alert()], brief())

    assert draft.shown["text"] == "The problem we were looking into is over."


@pytest.mark.parametrize(
    ("service", "description", "is_drafted"),
    [
        ({"name": "checkout", "user_facing": True}, "failing 20% of requests", True),
        ({"name": "checkout"}, "failing 20% of requests", True),
        ({"name": "checkout", "user_facing": False}, "failing 20% of requests", False),
        ({"name": "checkout", "user_facing": True}, "CPU is high", False),
    ],
)
def test_customers_are_told_only_where_the_evidence_shows_that_users_are_affected(
    deps, service, description, is_drafted
):
    drafted = texts(with_services(deps, service), members=[alert(description=description, summary="")])

    assert (Audience.CUSTOMERS in drafted) is is_drafted


@pytest.fixture
async def open_in(deps, open_incident):
    """Opens an incident with its alert, and a brief unless told otherwise."""

    async def opened(*, briefed=True, **fields):
        found_open = await open_incident(deps.db, service="checkout", **fields)
        async with deps.db.transaction() as tx:
            await alerts.record(tx, "w", alert(), NOON)
            await alerts.place(tx, "w", [alert().fingerprint], incident_id=found_open.id)
            if briefed:
                await evidence.add_brief(tx, brief(incident_id=found_open.id))
        return found_open

    return opened


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (
            Status.MITIGATED,
            (
                "From 12:00 UTC some requests to our service failed.\nA fix is in place and we are watching it.\n"
                "Next update by 13:00 UTC."
            ),
        ),
        (
            Status.RESOLVED,
            (
                "From 12:00 UTC some requests to our service failed.\n"
                "Our service works again. We are sorry for the trouble."
            ),
        ),
    ],
)
async def test_later_update_says_that_it_is_mended(deps, open_in, status, text):
    opened = await open_in(status=status)

    outcome = await draft_comms.draft(deps, opened.id, BEN, Audience.CUSTOMERS)

    assert outcome.proposal.shown["text"] == text


def test_last_update_tells_customers_of_the_end_once_an_end(deps):
    ended = incident(status=Status.RESOLVED)

    draft = draft_comms.last_draft(deps, ended, [alert()], brief())

    assert draft.key == f"update:customers:ended:{NOON.isoformat()}"
    assert draft.shown["text"].endswith("Our service works again. We are sorry for the trouble.")


async def test_draft_that_somebody_asks_for_is_put_to_people_at_once(deps, open_in):
    opened = await open_in()

    outcome = await draft_comms.draft(deps, opened.id, ANA, Audience.INTERNAL)

    assert outcome.text == "The draft is in the channel."
    async with deps.db.read() as db:
        (kept,) = await proposals.of_incident(db, opened.id)
    assert (kept.state, kept.rank, kept.key) == (ProposalState.OPEN, 0, f"update:internal:{NOON.isoformat()}")


async def test_draft_needs_the_first_brief(deps, open_in):
    opened = await open_in(briefed=False)

    with pytest.raises(DecisionRefused, match=r"^The first brief is not there yet; ask again in a few seconds.$"):
        await draft_comms.draft(deps, opened.id, ANA, Audience.INTERNAL)


async def test_viewer_may_not_ask_for_a_draft(deps, open_in):
    opened = await open_in()

    with pytest.raises(DecisionRefused, match="To ask for updates you need the role responder"):
        await draft_comms.draft(deps, opened.id, VIC, Audience.INTERNAL)
    async with deps.db.read() as db:
        assert (await incidents.get(db, opened.id)).is_running
        assert await proposals.of_incident(db, opened.id) == []
