"""Sentry: errors that are new or came back."""

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorUnavailable
from incident_copilot.plugins.context_sources.sentry import Options, create

ISSUES = "https://sentry.io/api/0/organizations/acme/issues/"


def options(**more):
    return Options.model_validate({"organization": "acme"} | more)


def issue(title, first_seen="2026-11-01T08:00:00Z", count="5", **more):
    return {
        "id": "1",
        "shortId": "MAILER-1",
        "title": title,
        "culprit": "mailer.smtp in send",
        "permalink": "https://acme.sentry.io/issues/1/",
        "level": "error",
        "status": "unresolved",
        "substatus": "ongoing",
        "count": count,
        "userCount": 3,
        "firstSeen": first_seen,
        "lastSeen": "2026-11-21T09:08:00.123456Z",
        "project": {"slug": "mailer"},
    } | more


async def test_new_errors_come_first_then_those_that_came_back(env, question, fixture, respx_mock):
    asked = respx_mock.get(ISSUES).respond(json=fixture("sentry_issues"))

    found = await create(env, options(projects={"mailer": 'mail"er'})).gather(question)

    request = asked.calls.last.request
    assert dict(request.url.params) == {
        "query": 'is:unresolved project:"mailer"',
        "environment": "production",
        "start": "2026-11-21T08:10:00",
        "end": "2026-11-21T09:10:00",
        "sort": "freq",
        "limit": "25",
    }
    assert request.headers["authorization"] == "Bearer s3cret"
    assert [(item.title, item.data["state"]) for item in found] == [
        ("Timeout", "new"),
        ("Rare", "new"),
        ("Back", "regressed"),
        ("Old", "ongoing"),
    ]
    assert (found[0].kind, found[0].link) == (EvidenceKind.ERROR, "https://acme.sentry.io/issues/1/")
    assert found[0].summary == (
        "New: Timeout in mailer.smtp in send, 40 times, 3 users, first seen 09:01 UTC on 21 November, "
        "last 09:08 UTC on 21 November."
    )
    assert found[0].data == {
        "service": "mailer",
        "state": "new",
        "count": 40,
        "users": 3,
        "first_seen": 1795251660.0,
        "last_seen": 1795252080.123456,
        "level": "error",
        "where": "mailer.smtp in send",
        "id": "MAILER-1",
    }


async def test_number_of_errors_is_bounded(env, question, respx_mock):
    respx_mock.get(ISSUES).respond(json=[issue(f"error {number}") for number in range(9)])

    assert len(await create(env, options(each=2)).gather(question)) == 2


async def test_sentry_that_is_away_is_named(env, respx_mock):
    respx_mock.get(ISSUES).respond(503)

    with pytest.raises(VendorUnavailable, match=r"^Sentry: HTTP 503 for GET https://sentry.io/api/0/"):
        await create(env, options()).check()
