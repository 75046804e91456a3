"""Updates by e-mail, to a real mail server of a few verbs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.errors import ConfigError, OutcomeUnknown, VendorUnavailable
from incident_copilot.plugins.comms_channels.email import Options, create
from smtp_sink import sink

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)

OPTIONS = Options(audience="management", sender="copilot@example.net", to=("bosses@example.net",))


def channel(env, port):
    return create(replace(env, secret=f"smtp://127.0.0.1:{port}"), OPTIONS)


async def test_update_correction_and_retraction_are_e_mails(env, update, fixture):
    async with sink() as server:
        mail = channel(env, server.port)
        receipt = await mail.publish(update())
        await mail.correct(update(key="0193-1", text="Little mail is late."))
        await mail.retract(update(key="0192-retract"))
        await mail.check()

    expected = fixture("email_update")
    subjects = [line for letter in server.letters for line in letter.split("\r\n") if line.startswith("Subject:")]
    assert subjects == [f"Subject: {head}{expected['subject']}" for head in ("", "Correction: ", "Withdrawn: ")]
    assert "To: bosses@example.net" in server.letters[0]
    assert expected["text"] in server.letters[0]
    assert "Message-ID: <0192-1@example.net>" in server.letters[0]
    assert (receipt.ref, mail.name) == ({"mail": "0192-1"}, "E-mail to bosses@example.net")


async def test_lost_answer_is_unknown_and_a_second_copy_does_no_harm(env, update):
    async with sink(END="break") as server:
        mail = channel(env, server.port)
        with pytest.raises(OutcomeUnknown):
            await mail.publish(update())

    assert (mail.retry, await mail.find(update(), NOW), await mail.state({})) == ("keyed", None, None)


async def test_check_says_when_nobody_is_there(env, unused_tcp_port):
    with pytest.raises(VendorUnavailable, match=r"mail server 127\.0\.0\.1"):
        await channel(env, unused_tcp_port).check()


async def test_preview_is_the_e_mail(env, update):
    assert await channel(env, 25).preview(update()) == (
        "To: bosses@example.net\nSubject: Trouble with Mail (investigating)\n\nSome mail is late."
    )


def test_channel_without_a_server_is_refused(env):
    with pytest.raises(ConfigError, match="email: name the variable of the mail server's URL in secret_env"):
        create(replace(env, secret=None), OPTIONS)
