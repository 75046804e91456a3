"""An e-mail is handed over once, under its id; what the server says or does not say is named honestly."""

import asyncio
import contextlib

import pytest

from incident_copilot.domain.effect import Mail
from incident_copilot.errors import ConfigError, OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.vendors.smtp import Smtp

MAIL = Mail(slot="mail:x", to=("ana@example.net", "ben@example.net"), subject="INC-1 é", text="checkout is down\n")
FROM = "Copilot <copilot@example.net>"


class Sink:
    """A mail server of a few verbs; `answers` replace what it says to a verb, None breaks the connection."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.letters = []
        self.heard = []
        self.port = 0

    async def serve(self, reader, writer):
        with contextlib.closing(writer):
            await self._say(writer, self.answers.get("HELLO", "220 ready"))
            while line := (await reader.readline()).decode().strip():
                verb = line.split()[0].upper()
                self.heard.append(line)
                said = self.answers.get(
                    verb, {"EHLO": "250-sink\r\n250 AUTH PLAIN", "DATA": "354 go on"}.get(verb, "250 ok")
                )
                if said is None:
                    return
                await self._say(writer, said)
                if said.startswith("354"):
                    self.letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                    if self.answers.get("END") == "break":
                        return
                    await self._say(writer, self.answers.get("END", "250 taken"))

    async def _say(self, writer, text):
        writer.write(text.encode() + b"\r\n")
        await writer.drain()


@contextlib.asynccontextmanager
async def sink(**answers):
    """Run a mail server while entered."""
    running = Sink(answers)
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    running.port = server.sockets[0].getsockname()[1]
    async with server:
        yield running


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
