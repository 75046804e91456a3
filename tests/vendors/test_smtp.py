"""An e-mail is handed over once, under its id; what the server says or does not say is named honestly."""

import pytest

from incident_copilot.domain.effect import Mail
from incident_copilot.errors import ConfigError, OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.vendors.smtp import Smtp
from smtp_sink import sink

MAIL = Mail(slot="mail:x", to=("ana@example.net", "ben@example.net"), subject="INC-1 é", text="checkout is down\n")
FROM = "Copilot <copilot@example.net>"


async def test_mail_is_handed_over_under_its_id():
    async with sink() as server:
        await Smtp(f"smtp://127.0.0.1:{server.port}", FROM).send("01a2", MAIL)
    [letter] = server.letters

    assert "Message-ID: <01a2@example.net>\r\n" in letter
    assert "To: ana@example.net, ben@example.net\r\n" in letter
    assert "Subject: INC-1 =?utf-8?" in letter
    assert "checkout is down\r\n" in letter


async def test_user_and_password_of_the_url_are_given():
    async with sink(AUTH="235 welcome") as server:
        await Smtp(f"smtp://ana:p%40ss@127.0.0.1:{server.port}", FROM).send("01a2", MAIL)

    assert any(line.startswith("AUTH PLAIN AGFuYQBwQHNz") for line in server.heard)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"HELLO": "421 busy"}, VendorUnavailable),
        ({"MAIL": "451 later"}, VendorUnavailable),
        ({"MAIL": "550 never"}, VendorRefused),
        ({"RCPT": "550 no such mailbox"}, VendorRefused),
        ({"END": "452 full"}, VendorUnavailable),
        ({"END": "554 refused"}, VendorRefused),
        ({"END": "break"}, OutcomeUnknown),
        ({"EHLO": None}, VendorUnavailable),
    ],
)
async def test_what_the_server_says_decides_what_is_done(answers, error):
    async with sink(**answers) as server:
        with pytest.raises(error, match=r"mail server 127\.0\.0\.1"):
            await Smtp(f"smtp://127.0.0.1:{server.port}", FROM).send("01a2", MAIL)


async def test_server_that_is_away_is_unavailable(unused_tcp_port):
    for scheme in ("smtp", "smtps", "smtp+starttls"):
        with pytest.raises(VendorUnavailable):
            await Smtp(f"{scheme}://127.0.0.1:{unused_tcp_port}", FROM).send("01a2", MAIL)


async def test_server_without_the_encryption_that_is_asked_for_gets_nothing():
    async with sink() as server:
        with pytest.raises(VendorUnavailable):
            await Smtp(f"smtp+starttls://127.0.0.1:{server.port}", FROM).send("01a2", MAIL)

    assert server.letters == []


@pytest.mark.parametrize(
    ("url", "sender", "variable"),
    [
        ("mail.example.net", FROM, "COPILOT_SMTP_URL"),
        ("http://mail.example.net", FROM, "COPILOT_SMTP_URL"),
        ("smtp://mail.example.net", "", "COPILOT_EMAIL_FROM"),
        ("smtp://mail.example.net", "nobody", "COPILOT_EMAIL_FROM"),
    ],
)
def test_wrong_setting_is_named(url, sender, variable):
    with pytest.raises(ConfigError, match=variable):
        Smtp(url, sender)
