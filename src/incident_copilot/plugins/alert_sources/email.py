"""Takes alerts that monitoring systems send by e-mail, through Postmark, Mailgun, SendGrid or your own mail server.

Set-up: 1. Choose the address that your monitoring systems write to, and who receives it for you.
2. Postmark: Servers > Default Inbound Stream > Settings > Webhook:
`https://copilot:SECRET@copilot.example.net/webhooks/email`.
3. Mailgun: Receive > Create route > Match recipient, Forward: `https://copilot.example.net/webhooks/email`; the secret
is the HTTP webhook signing key of Settings > API security.
4. SendGrid: Settings > Inbound Parse > Add Host & URL: `https://copilot:SECRET@copilot.example.net/webhooks/email`.
5. A mail server: pipe the message to `curl -H "Authorization: Bearer SECRET" -H "Content-Type: message/rfc822"
--data-binary @- https://copilot.example.net/webhooks/email`.
6. Anybody can write to an address, under any name. List the monitoring systems in the option `senders`, and have the
mail service refuse what fails SPF and DKIM.

API: https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, alert_text, inbound_mail, signatures, times
from incident_copilot.vendors.alert_text import AlertText
from incident_copilot.vendors.bodies import cut
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.inbound_mail import InboundMail
from incident_copilot.vendors.secrets import Secrets

OLDEST_SIGNED = timedelta(hours=9)
"""Mailgun repeats for eight hours what it could not deliver."""
_HEADER = re.compile(rb"(?:From |[!-9;-~]+:)")
_REPLY = re.compile(r"(?:re|aw|sv|antw|odp)\s*:", re.IGNORECASE)

Sender = Annotated[str, Field(pattern=r"^[^@\s]*@[^@\s]+\.[^@\s]+$")]


class Options(Frozen):
    """Who may write: addresses such as alerts@example.net, or @example.net for all of a domain; empty for anybody."""

    senders: tuple[Sender, ...] = ()


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Email(env, options)


class Email:
    """One address; its secret is a password or token, or Mailgun's signing key, or both with a comma between."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "email")
        self._senders = tuple(sender.lower() for sender in options.senders)

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept bearer token, basic auth, `?token=` in the address, or Mailgun's signature in the form."""
        try:
            self._secrets.require_authorization(headers, or_token=True)
        except Unauthenticated:
            fields = {} if _is_json(body) or _HEADER.match(body) else inbound_mail.form(body)
            if "signature" not in fields:
                raise
            self._require_mailgun(fields)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the alert of one e-mail, whose Message-ID makes the delivery; the body's beginning says its format."""
        del headers
        mail = self._mail(body)
        if self._senders and not mail.sender.endswith(self._listed(mail.sender)):
            return Delivery(ignored="an e-mail of a sender who is not listed")
        if _REPLY.match(mail.subject) or mail.auto_submitted.startswith("auto-replied"):
            return Delivery(ignored="a reply")
        told = alert_text.read(mail.subject, mail.text)
        if told is None and alert_text.is_mute(mail.subject):
            return Delivery(ignored="an e-mail that is no alert")
        if told is None:
            return Delivery(unknown=f"an e-mail whose subject is no alert: {cut(mail.subject, 100)}")
        return Delivery(alerts=(self._alert(mail, told),), delivery_id=mail.message_id or None)

    def _mail(self, body: bytes) -> InboundMail:
        if _is_json(body):
            mail = _postmark(Fields.of(self._secrets.source, body))
        elif _HEADER.match(body):
            mail = inbound_mail.of_message(body)
        else:
            mail = _of_form(inbound_mail.form(body))
        if not mail.subject and not mail.sender:
            raise BadPayload(self._secrets.source, "the body is no e-mail: it has neither sender nor subject")
        return mail

    def _alert(self, mail: InboundMail, told: AlertText) -> Alert:
        at = times.read(mail.date)
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            # Two systems may call two problems by one name.
            key=f"{mail.sender} {told.key}",
            name=told.name,
            status=told.status,
            severity=told.severity,
            service=told.service,
            environment=told.environment,
            summary=mail.subject,
            description=mail.text,
            labels=told.labels | ({"from": mail.sender} if mail.sender else {}),
            # Links are left out: anybody can write one into an e-mail.
            starts_at=at,
            ends_at=at if told.status is AlertStatus.RESOLVED else None,
        )

    def _listed(self, sender: str) -> tuple[str, ...]:
        return tuple(one for one in self._senders if one.startswith("@") or one == sender)

    def _require_mailgun(self, fields: Mapping[str, str]) -> None:
        stamp, token = fields.get("timestamp", ""), fields.get("token", "")
        signed = f"{stamp}{token}".encode("utf-8", "replace")
        signatures.require_sha256(self._secrets.source, fields["signature"], signed, self._secrets.texts)
        if _is_old(times.read(stamp), self._now()):
            raise Unauthenticated(f"{self._secrets.source}: the request was signed at another time")


def _is_old(signed_at: datetime | None, now: datetime) -> bool:
    return signed_at is None or not -signatures.TOLERANCE <= now - signed_at <= OLDEST_SIGNED


def _is_json(body: bytes) -> bool:
    return body.lstrip()[:1] == b"{"


def _postmark(sent: Fields) -> InboundMail:
    headers = {header.text("Name").lower(): header.text("Value") for header in reversed(sent.each("Headers"))}
    return InboundMail.of(
        sent.first("FromFull.Email", "From"),
        sent.text("Subject"),
        text=sent.text("TextBody"),
        markup=sent.text("HtmlBody"),
        # Postmark's own id makes the delivery where the e-mail has none.
        headers={"message-id": sent.text("MessageID"), "date": sent.text("Date")} | headers,
    )


def _of_form(sent: Mapping[str, str]) -> InboundMail:
    """Mailgun's and SendGrid's fields, or the whole message in one of them."""
    whole = sent.get("body-mime") or sent.get("email")
    if whole and _HEADER.match(whole.lstrip().encode()):
        return inbound_mail.of_message(whole.encode())
    own = {name.lower(): value for name, value in sent.items() if name.lower() in ("message-id", "date")}
    return InboundMail.of(
        sent.get("from") or sent.get("sender", ""),
        sent.get("subject", ""),
        text=sent.get("body-plain") or sent.get("text", ""),
        markup=sent.get("body-html") or sent.get("html", ""),
        headers=inbound_mail.headers_of(sent.get("headers", "")) | own,
    )
