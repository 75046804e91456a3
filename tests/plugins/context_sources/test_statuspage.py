"""Status pages: what a provider says about itself becomes evidence, and a page that is away is named."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorUnavailable
from incident_copilot.plugins.context_sources.statuspage import Options, create
from incident_copilot.vendors.together import PartlyAnswered

PAGE = "https://status.mailrelay.test"
URL = f"{PAGE}/api/v2/summary.json"
BEGAN = datetime(2026, 11, 21, 9, 1, tzinfo=UTC)


def options(**page):
    return Options.model_validate({"pages": [{"name": "mailrelay", "url": PAGE} | page]})


@pytest.fixture
def asked(question):
    """Ask about mailer and what it depends on."""
    return question.model_copy(update={"services": ("mailer", "MailRelay")})


async def state_of(env, asked, respx_mock, body, **page):
    respx_mock.get(URL).respond(json=body)
    (found,) = await create(env, options(**page)).gather(asked)
    return found.data["state"], found.data["since"]


async def test_outage_that_the_page_reports_is_told_with_its_beginning(env, asked, fixture, respx_mock):
    respx_mock.get(URL).respond(json=fixture("statuspage_summary"))

    (found,) = await create(env, options()).gather(asked)

    assert (found.kind, found.source, found.title) == (
        EvidenceKind.STATUS_PAGE,
        "Status pages",
        "Status page of mailrelay",
    )
    assert found.summary == ("mailrelay reports outage: SMTP connections are refused, since 09:01 UTC on 21 November.")
    assert found.data == {
        "provider": "mailrelay",
        "state": "outage",
        "since": BEGAN.timestamp(),
        "detail": "SMTP connections are refused",
    }
    assert (found.link, found.query) == (PAGE, URL)


async def test_page_without_incidents_is_operational(env, asked, fixture, respx_mock):
    calm = {"status": {"indicator": "none", "description": "All Systems Operational"}}
    respx_mock.get(URL).respond(json=calm)

    (found,) = await create(env, options()).gather(asked)

    assert found.summary == "mailrelay reports operational."
    assert (found.data["state"], found.data["since"]) == ("operational", None)


@pytest.mark.parametrize(
    ("indicator", "state"),
    [("minor", "degraded"), ("maintenance", "degraded"), ("critical", "outage"), ("purple", "unknown")],
)
async def test_indicator_of_the_page_is_its_state(env, asked, respx_mock, indicator, state):
    assert await state_of(env, asked, respx_mock, {"status": {"indicator": indicator}}) == (state, None)


@pytest.mark.parametrize(
    ("components", "state", "since"),
    [
        (["SMTP", "Dashboard"], "outage", BEGAN.timestamp()),
        (["Dashboard"], "operational", None),
        (["Fax"], "unknown", None),
    ],
)
async def test_only_the_chosen_components_count(env, asked, fixture, respx_mock, components, state, since):
    found = await state_of(env, asked, respx_mock, fixture("statuspage_summary"), components=components)

    assert found == (state, since)


async def test_incident_that_names_no_component_may_be_about_any(env, asked, fixture, respx_mock):
    body = fixture("statuspage_summary")
    body["incidents"][0] |= {"components": [], "started_at": None}

    found = await state_of(env, asked, respx_mock, body, components=["Dashboard"])

    assert found == ("operational", datetime(2026, 11, 21, 9, 2, 30, tzinfo=UTC).timestamp())


async def test_provider_that_nothing_here_depends_on_is_not_asked(env, question):
    assert await create(env, options()).gather(question) == []


async def test_page_that_is_always_asked_needs_no_dependency(env, question, fixture, respx_mock):
    respx_mock.get(URL).respond(json=fixture("statuspage_summary"))

    (found,) = await create(env, options(always=True)).gather(question)

    assert found.data["state"] == "outage"


async def test_page_that_is_away_is_named(env, asked, respx_mock):
    respx_mock.get(URL).respond(503)

    with pytest.raises(VendorUnavailable, match=rf"^Status page of mailrelay: HTTP 503 for GET {URL}$"):
        await create(env, options()).gather(asked)


async def test_page_that_is_away_does_not_hide_the_others(env, asked, fixture, respx_mock):
    respx_mock.get(URL).respond(json=fixture("statuspage_summary"))
    respx_mock.get("https://other.test/api/v2/summary.json").respond(404)
    pages = [{"name": "mailrelay", "url": PAGE}, {"name": "other", "url": "https://other.test", "always": True}]

    with pytest.raises(PartlyAnswered) as raised:
        await create(env, Options.model_validate({"pages": pages})).gather(asked)

    assert [found.data["provider"] for found in raised.value.found] == ["mailrelay"]


async def test_second_instance_has_its_own_name(env):
    named = env.__class__(http=env.http, now=env.now, instance="vendors")

    assert create(named, options()).name == "Status pages vendors"


async def test_check_reads_the_pages(env, fixture, respx_mock):
    asked = respx_mock.get(URL).respond(json=fixture("statuspage_summary"))

    await create(env, options()).check()

    assert asked.call_count == 1


def test_address_of_a_known_provider_need_not_be_written_down():
    (page,) = Options.model_validate({"pages": [{"name": "OpenAI"}]}).pages

    assert (page.name, page.url) == ("OpenAI", "https://status.openai.com")


@pytest.mark.parametrize("page", [{"name": "psp"}, "psp"])
def test_page_of_another_provider_needs_its_address(page):
    with pytest.raises(ValidationError):
        Options.model_validate({"pages": [page]})
