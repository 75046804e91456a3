"""GitHub's REST API as the world answers it."""

import pytest

REPOS = "/github/repos/acme"
ROLLBACK = {"service": "payments", "version": "v2.30.4"}


async def deployments(running, repo, **params):
    answer = await running.get(f"{REPOS}/{repo}/deployments", **params)
    assert answer.status_code == 200
    return answer.json()


async def test_deployments_are_listed_newest_first(bad_deploy):
    listed = await deployments(bad_deploy, "payments", environment="production")

    assert [(deployment["ref"], deployment["created_at"]) for deployment in listed] == [
        ("v2.31.0", "2026-11-21T08:56:30Z"),
        ("v2.30.4", "2026-11-20T07:00:00Z"),
        ("v2.30.3", "2026-11-17T09:00:00Z"),
    ]
    assert listed[0]["creator"]["login"] == "tomas"
    assert listed[0]["url"] == f"http://127.0.0.1:8500/world{REPOS}/payments/deployments/{listed[0]['id']}"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"per_page": 1}, ["v2.31.0"]),
        ({"per_page": 2, "page": 2}, ["v2.30.3"]),
        ({"per_page": "x"}, ["v2.31.0", "v2.30.4", "v2.30.3"]),
        ({"ref": "v2.30.4"}, ["v2.30.4"]),
        ({"sha": "0000"}, []),
        ({"environment": "staging"}, []),
    ],
)
async def test_deployments_are_filtered_and_paged(bad_deploy, params, expected):
    assert [deployment["ref"] for deployment in await deployments(bad_deploy, "payments", **params)] == expected


async def test_deployment_succeeded(bad_deploy):
    _, second, _ = await deployments(bad_deploy, "payments")

    statuses = await bad_deploy.client.get(second["statuses_url"])

    assert [(status["state"], status["created_at"]) for status in statuses.json()] == [
        ("success", "2026-11-20T07:00:00Z")
    ]


async def test_diff_of_the_bad_deploy_shows_the_pool_size(bad_deploy):
    answer = await bad_deploy.get(f"{REPOS}/payments/compare/v2.30.4...v2.31.0")
    compared = answer.json()
    [database, settings] = compared["files"]

    assert (compared["status"], compared["ahead_by"], compared["total_commits"]) == ("ahead", 1, 1)
    assert [commit["commit"]["message"] for commit in compared["commits"]] == [
        "Use the shared database template (#412)"
    ]
    assert (database["filename"], database["additions"], database["deletions"]) == ("config/database.yml", 1, 1)
    assert "-  pool_size: 20\n+  pool_size: 4\n" in database["patch"]
    assert settings["filename"] == "app/settings.py"


@pytest.mark.parametrize(
    ("range_", "status", "files"),
    [("v2.31.0...v2.30.4", "behind", 0), ("v2.31.0...v2.31.0", "identical", 0), ("v2.30.3...v2.31.0", "ahead", 3)],
)
async def test_comparison_tells_the_direction(bad_deploy, range_, status, files):
    compared = (await bad_deploy.get(f"{REPOS}/payments/compare/{range_}")).json()

    assert (compared["status"], len(compared["files"])) == (status, files)


async def test_commit_is_found_by_sha_and_by_its_beginning(bad_deploy):
    [newest] = await deployments(bad_deploy, "checkout", per_page=1)
    whole = await bad_deploy.get(f"{REPOS}/checkout/commits/{newest['sha']}")
    short = await bad_deploy.get(f"{REPOS}/checkout/commits/{newest['sha'][:7]}")

    assert whole.json() == short.json()
    assert whole.json()["commit"]["message"] == "Rename the pay button (#977)"
    assert whole.json()["stats"] == {"additions": 1, "deletions": 1, "total": 2}


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/deployments",
        "/payments/deployments/7/statuses",
        "/payments/compare/v2.30.4...v9",
        "/payments/commits/abc",
        "/payments/actions/workflows/nothing.yml",
        "/payments/actions/runs/7",
    ],
)
async def test_what_does_not_exist_is_not_found(bad_deploy, path):
    answer = await bad_deploy.get(f"{REPOS}{path}")

    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Not Found",
        "documentation_url": "https://docs.github.com/rest",
        "status": "404",
    }


async def test_repository_workflow_and_limits_are_told(bad_deploy):
    repository = await bad_deploy.get(f"{REPOS}/payments")
    workflow = await bad_deploy.get(f"{REPOS}/payments/actions/workflows/rollback.yml")
    limits = await bad_deploy.get("/github/rate_limit")

    assert repository.json()["full_name"] == "acme/payments"
    assert (workflow.json()["name"], workflow.json()["path"]) == ("rollback", ".github/workflows/rollback.yml")
    assert limits.json()["resources"]["core"]["limit"] == 5000
    assert repository.headers["x-ratelimit-remaining"] == "4999"


async def test_right_rollback_runs_and_heals(bad_deploy):
    answer = await bad_deploy.dispatch("acme/payments", "rollback.yml", **ROLLBACK, reason="INC-42")
    runs_path = f"{REPOS}/payments/actions/workflows/rollback.yml/runs"
    [run] = (await bad_deploy.get(runs_path)).json()["workflow_runs"]

    assert (answer.status_code, answer.content) == (204, b"")
    assert (run["status"], run["conclusion"], run["event"]) == ("in_progress", None, "workflow_dispatch")
    assert run["display_title"] == "rollback.yml: service=payments, version=v2.30.4, reason=INC-42"
    assert not bad_deploy.world.healed

    bad_deploy.elapsed_s += 4
    finished = (await bad_deploy.client.get(run["url"])).json()

    assert (finished["status"], finished["conclusion"]) == ("completed", "success")
    assert bad_deploy.world.healed
    assert [deployment["ref"] for deployment in await deployments(bad_deploy, "payments")][:2] == ["v2.30.4", "v2.31.0"]


@pytest.mark.parametrize(
    ("repo", "inputs", "conclusion"),
    [
        ("checkout", {"service": "checkout", "version": "v5.8.0"}, "success"),
        ("payments", {"service": "payments", "version": "v2.31.0"}, "success"),
        ("payments", {"service": "payments", "version": "v9.9.9"}, "failure"),
        ("payments", {**ROLLBACK, "dry_run": "true"}, "success"),
    ],
)
async def test_wrong_rollback_finishes_and_does_not_heal(bad_deploy, repo, inputs, conclusion):
    before = bad_deploy.world.value('job:http_errors:ratio{service="checkout"}')
    await bad_deploy.dispatch(f"acme/{repo}", "rollback.yml", **inputs)
    bad_deploy.elapsed_s += 120
    [run] = (await bad_deploy.get(f"{REPOS}/{repo}/actions/workflows/rollback.yml/runs")).json()["workflow_runs"]

    assert (run["status"], run["conclusion"]) == ("completed", conclusion)
    assert not bad_deploy.world.healed
    assert bad_deploy.world.value('job:http_errors:ratio{service="checkout"}') == pytest.approx(before, rel=0.1)


async def test_dry_run_deploys_nothing(bad_deploy):
    await bad_deploy.dispatch("acme/payments", "rollback.yml", **ROLLBACK, dry_run="true")
    bad_deploy.elapsed_s += 60

    assert len(await deployments(bad_deploy, "payments")) == 3


async def test_same_dispatch_twice_is_two_runs(bad_deploy):
    for _ in range(2):
        await bad_deploy.dispatch("acme/payments", "rollback.yml", **ROLLBACK)
    runs = (await bad_deploy.get(f"{REPOS}/payments/actions/workflows/rollback.yml/runs", per_page=1)).json()
    newest = (await bad_deploy.client.get(runs["workflow_runs"][0]["url"])).json()

    assert newest == runs["workflow_runs"][0]
    assert [dispatch.inputs for dispatch in bad_deploy.world.dispatches] == [ROLLBACK, ROLLBACK]
    assert (runs["total_count"], len(runs["workflow_runs"])) == (2, 1)
    assert runs["workflow_runs"][0]["id"] == bad_deploy.world.dispatches[1].run_id


@pytest.mark.parametrize(("created", "expected"), [(">=2026-11-21T09:00:30Z", 1), (">=2026-11-21T09:00:31Z", 0)])
async def test_runs_are_filtered_by_their_time(bad_deploy, created, expected):
    await bad_deploy.dispatch("acme/payments", "rollback.yml", **ROLLBACK)

    runs = await bad_deploy.get(f"{REPOS}/payments/actions/workflows/rollback.yml/runs", created=created)

    assert runs.json()["total_count"] == expected


async def test_details_of_the_run_are_answered_when_asked_for(bad_deploy):
    answer = await bad_deploy.client.post(
        f"{REPOS}/payments/actions/workflows/rollback.yml/dispatches",
        json={"ref": "v2.31.0", "inputs": ROLLBACK, "return_run_details": True},
        headers={"Authorization": "token sandbox"},
    )

    assert answer.status_code == 200
    assert answer.json()["workflow_run_id"] == bad_deploy.world.dispatches[0].run_id


async def test_workflow_that_is_no_rollback_heals_too(provider_outage):
    answer = await provider_outage.dispatch(
        "acme/assistant", "failover.yml", service="assistant", provider="azure-openai"
    )
    provider_outage.elapsed_s += 20

    assert answer.status_code == 204
    assert provider_outage.world.value('job:http_errors:ratio{service="assistant"}') == pytest.approx(0.011, abs=0.003)
    assert [deployment["ref"] for deployment in await deployments(provider_outage, "assistant")] == [
        "v1.14.0",
        "v1.13.2",
    ]


@pytest.mark.parametrize(
    ("body", "authorization", "status", "message"),
    [
        (b'{"ref": "main"}', "", 401, "Requires authentication"),
        (b"{", "Bearer x", 400, "Problems parsing JSON"),
        (b"[]", "Bearer x", 400, "Problems parsing JSON"),
        (b"{}", "Bearer x", 422, 'Invalid request.\n\n"ref" wasn\'t supplied.'),
        (b'{"ref": "main", "inputs": []}', "Bearer x", 422, 'Invalid request.\n\n"ref" wasn\'t supplied.'),
        (b'{"ref": "nowhere"}', "Bearer x", 422, "No ref found for: nowhere"),
        (b'{"ref": "main"}', "Bearer x", 422, "Required input 'service' not provided"),
        (b'{"ref": "main", "inputs": {"colour": "red"}}', "Bearer x", 422, 'Unexpected inputs provided: ["colour"]'),
    ],
)
async def test_bad_dispatch_is_refused_and_starts_nothing(bad_deploy, body, authorization, status, message):
    answer = await bad_deploy.client.post(
        f"{REPOS}/payments/actions/workflows/rollback.yml/dispatches",
        content=body,
        headers={"Authorization": authorization},
    )

    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert bad_deploy.world.dispatches == []


async def test_repository_without_rollback_has_no_such_workflow(provider_outage):
    answer = await provider_outage.dispatch("acme/nothing", "rollback.yml", service="nothing", version="v1")

    assert answer.status_code == 404
