"""Takes reports by people: from a form of yours, from Zendesk, and from Intercom; a report's topic names the alert.

Set-up: for a form, post `topic` and, if you like, `text`, `priority`, `service`, `environment`, `link`, `status` and
`id`, as a form or JSON, to `https://copilot.example.net/webhooks/user_reports` with the header `Authorization: Bearer
SECRET`. For Zendesk: 1. Set the option `sender: zendesk`. 2. In Admin Center, open Apps and integrations, Webhooks, and
create one for ticket events (ticket created, status changed, priority changed) with the address above. 3. Put its
signing secret into the variable of `secret_env`. For Intercom: 1. Set the option `sender: intercom`. 2. In the
Developer Hub, open your app, Webhooks, paste the address, and choose conversation.user.created,
conversation.admin.closed, ticket.created and ticket.state.updated. 3. The secret is the app's client secret.

API: https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
"""

import html
import re
from collections.abc import Mapping
from typing import Literal

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, signatures
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_OVER = frozenset({"solved", "closed", "resolved", "done", "deleted"})
_TAG = re.compile(r"<[^>]{0,1000}>")
_ZENDESK = "zen:event-type:"
_ZENDESK_SAYS = frozenset({"ticket.created", "ticket.status_changed", "ticket.priority_changed"})
_INTERCOM_SAYS = {
    "conversation.user.created": AlertStatus.FIRING,
    "conversation.admin.opened": AlertStatus.FIRING,
    "conversation.priority.updated": AlertStatus.FIRING,
    "ticket.created": AlertStatus.FIRING,
    "conversation.admin.closed": AlertStatus.RESOLVED,
    "conversation.deleted": AlertStatus.RESOLVED,
    "ticket.closed": AlertStatus.RESOLVED,
}
_LONGEST_TOPIC = 120


class Options(Frozen):
    """Who sends the reports; give each sender an entry of its own."""

    sender: Literal["form", "zendesk", "intercom"] = "form"


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return UserReports(env, options)


class UserReports:
    """One place where people report what does not work for them."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now, self._sender = env.now, options.sender
        self._secrets = Secrets(env, "user_reports")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature of Zendesk or Intercom; of a form accept a bearer token or the token of the address."""
        source, secrets = self._secrets.source, self._secrets.texts
        if self._sender == "zendesk":
            signed = headers.get("x-zendesk-webhook-signature-timestamp", "").encode() + body
            given = headers.get("x-zendesk-webhook-signature", "")
            signatures.require_sha256(source, given, signed, secrets, in_base64=True)
        elif self._sender == "intercom":
            signatures.require_intercom(headers, body, secrets)
        else:
            self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one report of a body, under the sender's delivery id where it has one."""
        source = self._secrets.source
        if self._sender == "zendesk":
            return self._zendesk(Fields.of(source, body), headers)
        if self._sender == "intercom":
            return self._intercom(Fields.of(source, body))
        is_json = body.lstrip().startswith(b"{")
        return self._form(Fields.of(source, body) if is_json else Fields.of_form(source, body))

    def _form(self, sent: Fields) -> Delivery:
        topic = sent.first("topic", "subject", "title") or sent.required("topic")
        status = AlertStatus.RESOLVED if sent.text("status").lower() in _OVER else AlertStatus.FIRING
        # Without an id all reports of one topic on one service are the same problem.
        key = sent.text("id") or f"{topic.lower()}|{sent.text('service')}"
        return self._told(sent, status, key=key, topic=topic, text=sent.text("text"), link="link")

    def _zendesk(self, sent: Fields, headers: Mapping[str, str]) -> Delivery:
        kind = sent.text("type").removeprefix(_ZENDESK)
        if not kind.startswith("ticket."):
            return Delivery(unknown=kind or "a body without a type")
        if kind not in _ZENDESK_SAYS:
            return Delivery(ignored=kind)
        ticket = sent.at("detail")
        status = AlertStatus.RESOLVED if ticket.text("status").lower() in _OVER else AlertStatus.FIRING
        told = self._told(
            ticket,
            status,
            key=ticket.required("id"),
            topic=ticket.first("subject", "description") or f"Ticket {ticket.text('id')}",
            text=ticket.text("description"),
            link="url",
        )
        called = headers.get("x-zendesk-webhook-invocation-id", "")
        return told.model_copy(update={"delivery_id": sent.text("id") or called or None})

    def _intercom(self, sent: Fields) -> Delivery:
        kind = sent.required("topic")
        if kind == "ping" or kind.startswith(("contact.", "user.", "admin.", "company.", "visitor.")):
            return Delivery(ignored=kind)
        item = sent.at("data.item")
        is_about = item.text("type") in {"conversation", "ticket"}
        status = _INTERCOM_SAYS.get(kind)
        if kind == "ticket.state.updated":
            state = item.first("ticket_state.category", "ticket_state")
            status = AlertStatus.RESOLVED if state.lower() in _OVER else AlertStatus.FIRING
        if status is None:
            return Delivery(ignored=kind) if is_about else Delivery(unknown=kind)
        topic = item.first("title", "ticket_attributes._default_title_", "source.subject", "source.body")
        told = self._told(
            item,
            status,
            key=item.required("id"),
            topic=_plain(topic) or f"Conversation {item.text('id')}",
            text=_plain(item.text("source.body")),
            link="links.conversation_web",
        )
        return told.model_copy(update={"delivery_id": sent.text("id") or None})

    def _told(self, report: Fields, status: AlertStatus, *, key: str, topic: str, text: str, link: str) -> Delivery:
        labels = alert_fields.tagged(_tags(report))
        priority = report.text("priority").lower()
        found = alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=key,
            name=" ".join(topic.split())[:_LONGEST_TOPIC],
            status=status,
            severity=None if priority in {"none", "not_priority"} else report.text("priority"),
            service=report.text("service") or alert_fields.service_in(labels),
            environment=report.text("environment"),
            summary="Reported by a person",
            description=text,
            labels=labels,
            links={"report": report.text(link)},
            starts_at=report.time("created_at"),
            ends_at=report.time("updated_at") if status is AlertStatus.RESOLVED else None,
        )
        return Delivery(alerts=(found,))


def _plain(text: str) -> str:
    """Return a text without the HTML that Intercom puts around it."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def _tags(report: Fields) -> tuple[str, ...]:
    """Return tags: a list of texts, a text with commas or blanks, or Intercom's list of objects."""
    if isinstance(report.raw("tags"), Mapping):
        return tuple(tag.text("name") for tag in report.each("tags.tags"))
    return report.listed("tags")
