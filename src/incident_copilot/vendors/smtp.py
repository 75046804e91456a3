"""SMTP: hands one e-mail to a mail server, within a deadline, and says honestly whether it was taken."""

import asyncio
import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from incident_copilot.domain.effect import Mail
from incident_copilot.domain.visible import visible
from incident_copilot.errors import ConfigError, OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.vendors import departing

DEADLINE_S = 8.0
"""Shorter than the outbox's, so that the thread has ended when the outbox gives up."""
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True)
class Smtp:
    """Implements `ports.Mailer` with a server named by a URL."""

    url: str
    sender: str
    deadline_s: float = DEADLINE_S

    def __post_init__(self) -> None:
        """Check the URL, so that a wrong one is found at the start and not in an outage.

        Raises:
            ConfigError: it names no mail server.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ConfigError(
                "COPILOT_SMTP_URL: use smtp+starttls://user:password@mail.example.net, smtps:// or smtp://"
            )
        if "@" not in parseaddr(self.sender)[1]:
            raise ConfigError("COPILOT_EMAIL_FROM: name the sender's address, such as copilot@example.net")

    async def send(self, mail_id: str, mail: Mail) -> None:
        """Hand one e-mail over; see `ports.Mailer`."""
        await departing.noted()
        await asyncio.to_thread(self._send, self._message(mail_id, mail))

    async def check(self) -> None:
        """Log in and hand nothing over. Raises VendorUnavailable, VendorRefused."""
        await asyncio.to_thread(self._send, None)

    def _message(self, mail_id: str, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = ", ".join(mail.to)
        message["Subject"] = " ".join(visible(mail.subject).split())  # it may be an alert's name
        message["Message-ID"] = f"<{mail_id}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message

    def _send(self, message: EmailMessage | None) -> None:
        parts = urlsplit(self.url)
        where = f"mail server {parts.hostname}"
        try:
            # Closed without a QUIT: what is answered to that must not be taken for the answer to the e-mail.
            with contextlib.closing(self._connected(parts.hostname or "", parts.port or PORTS[parts.scheme])) as server:
                if parts.scheme == "smtp+starttls":
                    server.starttls(context=ssl.create_default_context())
                server.ehlo_or_helo_if_needed()
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                if message is not None:
                    self._hand_over(server, message, where)
        except smtplib.SMTPResponseException as error:
            raise _answered(where, error) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise VendorRefused(f"{where} takes no mail for {', '.join(error.recipients)}", 550) from error
        except (OSError, smtplib.SMTPException) as error:
            raise VendorUnavailable(f"{where}: {type(error).__name__}") from error

    def _connected(self, host: str, port: int) -> smtplib.SMTP:
        if self.url.startswith("smtps:"):
            return smtplib.SMTP_SSL(host, port, timeout=self.deadline_s, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=self.deadline_s)

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, where: str) -> None:
        """From here on a lost answer says nothing about whether it was taken."""
        try:
            server.send_message(message)
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
            raise OutcomeUnknown(f"{where} did not confirm: {type(error).__name__}") from error


def _answered(where: str, error: smtplib.SMTPResponseException) -> VendorUnavailable | VendorRefused:
    said = f"{where}: {error.smtp_code}"
    return VendorUnavailable(said) if 400 <= error.smtp_code < 500 else VendorRefused(said, error.smtp_code)
