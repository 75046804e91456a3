"""`channel test`, as typed: whom it tells, whether it answers, what it would be sent."""

import asyncio
import json

import pytest

from environment import own_environment
from incident_copilot.doctor import examine
from smtp_sink import sink
from test_cli_context import configured
from test_cli_sources import typed
from whole import settings_for, workspace

__all__ = ["configured", "own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")

MAIL = {
    "plugin": "email",
    "secret_env": "COPILOT_MAIL",
    "options": {"audience": "management", "sender": "copilot@example.net", "to": ["bosses@example.net"]},
}
SLACK = {"plugin": "slack", "name": "status-de", "options": {"audience": ["customers"], "channel": "#status-de"}}
FILE = json.dumps({"comms_channels": [MAIL, SLACK]})


async def test_channel_that_answers_shows_what_it_would_be_sent(typed, configured, monkeypatch):
    async with sink() as server:
        monkeypatch.setenv("COPILOT_MAIL", f"smtp://127.0.0.1:{server.port}")
        configured(FILE)
        code, out, _ = await asyncio.to_thread(typed, "channel", "test", "email")

    assert (code, server.letters) == (0, [])
    assert out == (
        "E-mail to bosses@example.net, for management\n"
        "It answers and takes its secret.\n"
        "The first update of an incident would be:\n"
        "To: bosses@example.net\n"
        "Subject: Trouble with our service (investigating)\n"
        "\n"
        "We are looking into it.\n"
        "Nothing was published.\n"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("email", "mail server 127.0.0.1: ConnectionRefusedError"),
        ("status-de", "The chat posts in #status-de; `incident-copilot doctor` checks the chat."),
    ],
)
def test_channel_that_does_not_answer_or_is_of_the_chat_says_so(typed, configured, monkeypatch, name, said):
    monkeypatch.setenv("COPILOT_MAIL", "smtp://127.0.0.1:1")
    configured(FILE)

    assert typed("channel", "test", name)[1].splitlines()[1].startswith(said)


def test_channel_that_is_not_there_is_one_clear_line(typed, configured):
    configured(json.dumps({"comms_channels": [SLACK]}))

    code, _, error = typed("channel", "test", "page")

    assert (code, error.startswith("there is no channel page in ")) == (1, True)
    assert error.endswith("; it has: status-de\n")


async def test_doctor_looks_at_channels(tmp_path, monkeypatch, configured):
    monkeypatch.setenv("COPILOT_MAIL", "smtp://127.0.0.1:1")
    async with workspace(tmp_path) as whole:
        configured(FILE)
        found = await examine(settings_for(whole).model_copy(update={"config_file": tmp_path / "copilot.yaml"}))

    said = {one.what: (one.is_well, one.said) for one in found}
    assert said["comms channel email"] == (False, "mail server 127.0.0.1: ConnectionRefusedError")
