"""Rollback by workflow: shown exactly, started once, found again."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.plugins.actions.github_workflow import Options, create
from incident_copilot.ports import ActionResult

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
API = "https://api.github.com/repos/acme/mailer"
WORKFLOW = f"{API}/actions/workflows/rollback.yml"
PARAMS = {"service": "mailer", "version": "v2.0.9", "repo": "acme/mailer", "workflow": "rollback.yml", "ref": "main"}


def approved(key="key-1", **params):
    return RunAction(
        proposal_id="p", version=1, action="github_workflow", params=PARAMS | params, key=key, approved_by=("U1",)
    )


def deployed(respx_mock, fixture, *, failed=True, state="active"):
    """Let GitHub list two deployments, of which the newest failed, and the workflow."""
    parts = fixture("github_workflow")
    respx_mock.get(WORKFLOW).respond(json={"id": 5, "state": state})
    respx_mock.get(f"{API}/deployments").respond(json=parts["deployments"])
    respx_mock.get(f"{API}/deployments/31/statuses").respond(json=parts["failed"])
    respx_mock.get(f"{API}/deployments/30/statuses").respond(json=parts["failed" if failed else "succeeded"])


async def test_dry_run_shows_the_exact_request_and_what_runs_now(env, fixture, respx_mock):
    deployed(respx_mock, fixture, failed=False)

    shown = await create(env, Options()).dry_run(PARAMS | {"environment": "prod"})

    address, _, body = shown.request.partition("\n")
    assert address == f"POST {WORKFLOW}/dispatches"
    assert json.loads(body) == {
        "ref": "main",
        "inputs": {"service": "mailer", "version": "v2.0.9", "request_id": "(the id of this approval)"},
        "return_run_details": True,
    }
    assert shown.target == "workflow rollback.yml of acme/mailer on main"
    assert shown.current == "mailer v2.1.0 is deployed to production, by rosa at 09:01 UTC on 21 November."
    assert shown.effect == "Starts the workflow, which deploys mailer v2.0.9 to production."
    assert shown.undo == "Start the same workflow with version v2.1.0."
    assert (shown.state, shown.wanted) == ({"version": "v2.1.0"}, {"version": "v2.0.9"})
    assert {call.request.method for call in respx_mock.calls} == {"GET"}


async def test_dry_run_says_when_nothing_is_known_to_run(env, fixture, respx_mock):
    deployed(respx_mock, fixture)

    shown = await create(env, Options()).dry_run(PARAMS)

    assert shown.current == "GitHub knows no successful deployment of mailer to production."
    assert shown.undo == "Not known, see what runs now."
    assert (shown.state, shown.wanted) == ({}, {})


async def test_dry_run_says_when_the_workflow_is_off(env, fixture, respx_mock):
    deployed(respx_mock, fixture, state="disabled_manually")

    shown = await create(env, Options()).dry_run(PARAMS)

    assert shown.current.endswith(" The workflow cannot be started: it is disabled_manually.")


async def test_workflow_that_is_not_there_cannot_be_shown(env, respx_mock):
    respx_mock.get(WORKFLOW).respond(404, json={"message": "Not Found"})

    with pytest.raises(VendorRefused, match=rf"^GitHub: HTTP 404 for GET {WORKFLOW}: Not Found$"):
        await create(env, Options()).dry_run(PARAMS)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service", "mailer/../../admin"),
        ("service", "mailer\n"),
        ("version", "v1; rm -rf /"),
        ("version", "{key}"),
        ("repo", "acme/../other"),
        ("repo", "acme"),
        ("workflow", "../rollback.yml"),
        ("workflow", "a\r\nb"),
        ("ref", "main?x=1"),
        ("environment", "a/b"),
        ("extra", "x"),
    ],
)
async def test_parameters_that_cannot_be_right_reach_nobody(env, field, value):
    action = create(env, Options())
    problem = f"GitHub: not asked, because these parameters cannot be right: {field}"

    with pytest.raises(VendorRefused, match=f"^{problem}$"):
        await action.dry_run(PARAMS | {field: value})

    assert await action.execute(approved(**{field: value})) == ActionResult(ok=False, summary=problem)


async def test_workflow_is_started_with_the_key(env, fixture, respx_mock):
    started = respx_mock.post(f"{WORKFLOW}/dispatches").respond(json=fixture("github_workflow")["dispatched"])

    result = await create(env, Options()).execute(approved())

    assert json.loads(started.calls.last.request.content) == {
        "ref": "main",
        "inputs": {"service": "mailer", "version": "v2.0.9", "request_id": "key-1"},
        "return_run_details": True,
    }
    assert started.calls.last.request.headers["authorization"] == "Bearer s3cret"
    assert result == ActionResult(
        ok=True,
        summary="Started rollback.yml of acme/mailer for mailer v2.0.9.",
        link="https://github.com/acme/mailer/actions/runs/77",
    )


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, json=[]), httpx.Response(200, json={})])
async def test_server_that_tells_no_run_still_gives_a_link(env, respx_mock, answer):
    respx_mock.post(f"{WORKFLOW}/dispatches").mock(return_value=answer)

    result = await create(env, Options()).execute(approved())

    assert (result.ok, result.link) == (True, "https://github.com/acme/mailer/actions")


async def test_inputs_are_named_as_the_workflow_names_them(env, respx_mock):
    started = respx_mock.post(f"{WORKFLOW}/dispatches").respond(204)
    options = Options(inputs={"image": "{service}:{version}"}, run_link=False)

    await create(env, options).execute(approved())

    assert json.loads(started.calls.last.request.content) == {"ref": "main", "inputs": {"image": "mailer:v2.0.9"}}


async def test_refusal_is_a_result(env, respx_mock):
    respx_mock.post(f"{WORKFLOW}/dispatches").respond(422, json={"message": "Required input 'tag' not provided"})

    result = await create(env, Options()).execute(approved())

    assert result == ActionResult(
        ok=False, summary=f"GitHub: HTTP 422 for POST {WORKFLOW}/dispatches: Required input 'tag' not provided"
    )


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), VendorUnavailable),
        (httpx.Response(429), VendorUnavailable),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.Response(502), OutcomeUnknown),
    ],
)
async def test_lost_answer_is_unknown_and_never_repeated(env, respx_mock, failure, error):
    started = respx_mock.post(f"{WORKFLOW}/dispatches").mock(side_effect=[failure])

    with pytest.raises(error):
        await create(env, Options()).execute(approved())

    assert started.call_count == 1


async def test_run_is_found_by_the_whole_key(env, fixture, respx_mock):
    asked = respx_mock.get(f"{WORKFLOW}/runs").respond(json=fixture("github_workflow")["runs"])

    found = await create(env, Options()).find(approved(), NOW)

    assert found == ActionResult(
        ok=True,
        summary="Run 77 of rollback.yml of acme/mailer: in progress.",
        link="https://github.com/acme/mailer/actions/runs/77",
    )
    assert dict(asked.calls.last.request.url.params) == {
        "event": "workflow_dispatch",
        "created": ">=2026-11-21T09:08:00Z",
        "per_page": "100",
    }


@pytest.mark.parametrize("key", ["key-9", "key", ""])
async def test_run_of_another_key_is_not_ours(env, fixture, respx_mock, key):
    respx_mock.get(f"{WORKFLOW}/runs").respond(json=fixture("github_workflow")["runs"])

    assert await create(env, Options()).find(approved(key), NOW) is None


@pytest.mark.parametrize(("conclusion", "ok"), [("success", True), ("failure", False), ("cancelled", False)])
async def test_run_that_ended_says_how(env, respx_mock, conclusion, ok):
    run = {
        "id": 5,
        "inputs": {"request_id": "key-1"},
        "status": "completed",
        "conclusion": conclusion,
        "created_at": "2026-11-21T09:10:02Z",
    }
    respx_mock.get(f"{WORKFLOW}/runs").respond(json={"workflow_runs": [run]})

    found = await create(env, Options()).find(approved(), NOW)

    assert found == ActionResult(ok=ok, summary=f"Run 5 of rollback.yml of acme/mailer: {conclusion}.")


def test_unknown_outcome_is_read_back_only_where_the_run_carries_the_key(env):
    assert create(env, Options()).retry == "read_back"
    assert create(env, Options(inputs={"version": "{version}"})).retry == "ask"


def test_action_is_called_by_its_instance(env):
    assert [create(replace(env, instance=name), Options()).name for name in ("", "eu")] == ["github_workflow", "eu"]
