"""The program starts with Slack away, refuses what cannot work in one line, and stops without losing anything."""

import asyncio
import json
import logging
from dataclasses import replace

import pytest

from environment import own_environment
from incident_copilot import app
from incident_copilot.demo.files import free_port
from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.faults import Fault
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.shadow import ShadowWorkspace
from whole import SPEED, copilot, running, settings_for, with_tables, workspace

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")


async def refused(settings):
    """The line with which the program does not start."""
    with pytest.raises((ConfigError, StoreUnavailable)) as error:
        await app.serve(settings, asyncio.Event())
    return str(error.value)


async def test_without_a_bot_token_it_says_which_variable_to_set(tmp_path):
    async with workspace(tmp_path) as whole:
        said = await refused(settings_for(whole, slack_bot_token=None))

    assert said.startswith("COPILOT_SLACK_BOT_TOKEN is not set")


async def test_without_a_way_for_slack_to_reach_it_it_does_not_start(tmp_path):
    async with workspace(tmp_path) as whole:
        said = await refused(settings_for(whole, slack_app_token=None))

    assert said == "set COPILOT_SLACK_APP_TOKEN (Socket Mode) or COPILOT_SLACK_SIGNING_SECRET (HTTP)"


async def test_a_token_that_slack_refuses_is_named(tmp_path):
    async with workspace(tmp_path) as whole:
        whole.sandbox.expect_refusal("invalid_auth")
        said = await refused(settings_for(whole, slack_bot_token="xoxb-wrong"))

    assert said.startswith("COPILOT_SLACK_BOT_TOKEN: Slack answers invalid_auth")
    assert "xoxb-wrong" not in said


async def test_a_secret_that_a_plugin_needs_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("COPILOT_GITHUB_TOKEN")
    async with workspace(tmp_path) as whole:
        said = await refused(settings_for(whole))

    assert "COPILOT_GITHUB_TOKEN is not set" in said


async def test_a_port_that_is_taken_is_named(tmp_path):
    async with copilot(tmp_path / "first") as first:
        port = int(first.url.rpartition(":")[2])
        said = await refused(settings_for(first, port=port, database_url=f"sqlite+aiosqlite:///{tmp_path}/other.db"))

    assert said.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")


async def test_a_database_that_does_not_answer_is_said(tmp_path):
    (tmp_path / "copilot.db").write_bytes(b"this is no database " * 100)
    async with workspace(tmp_path) as whole:
        said = await refused(settings_for(whole))

    assert said.startswith("the database does not answer")


async def test_runbooks_that_cannot_be_read_are_named_and_the_rest_serves(tmp_path, caplog):
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "broken.md").write_text("no front matter")
    async with copilot(tmp_path, runbooks_dir=tmp_path / "runbooks") as whole:
        health = await whole.http.get(f"{whole.url}/healthz")

    assert (health.status_code, health.json()) == (200, {"status": "ok", "mode": "live"})
    assert any(record.getMessage().startswith("runbook: ") for record in caplog.records)


async def test_with_slack_away_webhooks_are_stored_and_shown_when_it_is_back(tmp_path, caplog):
    port = free_port()
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole, slack_base_url=f"http://127.0.0.1:{port}/api/")
        async with running(whole, settings):
            (answer,) = await whole.fire()
            assert answer.json() == {"alerts": 1, "changed": 1}
            async with asyncio.timeout(15):
                while "Slack is away" not in caplog.text:  # noqa: ASYNC110 -- a log has no event
                    await asyncio.sleep(0.02)
            async with Sandbox.running(port=port, manifest=manifest(), speed=SPEED) as slack:
                whole.sandbox = slack
                await slack.until(lambda: whole.told("#incidents", "High 5xx ratio"), 15)
                await slack.until(lambda: slack.sockets, 15)
                slack.assert_conformant()


async def test_announcements_are_joined_before_the_first_incident_needs_them(tmp_path):
    async with copilot(tmp_path) as whole:
        place = whole.sandbox.channel("incidents")
        await whole.sandbox.until(lambda: place.has(whole.sandbox.bot_user_id))


async def test_announcements_that_cannot_be_joined_are_said_and_looked_for_again(tmp_path, caplog):
    async with copilot(tmp_path, announce_channel="nowhere") as whole:
        async with asyncio.timeout(15):
            while "#nowhere is looked for again" not in caplog.text:  # noqa: ASYNC110 -- a log has no event
                await asyncio.sleep(0.02)
        health = await whole.http.get(f"{whole.url}/healthz")

    assert health.status_code == 200


async def test_in_shadow_mode_everything_goes_to_one_channel(tmp_path):
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole, mode="shadow", shadow_channel="copilot-ops")
        await with_tables(settings)
        async with app.program(settings) as built:
            assert isinstance(built.deps.chat, ShadowWorkspace)


async def test_a_start_that_cannot_be_logged_is_said_and_goes_on(tmp_path, caplog):
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole)
        await with_tables(settings)
        async with app.program(settings) as built:
            async with built.deps.db.transaction() as tx:
                await tx.exec_driver_sql("ALTER TABLE action_log RENAME TO away")
            await app._begin(built)

    assert "the start is not in the log, and nothing was summed up: the database does not answer" in caplog.text


async def test_scopes_that_the_token_lacks_are_told_once_and_taken_back(tmp_path, caplog):
    narrow = manifest()
    narrow["oauth_config"]["scopes"]["bot"].remove("pins:write")
    async with workspace(tmp_path, manifest=narrow) as whole:
        settings = settings_for(whole)
        await with_tables(settings)
        async with app.program(settings) as built:
            await app._say_what_is_missing(built)  # Slack has not said yet who the copilot is
            me = await built.identity.me()
            texts = []
            for scopes in (me.scopes, me.scopes, me.scopes | {"pins:write"}):
                built.identity.known = replace(me, scopes=scopes)
                await app._say_what_is_missing(built)
                async with built.deps.db.read() as view:
                    rows = await view.exec_driver_sql("SELECT deed FROM effects WHERE state = 'pending'")
                    texts += [json.loads(deed)["content"]["text"] for (deed,) in rows]
            async with built.deps.db.transaction() as tx:
                await tx.exec_driver_sql("ALTER TABLE effects RENAME TO away")
            await app._say_what_is_missing(built)

    assert texts == [
        *["My Slack token lacks pins:write: no pinned card. Everything else works."] * 2,
        "My Slack token has every scope that I use.",
    ]
    assert "operators were not told of missing scopes" in caplog.text


async def test_http_is_used_where_a_signing_secret_is_set(tmp_path):
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole, slack_app_token=None, slack_signing_secret=whole.sandbox.signing_secret)
        async with running(whole, settings):
            whole.sandbox.deliver_by_http(f"{whole.url}/slack/events")
            ana = whole.sandbox.person("ana")

            assert await whole.sandbox.verify_url()
            await whole.fire()
            place = await whole.channel()
            assert (await ana.click(whole.sandbox.messages(place)[0], "acknowledge")).ok
            await whole.sees(place, "acknowledged")
            await ana.say(place, "Only calls to payments time out.")
            listed = await ana.command("/incident", "list", channel="#general")
            home = await whole.sandbox.until(lambda: ana.home) if await ana.open_home() else True

            assert "INC-1" in listed.body["text"]
            assert whole.sandbox.sockets == 0
            assert home
        whole.sandbox.assert_conformant()


async def test_stopping_lets_a_click_that_is_under_way_finish(tmp_path, caplog):
    caplog.set_level(logging.INFO, "incident_copilot")
    async with workspace(tmp_path) as whole:
        ana = whole.sandbox.person("ana")
        async with running(whole):
            await whole.sandbox.until(lambda: whole.sandbox.sockets)
            await whole.fire()
            place = await whole.channel()
            await whole.still()
            whole.sandbox.faults.add("users.info", Fault("slow", delay_s=0.5))
            clicking = asyncio.create_task(ana.click(whole.sandbox.messages(place)[0], "acknowledge"))
            await asyncio.sleep(0.1)

        assert (await clicking).ok
        whole.sandbox.assert_conformant()

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert caplog.records[-1].getMessage() == "stopped"
