"""Settings are checked when they are read, and what is wrong is said in the variable's own name."""

import pytest

from environment import own_environment
from incident_copilot.cli import load_settings
from incident_copilot.errors import ConfigError
from incident_copilot.settings import Settings
from incident_copilot.settled import longest_job_s, policy_of

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")


def problem(monkeypatch, **variables):
    """What is said about these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as error:
        load_settings()
    return str(error.value)


def test_with_nothing_set_the_defaults_hold():
    settings = load_settings()

    assert (settings.mode, settings.port, settings.announce_channel) == ("live", 8420, "incidents")
    assert settings.slack_bot_token is None


def test_variables_win_over_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("COPILOT_PORT=1\nCOPILOT_MODE=shadow\n")
    monkeypatch.setenv("COPILOT_PORT", "2")

    settings = load_settings()

    assert (settings.port, settings.mode) == (2, "shadow")


@pytest.mark.parametrize(
    ("text", "days", "zone"),
    [
        ("mon-fri 09:00-17:00 Europe/Berlin", "mon tue wed thu fri", "Europe/Berlin"),
        ("mon,wed-thu 08:00-12:00", "mon wed thu", "UTC"),
    ],
)
def test_working_hours_are_written_in_one_line(text, days, zone):
    hours = policy_of(Settings(_env_file=None, working_hours=text)).working_hours

    assert (" ".join(hours.days), hours.zone) == (days, zone)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("always", "write days, times and zone"),
        ("mon-xyz 09:00-17:00", "mon-xyz names no days"),
        ("mon-fri 17:00-09:00", "end must be later than begin"),
        ("mon-fri 09:00-17:00 Nowhere", "there is no time zone Nowhere"),
    ],
)
def test_working_hours_that_cannot_be_read_are_named(monkeypatch, text, said):
    assert said in problem(monkeypatch, COPILOT_WORKING_HOURS=text)


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("COPILOT_PORT", "")
    monkeypatch.setenv("COPILOT_SLACK_BOT_TOKEN", "")

    assert load_settings() == Settings(_env_file=None)


def test_every_wrong_variable_gets_a_line(monkeypatch):
    said = problem(monkeypatch, COPILOT_PORT="http", COPILOT_MODE="dry", COPILOT_BRIEF_DEADLINE_S="0")

    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "COPILOT_MODE",
        "COPILOT_PORT",
        "COPILOT_BRIEF_DEADLINE_S",
    ]


@pytest.mark.parametrize(
    "pattern", ["inc-{slug}", "inc-{nummer}", "inc-{", "{}", "{number.real.x}", "{number.numerator}{0}"]
)
def test_a_channel_pattern_that_cannot_name_channels_is_refused(monkeypatch, pattern):
    assert problem(monkeypatch, COPILOT_CHANNEL_PATTERN=pattern) == (
        "COPILOT_CHANNEL_PATTERN: use {number}, without which two incidents would share it, and {slug}; nothing else"
    )


def test_channels_may_be_written_with_their_sign(monkeypatch):
    monkeypatch.setenv("COPILOT_ANNOUNCE_CHANNEL", "#ops")

    assert load_settings().announce_channel == "ops"
    assert problem(monkeypatch, COPILOT_SHADOW_CHANNEL="#") == (
        "COPILOT_SHADOW_CHANNEL: name a channel, such as incidents"
    )


def test_watched_channels_are_names_with_commas_between(monkeypatch):
    monkeypatch.setenv("COPILOT_WATCHED_CHANNELS", "#alerts, alerts-db,")

    assert load_settings().watched_channels == ("alerts", "alerts-db")
    assert problem(monkeypatch, COPILOT_WATCHED_CHANNELS="alerts,#") == (
        "COPILOT_WATCHED_CHANNELS: name a channel, such as incidents"
    )


@pytest.mark.parametrize("name", ["COPILOT_PUBLIC_URL", "COPILOT_LLM_BASE_URL"])
def test_addresses_begin_with_their_scheme(monkeypatch, name):
    said = problem(monkeypatch, **{name: "copilot.example.net"})

    assert said == f"{name}: begin with https:// or http://"


def test_the_operators_have_one_mailbox(monkeypatch):
    said = problem(monkeypatch, COPILOT_OPERATOR_EMAIL="a@example.net, b@example.net")
    monkeypatch.setenv("COPILOT_OPERATOR_EMAIL", "oncall@example.net")

    assert said == "COPILOT_OPERATOR_EMAIL: write one address, such as oncall@example.net"
    assert load_settings().operator_email == "oncall@example.net"


def test_a_wrong_secret_is_not_repeated(monkeypatch):
    said = problem(monkeypatch, COPILOT_SLACK_BOT_TOKEN="xoxb-hidden", COPILOT_PORT="xoxb-hidden")

    assert "xoxb-hidden" not in said
    assert "xoxb-hidden" not in repr(Settings(_env_file=None, port=1, slack_bot_token="xoxb-hidden"))


@pytest.mark.parametrize(
    ("values", "endpoint"),
    [
        ({}, ""),
        ({"llm_model": "m"}, "api.openai.com"),
        ({"llm_model": "m", "llm_base_url": "http://user:pw@llm.internal:8080/v1"}, "llm.internal:8080"),
    ],
)
def test_the_ledger_names_the_models_host_and_no_password(values, endpoint):
    policy = policy_of(Settings(_env_file=None, **values))

    assert (policy.model_endpoint, policy.hide_addresses) == (endpoint, True)


def test_a_bridge_without_https_or_a_number_is_refused(monkeypatch):
    assert "begin with https://" in problem(monkeypatch, COPILOT_BRIDGE_URL="meet/{number}")
    assert "use {number}" in problem(monkeypatch, COPILOT_BRIDGE_URL="https://meet.example.net/all")


@pytest.mark.parametrize(("deadline_s", "longest_s"), [(20, 150), (300, 330)])
def test_a_job_may_take_longer_than_the_model_that_it_asks(deadline_s, longest_s):
    assert longest_job_s(Settings(_env_file=None, llm_deadline_s=deadline_s)) == longest_s
