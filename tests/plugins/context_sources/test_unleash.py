"""Unleash: changes of flags in the incident's environment."""

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.unleash import Options, create

EVENTS = "https://unleash.test/api/admin/search/events"


def options(**more):
    return Options.model_validate({"url": "https://unleash.test"} | more)


def event(kind="feature-environment-enabled", flag="mailer-fast-path", **more):
    return {
        "id": 842,
        "type": kind,
        "createdBy": "rosa@acme.test",
        "createdAt": "2026-11-21T09:01:00.521Z",
        "data": None,
        "preData": None,
        "tags": [],
        "featureName": flag,
        "project": "default",
        "environment": "production",
    } | more


async def gathered(env, question, respx_mock, *events, **more):
    respx_mock.get(EVENTS).respond(json={"events": list(events), "total": len(events)})
    return await create(env, options(**more)).gather(question)


async def test_flag_that_was_switched_is_a_change_of_the_service_in_its_name(env, question, fixture, respx_mock):
    (found,) = await gathered(env, question, respx_mock, *fixture("unleash_events")["events"])

    assert respx_mock.calls.last.request.headers["authorization"] == "s3cret"
    assert found.data == {
        "service": "mailer",
        "at": 1795251660.521,
        "version": "enabled",
        "previous": None,
        "author": "rosa@acme.test",
        "diff": "+++ b/flags/mailer-fast-path\n-mailer-fast-path: off\n+mailer-fast-path: on",
        "kind": "flag",
        "ref": "mailer-fast-path",
        "repo": "default",
    }
    assert found.summary == (
        "Flag mailer-fast-path enabled in production at 09:01:00 UTC on 21 November, by rosa@acme.test."
    )
    assert found.link == "https://unleash.test/projects/default/features/mailer-fast-path"


async def test_strategy_is_told_before_and_after(env, question, respx_mock):
    rollout = {"preData": {"rollout": "10"}, "data": {"rollout": "100"}, "environment": None}

    (found,) = await gathered(env, question, respx_mock, event("feature-strategy-update", **rollout))

    assert found.title == "Flag mailer-fast-path strategy update"
    assert found.data["diff"].splitlines()[1:] == [
        "-mailer-fast-path: {'rollout': '10'}",
        "+mailer-fast-path: {'rollout': '100'}",
    ]


async def test_what_changes_nothing_for_users_here_is_left_out(env, question, respx_mock):
    found = await gathered(
        env,
        question,
        respx_mock,
        event(environment="staging"),
        event("feature-stale-on"),
        event("user-created", flag=None),
        event(createdAt="2026-11-01T09:01:00Z"),
    )

    assert found == []


@pytest.mark.parametrize(
    ("flag", "fields", "service"),
    [
        ("new-pool", {}, "default"),
        ("new-pool", {"project": "search-team"}, "search"),
        ("new-pool", {"project": None}, "feature flags"),
        ("named", {}, "payments"),
    ],
)
async def test_service_of_a_flag_is_the_best_that_is_known(env, question, respx_mock, flag, fields, service):
    named = {"search-team": "search", "named": "payments"}

    (found,) = await gathered(env, question, respx_mock, event(flag=flag, **fields), services_of=named)

    assert found.data["service"] == service


async def test_wrong_token_is_named(env, respx_mock):
    respx_mock.get(EVENTS).respond(401, json={"message": "You must log in to use Unleash."})

    with pytest.raises(VendorRefused, match=r"HTTP 401 .*: You must log in"):
        await create(env, options()).check()
