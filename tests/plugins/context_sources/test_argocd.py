"""Argo CD: rollouts with the revision before."""

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.argocd import Options, create

API = "https://argocd.test/api/v1"
SOURCE = {"repoURL": "https://git.acme.test/deploy.git", "path": "apps/mailer", "targetRevision": "main"}


def options(**more):
    return Options.model_validate({"url": "https://argocd.test"} | more)


def entry(number, revision, at, **more):
    return {"id": number, "revision": revision, "deployedAt": at, "source": SOURCE} | more


def application(*history):
    status = {"history": list(history), "health": {"status": "Degraded"}, "sync": {"status": "Synced"}}
    return {"metadata": {"name": "mailer"}, "spec": {}, "status": status}


async def test_rollout_is_told_with_the_revision_before(env, question, fixture, respx_mock):
    asked = respx_mock.get(f"{API}/applications/mailer").respond(json=fixture("argocd_application"))

    (found,) = await create(env, options()).gather(question)

    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"
    assert found.data == {
        "service": "mailer",
        "at": 1795251660.0,
        "version": "ccccccc",
        "previous": "bbbbbbb",
        "author": "rosa",
        "diff": "",
        "kind": "rollout",
        "ref": "c" * 40,
        "repo": "https://git.acme.test/deploy.git",
    }
    assert found.summary == (
        "Rollout of mailer ccccccc at 09:01:00 UTC on 21 November, by rosa: apps/mailer of "
        "https://git.acme.test/deploy.git; the application is Degraded, Synced now."
    )
    assert found.link == "https://argocd.test/applications/mailer"


async def test_several_sources_and_automatic_syncs_are_told(env, question, respx_mock):
    several = {
        "revision": "",
        "revisions": ["1.4.0", "c" * 40],
        "sources": [{"repoURL": "oci://charts", "chart": "mail"}],
    }
    rolled = {"id": 1, "deployedAt": "2026-11-21T09:01:00Z", "initiatedBy": {"automated": True}} | several
    nobodys = entry(2, "", "2026-11-21T09:02:00Z")
    respx_mock.get(f"{API}/applications/prod-mailer").respond(json=application(rolled, nobodys))

    newest, first = await create(env, options(application="prod-{service}")).gather(question)

    assert (first.title, first.data["author"]) == ("Rollout of mailer 1.4.0, ccccccc", "Argo CD by itself")
    assert (newest.title, newest.data["author"]) == ("Rollout of mailer unknown", "unknown")


async def test_service_without_an_application_has_no_rollouts(env, question, respx_mock):
    respx_mock.get(f"{API}/applications/post").respond(404)

    assert await create(env, options(applications={"mailer": "post"})).gather(question) == []


async def test_token_without_the_right_is_named(env, question, respx_mock):
    respx_mock.get(f"{API}/applications/mailer").respond(403, json={"error": "permission denied", "code": 7})

    with pytest.raises(VendorRefused, match=r"HTTP 403 .*: permission denied$"):
        await create(env, options()).gather(question)


async def test_check_wants_a_token_of_somebody(env, respx_mock):
    route = respx_mock.get(f"{API}/session/userinfo").respond(json={"loggedIn": True, "username": "copilot"})
    await create(env, options()).check()

    route.respond(json={})
    with pytest.raises(VendorRefused, match="the token is of nobody"):
        await create(env, options()).check()
