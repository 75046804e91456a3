"""GitHub: what was merged, released and run."""

from dataclasses import replace

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.github_changes import Options, create

API = "https://api.github.com/repos/acme/mailer"
SHA = "c" * 40


def release(tag, published, **more):
    page = f"https://github.com/acme/mailer/releases/tag/{tag}"
    return {
        "tag_name": tag,
        "published_at": published,
        "draft": False,
        "author": {"login": "emil"},
        "html_url": page,
    } | more


def run(**more):
    return {
        "id": 1,
        "name": "Deploy",
        "display_title": "Raise the timeout",
        "head_branch": "main",
        "head_sha": SHA,
        "event": "push",
        "status": "completed",
        "conclusion": "failure",
        "updated_at": "2026-11-21T09:01:00Z",
        "actor": {"login": "rosa"},
        "html_url": "https://github.com/acme/mailer/actions/runs/1",
    } | more


def reading(what):
    return Options.model_validate({"read": [what]})


async def test_merge_is_told_with_the_lines_that_it_changed(env, question, fixture, respx_mock):
    asked = respx_mock.get(f"{API}/pulls").respond(json=fixture("github_changes_pulls"))
    respx_mock.get(f"{API}/pulls/71/files").respond(json=fixture("github_changes_files"))

    (found,) = await create(env, reading("merges")).gather(question)

    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"
    assert found.summary == (
        "Merge of #71 into main of mailer: Raise the timeout at 08:55:00 UTC on 21 November, by rosa: 2 files changed."
    )
    assert found.data == {
        "service": "mailer",
        "at": 1795251300.0,
        "version": "ccccccc",
        "previous": None,
        "author": "rosa",
        "diff": "+++ b/smtp.yml\n-timeout: 3\n+timeout: 30\n+++ b/a.png",
        "kind": "merge",
        "ref": SHA,
        "repo": "acme/mailer",
    }


async def test_release_is_told_with_the_one_before(env, question, respx_mock):
    listed = [
        release("v1", "2026-11-01T09:00:00Z"),
        release("v2", "2026-11-21T09:00:00Z", body="Faster\n\nmail", author=None),
        release("v3", None, draft=True),
    ]
    respx_mock.get(f"{API}/releases").respond(json=listed)

    (found,) = await create(env, reading("releases")).gather(question)

    assert (found.title, found.data["previous"], found.data["author"]) == ("Release of mailer v2", "v1", "unknown")
    assert found.summary == "Release of mailer v2 at 09:00:00 UTC on 21 November: Faster mail."


async def test_runs_that_ended_on_the_default_branch_are_told(env, question, respx_mock):
    runs = [
        run(),
        run(
            conclusion="success", head_branch="trunk-2", repository={"default_branch": "trunk-2"}, name=None, actor=None
        ),
        run(head_branch="v2", event="release", conclusion=None),
        run(head_branch="feature"),
        run(event="pull_request"),
        run(status="in_progress"),
    ]
    asked = respx_mock.get(f"{API}/actions/runs").respond(json={"total_count": 6, "workflow_runs": runs})

    found = await create(env, reading("runs")).gather(question)

    assert asked.calls.last.request.url.params["created"] == ">=2026-11-20T08:10:00Z"
    assert [item.title for item in found] == [
        "Run of Deploy of mailer: failed (failure)",
        "Run of a workflow of mailer: success",
        "Run of Deploy of mailer: ended",
    ]


async def test_all_three_are_read_by_default(env, question, respx_mock):
    respx_mock.get(f"{API}/pulls").respond(json=[])
    respx_mock.get(f"{API}/releases").respond(json=[])
    respx_mock.get(f"{API}/actions/runs").respond(json={"workflow_runs": []})

    assert await create(env, Options()).gather(question) == []


async def test_repository_that_is_none_is_not_asked_for(env, question):
    with pytest.raises(VendorRefused, match=r"GitHub changes eu: 'acme/\.\.' is not owner/name"):
        await create(replace(env, instance="eu"), Options()).gather(
            question.model_copy(update={"repos": {"mailer": "acme/.."}})
        )


async def test_check_asks_for_what_costs_nothing(env, respx_mock):
    asked = respx_mock.get("https://api.github.com/rate_limit").respond(json={"resources": {}})

    await create(replace(env, secret=None), Options()).check()

    assert "authorization" not in asked.calls.last.request.headers


async def test_repositories_of_others_are_not_asked_for(env, question):
    assert await create(env, Options(owners=["mail"])).gather(question) == []
