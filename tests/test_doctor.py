"""`doctor`: what the copilot depends on, looked at one by one."""

import asyncio

import pytest

from environment import own_environment
from incident_copilot.demo import files
from incident_copilot.doctor import Finding, examine
from incident_copilot.sandbox.faults import Fault
from incident_copilot.store import schema
from test_cli_sources import typed
from whole import settings_for, workspace

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def said(findings):
    return {one.what: (one.is_well, one.said) for one in findings}


async def test_what_is_well_and_what_is_not_stand_side_by_side(tmp_path, monkeypatch):
    monkeypatch.setenv("COPILOT_GITHUB_TOKEN", files.TOKEN)
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole)
        await schema.upgrade(settings.database_url, settings.migrations_dir)
        found = said(await examine(settings))

    assert [what for what, (is_well, _) in found.items() if not is_well] == ["context source statuspage"]
    assert found["Slack"][1].startswith(f"the token is that of {whole.sandbox.bot_user_id} in ")
    assert found["database"][1] == "its tables are those of this release; no alert source has delivered yet"
    assert found["context source prometheus"] == (True, "answers")
    assert "no such status page" in found["context source statuspage"][1]  # this scenario has none


async def test_slack_that_does_not_answer_is_waited_for_no_longer_than_that(tmp_path):
    async with workspace(tmp_path) as whole:
        whole.sandbox.faults.add("auth.test", Fault("hang"))
        found = await examine(settings_for(whole), patience_s=0.3)

    assert Finding("Slack", False, "no answer in 0.3 s") in found


def test_what_is_wrong_is_named_with_its_remedy_and_the_rest_is_looked_at(typed, monkeypatch, tmp_path):
    (tmp_path / "copilot.yaml").write_text("context_sources: []\n")
    (tmp_path / "catalog.yaml").write_text("services: [{name: checkout, team: shop, tier: 99}]\n")
    for name in ("config", "catalog"):
        file = tmp_path / f"{'copilot' if name == 'config' else name}.yaml"
        monkeypatch.setenv(f"COPILOT_{name.upper()}_FILE", str(file))

    code, out, _ = typed("doctor")

    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("FAIL  catalog.yaml: ")
    assert "FAIL  Slack: COPILOT_SLACK_BOT_TOKEN is not set" in out


async def test_doctor_of_a_copilot_that_is_well_prints_it_and_exits_with_0(tmp_path, typed, monkeypatch):
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole)
        for name in ("slack_bot_token", "slack_app_token"):
            monkeypatch.setenv(f"COPILOT_{name.upper()}", getattr(settings, name).get_secret_value())
        monkeypatch.setenv("COPILOT_SLACK_BASE_URL", settings.slack_base_url)
        (tmp_path / "none.yaml").write_text("context_sources: []\n")
        monkeypatch.setenv("COPILOT_CONFIG_FILE", str(tmp_path / "none.yaml"))
        code, out, _ = await asyncio.to_thread(typed, "doctor")

    lines = out.splitlines()
    assert (code, lines[-1]) == (0, "ok    language model: none is named: code words the briefs")
    assert lines[-2] == "ok    copilot.yaml: no context sources: briefs know only what alerts say"
    assert lines[1] == "ok    actions.yaml: no actions: only rollbacks and silences can be proposed"
    assert lines[2].startswith("ok    database: its tables are those of this release")


def test_a_model_that_does_not_answer_is_found(typed, monkeypatch, httpx2_mock):
    monkeypatch.setenv("COPILOT_LLM_BASE_URL", "http://llm.test/v1")
    monkeypatch.setenv("COPILOT_LLM_MODEL", "small")
    httpx2_mock.post("http://llm.test/v1/chat/completions").respond(status_code=401)

    code, out, _ = typed("doctor")

    assert code == 1
    assert out.splitlines()[-1] == ("FAIL  language model: small: no usable answer: it does not accept the key (401)")
