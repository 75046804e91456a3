"""Applications of Argo CD: taken back to what was deployed before, unless it syncs by itself."""

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.actions.argocd import Options, create

from .acting import approved, request_of, sent

URL = "https://argocd.example.net"
APPLICATION = f"{URL}/api/v1/applications/checkout"
BACK = {"name": "checkout", "id": 6, "prune": False, "dryRun": False}


@pytest.fixture
def action(env):
    return create(env, Options(url=URL))


async def test_application_is_taken_back_as_shown(action, respx_mock, fixture):
    respx_mock.get(APPLICATION).respond(json=fixture("argocd_rollback_application"))
    route = respx_mock.post(f"{APPLICATION}/rollback").respond(json={})

    shown = await action.dry_run({"application": "checkout"})
    done = await action.execute(approved({"application": "checkout"}, shown.wanted))

    assert request_of(shown) == (f"POST {APPLICATION}/rollback", BACK)
    assert (shown.state, shown.wanted) == ({"revision": "c" * 40, "id": "7"}, {"revision": "b" * 40})
    assert (done.ok, sent(route)) == (True, BACK)
    assert shown.undo == "Take it to history 7 again (cccccccccccc)."


@pytest.mark.parametrize(
    ("change", "params", "problem"),
    [
        ({"spec": {"syncPolicy": {"automated": {}}}}, {}, "checkout syncs by itself; turn that off first"),
        ({"status": {"history": []}}, {}, "checkout has no history"),
        ({}, {"id": "5"}, "checkout has deployed nothing before that"),
    ],
)
async def test_what_argo_cd_would_not_do_is_not_proposed(action, respx_mock, fixture, change, params, problem):
    respx_mock.get(APPLICATION).respond(json=fixture("argocd_rollback_application") | change)

    with pytest.raises(VendorRefused, match=problem):
        await action.dry_run({"application": "checkout", **params})
