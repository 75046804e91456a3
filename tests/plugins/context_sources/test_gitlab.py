"""GitLab: what was deployed, merged and released."""

from dataclasses import replace

import pytest

from incident_copilot.errors import ConfigError, VendorUnavailable
from incident_copilot.plugins.context_sources.gitlab import Options, create

API = "https://gitlab.com/api/v4/projects/acme%2Fmailer"
NEW, OLD = "c" * 40, "b" * 40
DIFF = "@@ -1 +1 @@\n-timeout: 3\n+timeout: 30\n"


def reading(*what, **more):
    return Options.model_validate({"read": what} | more)


def deployment(number, sha, created, ref="main", **more):
    told = {"id": number, "iid": number, "ref": ref, "sha": sha, "created_at": created, "status": "success"}
    return told | {"user": {"username": "rosa"}, "environment": {"name": "production"}} | more


async def test_deployment_is_told_with_its_diff(env, question, fixture, respx_mock):
    asked = respx_mock.get(f"{API}/deployments").respond(json=fixture("gitlab_deployments"))
    compared = respx_mock.get(f"{API}/repository/compare").respond(
        json={
            "commits": [{"id": NEW}],
            "diffs": [{"old_path": "a", "new_path": "smtp.yml", "diff": DIFF}],
            "web_url": None,
        }
    )

    found = await create(env, reading("deployments")).gather(question)

    assert dict(asked.calls.last.request.url.params) == {
        "environment": "production",
        "status": "success",
        "order_by": "created_at",
        "sort": "desc",
        "per_page": "30",
    }
    assert asked.calls.last.request.headers["private-token"] == "s3cret"
    assert dict(compared.calls.last.request.url.params) == {"from": OLD, "to": NEW}
    assert [(item.title, item.data["previous"], item.data["author"]) for item in found] == [
        ("Deploy of mailer cccccccc", "v1", "rosa"),
        ("Deploy of mailer v2", "v1", "unknown"),
    ]
    assert found[0].summary == (
        "Deploy of mailer cccccccc at 09:02:05 UTC on 21 November, by rosa: 1 commits, 1 files changed."
    )
    assert found[0].data["diff"] == "+++ b/smtp.yml\n-timeout: 3\n+timeout: 30"
    assert found[0].link == "https://gitlab.com/acme/mailer/-/environments"


async def test_deployment_is_worth_knowing_without_its_diff(env, question, respx_mock):
    listed = [deployment(2, NEW, "2026-11-21T09:00:00Z"), deployment(1, OLD, "2026-11-21T08:00:00Z", ref="v1")]
    respx_mock.get(f"{API}/deployments").respond(json=listed)
    respx_mock.get(f"{API}/repository/compare").respond(404)
    anywhere = question.model_copy(update={"incident": question.incident.model_copy(update={"environment": None})})

    newest, first = await create(env, reading("deployments")).gather(anywhere)

    assert "its diff could not be read (GitLab: HTTP 404" in newest.summary
    assert first.summary.endswith(": the version before is not known.")


async def test_merge_is_told_with_the_lines_that_it_changed(env, question, respx_mock):
    merge = {
        "iid": 71,
        "title": "Raise the timeout",
        "merged_at": "2026-11-21T08:55:00Z",
        "author": {"username": "rosa"},
        "target_branch": "main",
        "merge_commit_sha": None,
        "sha": NEW,
        "web_url": "https://gitlab.com/acme/mailer/-/merge_requests/71",
    }
    nobodys = merge | {"iid": 72, "author": None, "merged_at": "2026-11-21T08:50:00Z"}
    respx_mock.get(f"{API}/merge_requests").respond(json=[merge, nobodys, merge | {"merged_at": None}])
    respx_mock.get(url__regex=rf"{API}/merge_requests/7\d/diffs").respond(json=[{"new_path": "smtp.yml", "diff": DIFF}])

    found, other = await create(env, reading("merges")).gather(question)

    assert (found.title, found.data["version"], found.data["kind"]) == (
        "Merge of !71 into main of mailer: Raise the timeout",
        "cccccccc",
        "merge",
    )
    assert (found.data["diff"], other.data["author"]) == ("+++ b/smtp.yml\n-timeout: 3\n+timeout: 30", "unknown")


async def test_release_of_a_project_named_in_the_options_is_told(env, question, respx_mock):
    releases = [
        {
            "tag_name": "v2",
            "released_at": "2026-11-21T09:00:00Z",
            "author": {"username": "emil"},
            "description": "Faster",
        },
        {"tag_name": "v1", "released_at": "2026-11-01T09:00:00Z"},
    ]
    respx_mock.get("https://gitlab.com/api/v4/projects/mail%2Fteam%2Fmailer/releases").respond(json=releases)

    (found,) = await create(env, reading("releases", projects={"mailer": "mail/team/mailer"})).gather(question)

    assert (found.data["version"], found.data["previous"], found.data["author"]) == ("v2", "v1", "emil")


async def test_gitlab_that_is_away_is_named(env, question, respx_mock):
    respx_mock.get(url__startswith=API).respond(503)

    with pytest.raises(VendorUnavailable, match=r"^GitLab: HTTP 503 for GET "):
        await create(env, Options()).gather(question)


async def test_check_reads_whose_the_token_is(env, respx_mock):
    asked = respx_mock.get("https://gitlab.com/api/v4/user").respond(json={"username": "copilot"})

    await create(env, Options()).check()

    assert asked.call_count == 1


def test_without_a_token_it_does_not_start(env):
    with pytest.raises(ConfigError, match="gitlab: set secret_env"):
        create(replace(env, secret=None), Options())


async def test_repositories_of_others_are_not_asked_for(env, question):
    assert await create(env, Options(owners=["mail"])).gather(question) == []
