"""Deployments of Kubernetes: taken back to an earlier revision, scaled; secrets of containers are not shown."""

from dataclasses import replace

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.actions.kubernetes import Options, create

from .acting import approved, request_of, sent

URL = "https://kubernetes.default.svc"
DEPLOYMENT = f"{URL}/apis/apps/v1/namespaces/shop/deployments/checkout"
SETS = f"{URL}/apis/apps/v1/namespaces/shop/replicasets"
REVISION = "deployment.kubernetes.io/revision"
UNDO = {"do": "undo", "namespace": "shop", "deployment": "checkout"}


@pytest.fixture
def action(env):
    return create(env, Options(url=URL))


@pytest.fixture(autouse=True)
def cluster(respx_mock, fixture):
    respx_mock.get(DEPLOYMENT).respond(json=fixture("kubernetes_deployment"))
    respx_mock.route(method="GET", url__startswith=SETS).respond(json=fixture("kubernetes_revisions"))
    respx_mock._assert_all_called = False


async def test_rollout_is_taken_back_to_the_revision_before(action, respx_mock):
    route = respx_mock.patch(DEPLOYMENT).respond(200, json={})

    shown = await action.dry_run(UNDO)
    done = await action.execute(approved(UNDO, shown.wanted))

    template = "(the template of revision 11)"
    assert request_of(shown) == (
        f"PATCH {DEPLOYMENT}",
        [{"op": "replace", "path": "/spec/template", "value": template}],
    )
    assert (shown.state, shown.wanted) == (
        {"revision": "12", "images": "checkout:1.4.3"},
        {"images": "checkout:1.4.2"},
    )
    [patch] = sent(route)
    assert patch["value"]["metadata"]["labels"] == {"app": "checkout"}
    assert patch["value"]["spec"]["containers"][0]["image"] == "registry.example.net/shop/checkout:1.4.2"
    assert route.calls.last.request.headers["content-type"] == "application/json-patch+json"
    assert done.ok


async def test_rollout_is_taken_back_to_the_revision_that_was_named(action):
    assert (await action.dry_run(UNDO | {"revision": "10"})).wanted == {"images": "checkout:1.4.1"}


async def test_revision_is_known_by_the_numbers_that_it_had_before_it_was_gone_back_to(action, respx_mock, fixture):
    deployment, sets = fixture("kubernetes_deployment"), fixture("kubernetes_revisions")
    deployment["metadata"]["annotations"][REVISION] = sets["items"][0]["metadata"]["annotations"][REVISION] = "13"
    deployment["spec"]["template"] = sets["items"][0]["spec"]["template"]
    sets["items"][0]["metadata"]["annotations"][f"{REVISION}-history"] = "8,11"
    respx_mock.get(DEPLOYMENT).respond(json=deployment)
    respx_mock.route(method="GET", url__startswith=SETS).respond(json=sets)

    shown = await action.dry_run(UNDO | {"revision": "11"})

    assert (shown.state["images"], shown.wanted["images"]) == ("checkout:1.4.2", "checkout:1.4.2")
    assert shown.current.endswith("It is so already.")


async def test_revision_that_is_not_kept_is_refused(action):
    with pytest.raises(VendorRefused, match="checkout has no earlier revision 9"):
        await action.dry_run(UNDO | {"revision": "9"})


async def test_deployment_is_scaled(action, respx_mock):
    params = UNDO | {"do": "scale", "replicas": "8"}
    route = respx_mock.patch(f"{DEPLOYMENT}/scale").respond(200, json={})

    shown = await action.dry_run(params)
    await action.execute(approved(params, shown.wanted))

    assert (shown.effect, shown.undo) == ("Scales checkout from 4 to 8 replicas.", "Scale it to 4 again.")
    assert sent(route) == {"spec": {"replicas": 8}}


@pytest.mark.parametrize("name", ["../kube-system", "Checkout", "a" * 64])
async def test_name_that_kubernetes_does_not_have_is_refused(action, name):
    with pytest.raises(VendorRefused, match="namespace"):
        await action.dry_run(UNDO | {"namespace": name})


async def test_token_of_the_pod_is_read_anew_each_time(env, tmp_path, respx_mock, fixture):
    token = tmp_path / "token"
    token.write_text("of-the-pod\n")
    inside = create(replace(env, secret=None), Options(url=URL, token_file=token))

    await inside.dry_run(UNDO)
    sent_with = respx_mock.calls.last.request.headers["authorization"]
    token.unlink()

    with pytest.raises(VendorRefused, match="set secret_env outside of a cluster"):
        await inside.dry_run(UNDO)
    assert sent_with == "Bearer of-the-pod"
