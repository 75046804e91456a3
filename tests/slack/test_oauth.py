"""The two pages of an installation: what is refused, what is said, and what a browser must bring back."""

import contextlib
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from incident_copilot.domain.catalog import Catalog
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.installs import Installs
from incident_copilot.slack.manifest import SCOPES
from incident_copilot.slack.oauth import OAuth, routes
from incident_copilot.slack.seal import Seal, new_key
from quick import TLS

PUBLIC = "http://copilot.test"


@contextlib.asynccontextmanager
async def browsing(db, asking, client_id="id", client_secret="secret", before=None):
    """A browser that looks at the copilot's pages; `kept` has what was installed, after `before`."""
    deps = Deps(
        db=db,
        now=lambda: datetime.now(UTC),
        workspace_id="default",
        chat=None,
        catalog=Catalog(),
        runbooks=RunbookIndex.build(Library()),
    )
    installs, kept = Installs(Seal(new_key()), "default"), []
    if before:
        await installs.add(deps, before)

    async def installed(made):
        kept.append(made)

    app = Starlette(routes=routes(deps, OAuth(asking, client_id, client_secret, PUBLIC), installs, installed))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=PUBLIC) as http:
        http.kept, http.db = kept, db
        yield http


@pytest.fixture
async def browser(db, client, sandbox):
    asking = AsyncWebClient(token="", base_url=client.base_url, session=client.session, timeout=2, retry_handlers=[])
    async with browsing(db, asking, sandbox.client_id, sandbox.client_secret) as http:
        yield http


async def begin(browser):
    """Begin an installation; return what Slack is asked, by name."""
    begun = await browser.get("/slack/install")
    return {name: one for name, [one] in parse_qs(urlsplit(begun.headers["location"]).query).items()}


async def test_slack_is_asked_for_the_scopes_of_the_manifest_and_grants_them_once(browser, sandbox):
    asked = await begin(browser)
    async with httpx.AsyncClient(verify=TLS) as slack:
        query = {**asked, "redirect_uri": f"{PUBLIC}/slack/oauth_redirect"}
        allowed = await slack.get(f"{sandbox.page_url}oauth/v2/authorize", params=query)
    back = allowed.headers["location"].removeprefix(PUBLIC)

    done, again = await browser.get(back), await browser.get(back)

    assert asked["scope"].split(",") == list(SCOPES)
    assert asked["redirect_uri"] == f"{PUBLIC}/slack/oauth_redirect"
    assert (done.status_code, [one.team_id for one in browser.kept]) == (200, [sandbox.team_id])
    assert (again.status_code, "Begin anew at /slack/install" in again.text) == (400, True)


async def test_what_is_not_begun_here_or_not_granted_installs_nothing(browser, sandbox):
    state = (await begin(browser))["state"]
    stranger = await browser.get("/slack/oauth_redirect", params={"code": "c", "state": "of-somebody-else"})
    nothing = await browser.get("/slack/oauth_redirect")
    declined = await browser.get("/slack/oauth_redirect", params={"error": "access_denied", "state": state})
    sandbox.expect_refusal("invalid_code", "oauth.v2.access")
    state = (await begin(browser))["state"]
    wrong = await browser.get("/slack/oauth_redirect", params={"code": "c", "state": state})

    assert [one.status_code for one in (stranger, nothing, declined, wrong)] == [400, 400, 400, 502]
    assert "Slack says access_denied" in declined.text
    assert "Slack did not confirm it (invalid_code)" in wrong.text
    assert browser.kept == []


@pytest.mark.parametrize(
    ("granted", "status", "said"),
    [
        ('{"ok": true, "access_token": "xoxb-2", "team": {"id": "T2"}}', 403, "not among COPILOT_WORKSPACES"),
        ('{"ok": true, "access_token": "xoxp-2", "team": {"id": "T1"}}', 502, "no token of a bot"),
    ],
)
async def test_another_workspace_than_the_first_and_what_is_no_bot_are_refused(db, odd_slack, granted, status, said):
    odd_slack["oauth.v2.access"] = (200, {"content-type": "application/json"}, granted)
    asking = AsyncWebClient(token="", base_url=odd_slack["base_url"], timeout=2, retry_handlers=[])
    first = {"access_token": "xoxb-1", "team": {"id": "T1"}}
    async with browsing(db, asking, before=first) as browser:
        state = (await begin(browser))["state"]
        answer = await browser.get("/slack/oauth_redirect", params={"code": "c", "state": state})

    assert (answer.status_code, said in answer.text, browser.kept) == (status, True, [])


async def test_slack_that_cannot_be_reached_is_said(db):
    asking = AsyncWebClient(token="", base_url="http://127.0.0.1:1/api/", timeout=2, retry_handlers=[])

    assert await OAuth(asking, "id", "secret", PUBLIC).exchange("c") == "ClientConnectorError"


async def test_a_database_that_does_not_answer_is_said(browser):
    state = (await begin(browser))["state"]
    async with browser.db.transaction() as tx:
        await tx.exec_driver_sql("ALTER TABLE oauth_states RENAME TO away")

    begun = await browser.get("/slack/install")
    back = await browser.get("/slack/oauth_redirect", params={"code": "c", "state": state})

    assert (begun.status_code, back.status_code) == (503, 503)
    assert "Please try again" in begun.text
