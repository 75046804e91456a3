"""`doctor`: what the copilot depends on, looked at one by one, with a fix for each failure."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from environment import own_environment
from incident_copilot import app, doctor
from incident_copilot.assembly import installs_of
from incident_copilot.demo.files import free_port
from incident_copilot.doctor import Finding, examine, own
from incident_copilot.errors import ConfigError
from incident_copilot.sandbox.faults import Fault
from incident_copilot.sandbox.state.workspace import ChannelSpec
from incident_copilot.settings import Settings
from incident_copilot.slack import checkup
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.seal import new_key
from incident_copilot.store import schema
from smtp_sink import sink
from test_cli_sources import typed
from whole import running, settings_for, with_tables, workspace

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def said(findings):
    return {one.what: (one.is_well, one.said) for one in findings}


async def test_what_is_well_and_what_is_not_stand_side_by_side(tmp_path):
    async with workspace(tmp_path) as whole, sink() as mail:
        settings = settings_for(whole, smtp_url=f"smtp://127.0.0.1:{mail.port}", email_from="copilot@example.net")
        await with_tables(settings)
        found = said(await examine(settings))

    assert [what for what, (is_well, _) in found.items() if not is_well] == ["context source statuspage"]
    assert found["Slack"][1].startswith(f"the token is that of {whole.sandbox.bot_user_id} in ")
    assert found["Slack scopes"][1].startswith("all ")
    assert found["Slack clock"] == (True, "within 30 s of this machine's")
    assert found["Slack socket"] == (True, "the app-level token opens sockets")
    assert found["channel #incidents"] == (True, "public: the copilot joins when it needs to")
    assert found["database"][1].endswith("; no alert source has delivered yet")
    assert found["database clock"] == (True, "within 5 s of this machine's")
    assert found["context source prometheus"] == (True, "answers")
    assert found["silence source silence"] == (True, "answers")
    assert found["action github_workflow"] == (True, "answers")
    assert found["mail server"] == (True, "takes the login")
    assert found["webhooks"][1].startswith("not looked at: nothing listens at http://127.0.0.1:0")
    assert "no such status page" in found["context source statuspage"][1]  # this scenario has none


async def test_scopes_and_channels_that_are_missing_come_with_their_fix(tmp_path):
    narrow = manifest()
    narrow["oauth_config"]["scopes"]["bot"].remove("pins:write")
    there = [ChannelSpec("incidents"), ChannelSpec("customer-updates"), ChannelSpec("copilot-ops", is_private=True)]
    async with workspace(tmp_path, manifest=narrow, channels=there) as whole:
        archived = whole.sandbox.channel("#customer-updates")
        archived.is_archived = True
        settings = settings_for(whole, watched_channels="incidents")
        found = {one.what: one for one in await examine(settings)}

    assert found["Slack scopes"].said == "the token lacks pins:write: no pinned card"
    assert "install the app again" in found["Slack scopes"].fix
    assert found["channel #incidents"].is_well
    assert found["channel #incident-updates"].said == "there is none that the copilot can see"
    assert "/invite the copilot" in found["channel #copilot-ops"].fix
    assert found["channel #customer-updates"].fix == (
        "Unarchive it, or name another one in COPILOT_CUSTOMER_UPDATES_CHANNEL."
    )
    assert found["database"].said.startswith("the database has no tables yet")


async def test_webhooks_and_slacks_requests_make_their_round_trip(tmp_path):
    async with workspace(tmp_path) as whole:
        secrets = {"slack_signing_secret": whole.sandbox.signing_secret, "mode": "shadow"}
        settings = settings_for(whole, **secrets)
        async with running(whole, settings):
            port = int(whole.url.rpartition(":")[2])
            away = settings.model_copy(update={"port": port, "public_url": "http://127.0.0.1:1"})
            here = settings.model_copy(update={"port": port, "public_url": whole.url})
            (tmp_path / "more.yaml").write_text("alert_sources: [{plugin: alertmanager, name: second}]\n")
            other = here.model_copy(update={"config_file": tmp_path / "more.yaml"})
            wrong = here.model_copy(update={"slack_signing_secret": type(here.slack_signing_secret)("wrong-secret")})
            socket = here.model_copy(update={"slack_signing_secret": None})
            near, far, renamed, unsigned, by_socket = [
                said(await doctor.outside.webhooks(one)) for one in (here, away, other, wrong, socket)
            ]
        shadow = said(await doctor.chat.channels(settings))

    assert near["webhooks"][1].startswith(f"{whole.url} leads here")
    assert near["webhook alertmanager"] == (True, f"{whole.url}/webhooks/alertmanager takes webhooks")
    assert near["Slack requests"][0]
    assert far == {"webhooks": (False, "http://127.0.0.1:1/healthz: no answer: ConnectError")}
    assert renamed["webhook second"] == (False, f"{whole.url}/webhooks/second: 404")
    assert unsigned["Slack requests"] == (False, f"{whole.url}/slack/events: 401")
    assert list(by_socket) == ["webhooks", "webhook alertmanager"]
    assert list(shadow) == ["channel #copilot-shadow"]


async def test_a_copilot_that_people_install_is_looked_at_with_the_first_ones_token(tmp_path):
    async with workspace(tmp_path) as whole:
        settings = settings_for(
            whole,
            slack_bot_token=None,
            slack_client_id="id",
            slack_client_secret="secret",
            slack_signing_secret="s",
            install_key=new_key(),
        )
        await with_tables(settings)
        with pytest.raises(ConfigError, match="/slack/install in a browser"):
            await doctor.chat.token(settings)
        async with app.at_rest(settings) as (deps, _):
            granted = {"access_token": whole.sandbox.bot_token, "team": {"id": whole.sandbox.team_id}}
            await installs_of(settings).add(deps, granted)
        found = said(await doctor.chat.token(settings))

    assert found["Slack"][0]


async def test_slack_that_does_not_answer_is_waited_for_no_longer_than_that(tmp_path):
    async with workspace(tmp_path) as whole:
        whole.sandbox.faults.add("auth.test", Fault("hang"))
        found = await examine(settings_for(whole), patience_s=0.3)

    fix = "See whether COPILOT_SLACK_BOT_TOKEN and COPILOT_SLACK_BASE_URL are right."
    assert Finding("Slack", False, "no answer in 0.3 s", fix) in found


def test_what_is_wrong_is_named_with_its_remedy_and_the_rest_is_looked_at(typed, monkeypatch, tmp_path):
    (tmp_path / "copilot.yaml").write_text("context_sources: []\n")
    (tmp_path / "catalog.yaml").write_text("services: [{name: checkout, team: shop, tier: 99}]\n")
    for name in ("config", "catalog"):
        file = tmp_path / f"{'copilot' if name == 'config' else name}.yaml"
        monkeypatch.setenv(f"COPILOT_{name.upper()}_FILE", str(file))

    code, out, _ = typed("doctor")

    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("FAIL  catalog.yaml ")
    assert lines[1].strip() == "fix: Correct the line that is named; docs/operations.md shows a whole file."
    assert "COPILOT_SLACK_BOT_TOKEN is not set" in out


async def test_what_names_its_own_fix_gets_no_other(tmp_path):
    (tmp_path / "broken.yaml").write_text("context_sources: 5\n")
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole, slack_bot_token=None, config_file=tmp_path / "broken.yaml")
        found = {one.what: one.fix for one in await examine(settings) if not one.is_well}

    assert found == {
        "actions.yaml": "Correct the line that is named; docs/operations.md has a worked catalogue.",
        "database": "",
        "Slack": "",
        "Slack channels": "",
        "copilot.yaml": "Correct the line that is named, or set the variable that it names.",
    }


async def test_a_database_that_does_not_answer_comes_with_the_setting_that_names_it(tmp_path):
    nowhere = f"postgresql+asyncpg://copilot@127.0.0.1:{free_port()}/copilot"
    async with workspace(tmp_path) as whole:
        found = {one.what: one for one in await examine(settings_for(whole, database_url=nowhere))}

    assert found["database"].said.startswith("the database does not answer: ")
    assert found["database"].fix == "See whether COPILOT_DATABASE_URL is right and the database runs."


async def test_doctor_of_a_copilot_that_is_well_prints_it_and_exits_with_0(tmp_path, typed, monkeypatch):
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole)
        for name in ("slack_bot_token", "slack_app_token"):
            monkeypatch.setenv(f"COPILOT_{name.upper()}", getattr(settings, name).get_secret_value())
        monkeypatch.setenv("COPILOT_SLACK_BASE_URL", settings.slack_base_url)
        (tmp_path / "none.yaml").write_text("context_sources: []\n")
        monkeypatch.setenv("COPILOT_CONFIG_FILE", str(tmp_path / "none.yaml"))
        monkeypatch.setenv("COPILOT_PORT", "0")
        code, out, _ = await asyncio.to_thread(typed, "doctor")

    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, lines[-1]) == (0, "ok language model none is named: code words the briefs")
    assert lines[-2] == "ok mail server none is set: nobody is told by e-mail while Slack is away"
    assert lines[-3].endswith("no context sources: briefs know only what alerts say")
    assert lines[1] == "ok actions.yaml no actions: only rollbacks and silences can be proposed"
    assert lines[2] == "ok monitors.yaml no AI systems: those that send figures are watched"
    assert lines[4].startswith(f"ok database its tables are at {schema.HEAD}, as this release needs them")


def test_a_model_that_does_not_answer_is_found(typed, monkeypatch, httpx2_mock, sqlite_url):
    monkeypatch.setenv("COPILOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("COPILOT_LLM_BASE_URL", "http://llm.test/v1")
    monkeypatch.setenv("COPILOT_LLM_MODEL", "small")
    httpx2_mock.post("http://llm.test/v1/chat/completions").respond(status_code=401)

    code, out, _ = typed("doctor")

    assert code == 1
    assert "small: no usable answer: it does not accept the key (401)" in out.splitlines()[-2]


def test_clocks_that_differ_are_told_with_the_side():
    ahead, behind = (own.clock("Slack clock", timedelta(seconds=s), timedelta(seconds=30)) for s in (95, -95))

    assert (ahead.is_well, ahead.said) == (False, "95 s ahead of this machine's")
    assert behind.said == "95 s behind this machine's"
    assert "NTP" in behind.fix


async def test_a_machine_without_time_zones_is_told_of():
    (missing,) = await own.zones("Nowhere/Land")

    assert missing == Finding(
        "time zones", False, "this machine does not know Nowhere/Land", "Install the package tzdata."
    )


async def test_what_is_shown_holds_no_secret(tmp_path):
    settings = Settings(_env_file=None, catalog_file="http://ops:pw@host/hunter22", llm_api_key="hunter22,no")

    found = {one.what: one for one in await examine(settings, patience_s=5)}

    assert "hunter22" not in str(found)
    assert "ops:pw" not in str(found)


def test_dates_of_slack_that_cannot_be_read_are_left_out():
    assert checkup.date_of({"Date": "Sat, 28 Nov 2026 09:00:00 GMT"}) == datetime(2026, 11, 28, 9, tzinfo=UTC)
    assert checkup.date_of({}) is None
