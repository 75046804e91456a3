"""The sandbox installs an app by OAuth as Slack does, and refuses what Slack refuses."""

import httpx
import pytest

from quick import TLS

BACK = "https://app.example.net/back"


async def asked(sandbox, **changes):
    given = {"client_id": sandbox.client_id, "scope": "chat:write", "redirect_uri": BACK, "state": "s", **changes}
    async with httpx.AsyncClient(verify=TLS) as http:
        return await http.get(f"{sandbox.page_url}oauth/v2/authorize", params=given)


async def exchanged(sandbox, **changes):
    given = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret, "redirect_uri": BACK, **changes}
    async with httpx.AsyncClient(verify=TLS) as http:
        return (await http.post(f"{sandbox.base_url}oauth.v2.access", data=given)).json()


async def code(sandbox):
    allowed = await asked(sandbox)
    return httpx.URL(allowed.headers["location"]).params["code"]


async def test_a_code_is_exchanged_once_for_the_bots_token(sandbox):
    one = await code(sandbox)
    granted, again = await exchanged(sandbox, code=one), await exchanged(sandbox, code=one)

    assert (granted["access_token"], granted["team"]["id"]) == (sandbox.bot_token, sandbox.team_id)
    assert again["error"] == "invalid_code"


async def test_an_app_that_is_not_known_is_not_asked_about(sandbox):
    answer = await asked(sandbox, client_id="other")

    assert (answer.status_code, answer.text) == (400, "invalid_client_id")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"redirect_uri": "https://elsewhere.example.net"}, "bad_redirect_uri"),
    ],
)
async def test_an_exchange_that_does_not_fit_is_refused(sandbox, changes, error):
    assert (await exchanged(sandbox, code=await code(sandbox), **changes))["error"] == error


async def test_a_token_of_an_app_that_was_removed_is_refused(sandbox):
    async with httpx.AsyncClient(verify=TLS) as http:
        headers = {"authorization": f"Bearer {sandbox.bot_token}"}
        before = (await http.post(f"{sandbox.base_url}auth.test", headers=headers)).json()
        sandbox.uninstall()
        after = (await http.post(f"{sandbox.base_url}auth.test", headers=headers)).json()

    assert (before["ok"], after["error"]) == (True, "account_inactive")
