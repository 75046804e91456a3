"""GitHub deployments: what went live, when it was live, what it changed."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.plugins.context_sources.github_deploys import Options, create
from incident_copilot.vendors.together import PartlyAnswered

API = "https://api.github.com/repos/acme/mailer"
NEW, OLD = "c" * 39 + "3", "b" * 39 + "2"


def github(respx_mock, fixture, **changes):
    """Let GitHub answer from the fixture; `changes` replace parts of it."""
    parts = fixture("github_deploys") | changes
    respx_mock.get(f"{API}/deployments").respond(json=parts["deployments"])
    respx_mock.get(url__regex=rf"{API}/deployments/\d+/statuses").respond(json=parts["statuses"])
    respx_mock.get(url__regex=rf"{API}/compare/.*").respond(json=parts["comparison"])


def changed(fixture, number, **fields):
    deployments = fixture("github_deploys")["deployments"]
    deployments[number] |= fields
    return deployments


async def test_deployment_is_told_with_its_diff(env, question, fixture, respx_mock):
    github(respx_mock, fixture)

    (found,) = await create(env, Options()).gather(question)

    assert found.data == {
        "service": "mailer",
        "at": datetime(2026, 11, 21, 9, 2, 5, tzinfo=UTC).timestamp(),
        "version": "v2.1.0",
        "previous": "v2.0.9",
        "author": "rosa",
        "diff": "+++ b/config/smtp.yml\n-  timeout: 30\n+  timeout: 3\n+++ b/logo.png",
        "kind": "deploy",
        "ref": "v2.1.0",
        "repo": "acme/mailer",
    }
    assert (found.kind, found.source, found.title) == (EvidenceKind.CHANGE, "GitHub", "Deploy of mailer v2.1.0")
    assert found.summary == (
        "rosa deployed mailer v2.1.0 after v2.0.9 at 09:02:05 UTC on 21 November: 1 commit, 2 files changed."
    )
    assert found.link == "https://github.com/acme/mailer/compare/v2.0.9...v2.1.0"
    assert found.query == "deployments of acme/mailer to production"


async def test_deployments_are_compared_by_commit_and_read_with_the_token(env, question, fixture, respx_mock):
    github(respx_mock, fixture)

    await create(env, Options()).gather(question)

    last = respx_mock.calls.last.request
    assert last.url.path == f"/repos/acme/mailer/compare/{OLD}...{NEW}"
    assert last.headers["authorization"] == "Bearer s3cret"
    assert last.headers["x-github-api-version"] == "2022-11-28"


async def test_deployments_before_the_look_back_are_left_out(env, question, fixture, respx_mock):
    github(respx_mock, fixture)

    found = await create(env, Options(look_back_h=72)).gather(question)

    assert [(evidence.data["version"], evidence.data["previous"]) for evidence in found] == [
        ("v2.1.0", "v2.0.9"),
        ("v2.0.9", None),
    ]
    assert found[1].summary.endswith(": the version before is not known.")
    assert found[1].link == "https://github.com/acme/mailer/deployments"


async def test_number_of_deployments_is_bounded(env, question, fixture, respx_mock):
    github(respx_mock, fixture)

    assert len(await create(env, Options(look_back_h=72, deployments_per_repo=1)).gather(question)) == 1


async def test_environment_that_github_names_otherwise_takes_all_deployments(env, question, fixture, respx_mock):
    github(respx_mock, fixture)
    elsewhere = question.model_copy(update={"incident": question.incident.model_copy(update={"environment": "qa-7"})})

    found = await create(env, Options()).gather(elsewhere)

    assert [evidence.query for evidence in found] == [
        "deployments of acme/mailer to production",
        "deployments of acme/mailer to staging",
    ]


async def test_incident_without_an_environment_is_about_production(env, question, fixture, respx_mock):
    github(respx_mock, fixture)
    anywhere = question.model_copy(update={"incident": question.incident.model_copy(update={"environment": None})})

    assert len(await create(env, Options()).gather(anywhere)) == 1


async def test_version_before_is_the_last_other_commit_of_the_same_environment(env, question, fixture, respx_mock):
    newest, staging, older = fixture("github_deploys")["deployments"]
    canary = newest | {"id": 28, "created_at": "2026-11-21T08:59:00Z"}
    github(respx_mock, fixture, deployments=[newest, canary, staging, older])

    found = await create(env, Options()).gather(question)

    assert [(deploy.data["version"], deploy.data["previous"]) for deploy in found] == [("v2.1.0", "v2.0.9")] * 2


@pytest.mark.parametrize(
    ("statuses", "title"),
    [
        ([{"state": "failure", "created_at": "2026-11-21T09:03:00Z"}], "Deploy of mailer v2.1.0 (failure)"),
        ([], "Deploy of mailer v2.1.0 (no status yet)"),
    ],
)
async def test_deployment_that_did_not_succeed_says_so(env, question, fixture, respx_mock, statuses, title):
    github(respx_mock, fixture, statuses=statuses)

    (found,) = await create(env, Options()).gather(question)

    assert (found.title, found.data["at"]) == (title, datetime(2026, 11, 21, 9, 1, 30, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"payload": {"version": 7}}, "7"),
        ({"payload": '{"tag": "r-12"}'}, "r-12"),
        ({"payload": "not json"}, "v2.1.0"),
        ({"ref": "main"}, "ccccccc"),
        ({"ref": NEW}, "ccccccc"),
        ({"ref": "refs/tags/v3"}, "v3"),
    ],
)
async def test_version_is_the_most_telling_name(env, question, fixture, respx_mock, fields, version):
    github(respx_mock, fixture, deployments=changed(fixture, 0, **fields))

    (found,) = await create(env, Options()).gather(question)

    assert found.data["version"] == version


async def test_deployment_without_a_creator_is_by_nobody_known(env, question, fixture, respx_mock):
    github(respx_mock, fixture, deployments=changed(fixture, 0, creator=None))

    (found,) = await create(env, Options()).gather(question)

    assert found.data["author"] == "unknown"


async def test_going_back_is_told_as_such(env, question, fixture, respx_mock):
    back = {"status": "behind", "behind_by": 3, "total_commits": 0, "files": []}
    github(respx_mock, fixture, comparison=back)

    (found,) = await create(env, Options()).gather(question)

    assert found.summary.endswith(": goes back by 3 commits.")
    assert found.data["diff"] == ""


async def test_large_diff_is_cut_and_no_file_crowds_out_the_rest(env, question, fixture, respx_mock):
    files = [{"filename": f"f{number}.lock", "patch": "+x" * 40_000} for number in range(5)]
    github(respx_mock, fixture, comparison={"status": "ahead", "total_commits": 2, "files": files})

    (found,) = await create(env, Options()).gather(question)

    assert (len(found.data["diff"]), found.data["diff"].count("+++ b/")) == (64 * 1024, 4)
    assert found.summary.endswith("2 commits, 5 files changed; only the first 64 KB of the diff are kept.")


async def test_deployment_is_worth_knowing_without_its_diff(env, question, fixture, respx_mock):
    github(respx_mock, fixture)
    respx_mock.get(url__regex=rf"{API}/compare/.*").respond(404, json={"message": "Not Found"})

    (found,) = await create(env, Options()).gather(question)

    assert (found.data["version"], found.data["diff"]) == ("v2.1.0", "")
    assert "its diff could not be read (GitHub: HTTP 404" in found.summary


async def test_unreadable_repository_does_not_lose_the_others(env, question, fixture, respx_mock):
    github(respx_mock, fixture)
    respx_mock.get("https://api.github.com/repos/acme/secret/deployments").respond(404)
    both = question.model_copy(update={"repos": {"vault": "acme/secret", "mailer": "acme/mailer"}})

    with pytest.raises(PartlyAnswered, match="acme/secret") as caught:
        await create(env, Options()).gather(both)

    assert [evidence.data["version"] for evidence in caught.value.found] == ["v2.1.0"]


@pytest.mark.parametrize("repo", ["mailer", "acme/..", "acme/mailer/../../x", "acme/mailer?x", "/mailer"])
async def test_repository_that_is_none_is_not_asked_for(env, question, repo):
    with pytest.raises(VendorRefused, match=r"correct the service's repo in catalog\.yaml"):
        await create(env, Options()).gather(question.model_copy(update={"repos": {"mailer": repo}}))


async def test_github_that_is_away_is_named(env, question, respx_mock):
    respx_mock.get(f"{API}/deployments").mock(return_value=httpx.Response(502))

    with pytest.raises(VendorUnavailable, match=r"^GitHub: HTTP 502 for GET "):
        await create(env, Options()).gather(question)


async def test_enterprise_server_is_asked_at_its_own_address(env, question, fixture, respx_mock):
    api = "https://git.acme.test/api/v3/repos/acme/mailer"
    parts = fixture("github_deploys")
    respx_mock.get(f"{api}/deployments").respond(json=parts["deployments"][2:])
    respx_mock.get(f"{api}/deployments/20/statuses").respond(json=parts["statuses"])
    source = create(
        replace(env, instance="ghes", secret=None), Options(url="https://git.acme.test/api/v3", look_back_h=72)
    )

    (found,) = await source.gather(question)

    assert (found.source, found.link) == ("GitHub ghes", "https://git.acme.test/acme/mailer/deployments")
    assert "authorization" not in respx_mock.calls.last.request.headers


async def test_check_asks_for_what_costs_nothing(env, respx_mock):
    asked = respx_mock.get("https://api.github.com/rate_limit").respond(json={"resources": {"core": {"limit": 5000}}})

    await create(env, Options()).check()

    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"


async def test_repositories_of_others_are_not_asked_for(env, question):
    assert await create(env, Options(owners=["mail"])).gather(question) == []
