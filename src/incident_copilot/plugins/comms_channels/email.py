"""Sends updates by e-mail, best to a mailing list: everybody in `to` sees the others.

1. The secret is the mail server's address with user and password, as in COPILOT_SMTP_URL, which `secret_env` may name.
2. `sender` is who it is from, `to` who it is for. A correction or retraction is another e-mail that says so.

API: https://www.rfc-editor.org/rfc/rfc5321
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from incident_copilot.domain.catalog import MAILBOX
from incident_copilot.domain.effect import Mail
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.errors import ConfigError
from incident_copilot.ports import CommsChannel, PluginEnv, Receipt
from incident_copilot.vendors.smtp import Smtp
from incident_copilot.vendors.telling import ChannelOptions


class Options(ChannelOptions):
    """From whom to whom."""

    sender: str = Field(pattern=MAILBOX)
    to: tuple[Annotated[str, Field(pattern=MAILBOX)], ...] = Field(min_length=1, max_length=20)


def create(env: PluginEnv, options: Options) -> CommsChannel:
    """Return the channel. Raises ConfigError without the address of a mail server."""
    return Email(env, options)


class Email:
    """Some mailboxes; mail systems drop or fold a second copy under the same Message-ID."""

    retry = "keyed"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        if not env.secret:
            raise ConfigError(f"{env.instance or 'email'}: name the variable of the mail server's URL in secret_env")
        self.name = f"E-mail to {', '.join(options.to)}"
        self.audiences: frozenset[Audience] = frozenset(options.audience)
        self._smtp = Smtp(env.secret, options.sender)
        self._options = options

    async def preview(self, update: Update) -> str:
        """Return the e-mail."""
        mail = self._mail(update, "")
        return f"To: {', '.join(mail.to)}\nSubject: {mail.subject}\n\n{mail.text}"

    async def publish(self, update: Update) -> Receipt:
        """Send it. Raises as `ports.CommsChannel` says."""
        return await self._send(update, "", "")

    async def correct(self, update: Update) -> Receipt:
        """Send the correction."""
        return await self._send(update, "Correction: ", "-correction")

    async def retract(self, update: Update) -> Receipt:
        """Send that the last one is taken back."""
        return await self._send(update, "Withdrawn: ", "-withdrawn")

    async def find(self, update: Update, since: datetime) -> Receipt | None:
        """Return None: mailboxes cannot be looked into, and a second copy is folded into the first."""
        del update, since
        return None

    async def state(self, ref: Mapping[str, str]) -> PublicState | None:
        """Return None: an e-mail that was read is not written anew."""
        del ref
        return None

    async def check(self) -> None:
        """Log in at the mail server. Raises VendorError."""
        await self._smtp.check()

    async def _send(self, update: Update, head: str, tail: str) -> Receipt:
        await self._smtp.send(f"{update.key}{tail}", self._mail(update, head))
        return Receipt(ref={"mail": update.key})

    def _mail(self, update: Update, head: str) -> Mail:
        subject = f"{head}{update.name} ({update.state})"
        return Mail(slot=f"update:{update.key}", to=self._options.to, subject=subject, text=update.text)
