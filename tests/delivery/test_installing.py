"""The app is installed from a browser, works, is uninstalled, and is installed again: over HTTP, by OAuth."""

import pytest

from environment import own_environment
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.seal import new_key
from incident_copilot.store import installations
from whole import running, settings_for, workspace

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")
PUBLIC = "https://copilot.example.net"


async def installed(whole):
    """Go through the browser's part of it: off to Slack, allowed, and back with the code."""
    begun = await whole.http.get(f"{whole.url}/slack/install")
    allowed = await whole.http.get(begun.headers["location"])
    back = allowed.headers["location"].replace(PUBLIC, whole.url)
    cookie = begun.headers["set-cookie"].split(";")[0]
    done = await whole.http.get(back, headers={"cookie": cookie})
    again = await whole.http.get(back, headers={"cookie": cookie})
    return begun, done, again


async def test_a_workspace_installs_the_app_uses_it_removes_it_and_comes_back(tmp_path):
    async with workspace(tmp_path, manifest=manifest(PUBLIC)) as whole:
        settings = settings_for(
            whole,
            slack_bot_token=None,
            slack_app_token=None,
            slack_client_id=whole.sandbox.client_id,
            slack_client_secret=whole.sandbox.client_secret,
            slack_signing_secret=whole.sandbox.signing_secret,
            install_key=new_key(),
            public_url=PUBLIC,
        )
        async with running(whole, settings):
            whole.sandbox.deliver_by_http(f"{whole.url}/slack/events")
            ana = whole.sandbox.person("ana")
            before = await ana.command("/incident", "list", channel="#general")
            begun, done, again = await installed(whole)
            await whole.fire()
            channel = await whole.channel()
            card = whole.sandbox.messages(channel)[0]
            assert (await ana.click(card, "acknowledge")).ok
            await whole.sees(channel, "acknowledged", timeout_s=30)
            db = whole.open_db()
            async with db.read() as view:
                [kept] = await installations.every(view)
            await whole.still()
            whole.sandbox.uninstall()
            after = await removed(whole, db)
            refused = await ana.command("/incident", "list", channel="#general")
            await installed(whole)
            back = await ana.command("/incident", "list", channel="#general")
            await db.close()

    assert (before.ok, refused.ok, back.ok) == (False, False, True)
    assert "httponly" in begun.headers["set-cookie"].lower()
    assert "secure" in begun.headers["set-cookie"].lower()
    assert (done.status_code, again.status_code) == (200, 400)
    assert (kept.workspace_id, kept.team_id, kept.installed_by) == ("default", whole.sandbox.team_id, "U0ANA")
    assert whole.sandbox.bot_token not in kept.sealed
    assert (after.sealed, after.is_live) == ("", False)
    assert "INC-1" in back.body["text"]


async def removed(whole, db):
    """The installation once the copilot has heard that it is over."""
    found = []

    async def look():
        async with db.read() as view:
            found[:] = [one for one in await installations.every(view) if not one.is_live]

    for _ in range(100):
        await look()
        if found:
            break
        await whole.still(0.05)
    return found[0]
