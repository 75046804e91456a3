"""What a message of another bot says: the alerts of it, as webhooks say them. Pure; nothing is asked.

Legacy attachments: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
"""

import colorsys
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.ports import Delivery
from incident_copilot.slack.identity import Me
from incident_copilot.vendors import alert_fields, alert_text
from incident_copilot.vendors.alert_text import AlertText
from incident_copilot.vendors.fields import Fields

READ = frozenset({None, "bot_message", "file_share", "thread_broadcast"})
"""Subtypes in which bots say something themselves."""
_NAMED_COLOURS = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}
_HEX = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)
_LONGEST_SOURCE = 60


def is_of_another_bot(event: Mapping[str, Any], me: Me) -> bool:
    """Whether an event is a message of a bot, new or edited, and not one of the copilot's own."""
    if event.get("type") != "message":
        return False
    message = _message_of(event)
    is_ours = message.get("bot_id") == me.bot_id or message.get("user") == me.user_id
    return bool(message.get("bot_id")) and not is_ours and message.get("subtype") in READ


def read(event: Mapping[str, Any], me: Me, now: datetime) -> tuple[str, Delivery] | None:
    """Return the source and what it delivers, or None where the message tells of no alert.

    Raises:
        BadPayload: the message is not of Slack's shape; names the field.
    """
    message = Fields("slack", _message_of(event))
    told = _told(message)
    if not told:
        return None
    source = _source(message)
    channel, ts = str(event["channel"]), message.required("ts")
    is_edit = event.get("subtype") == "message_changed"
    delivery_id = f"slack:{channel}:{ts}" + (f":{event['ts']}" if is_edit else "")
    before = _told(Fields("slack", event.get("previous_message") or {})) if is_edit else []
    links = {"message": _permalink(me, channel, message)}
    alerts = []
    for one in told:
        was = _earlier(one, told, before)
        # An edit that changes nothing is the same state told again; one that does is newer than what it was.
        at = ts if not is_edit or (was and was.text.status is one.text.status) else str(event["ts"])
        key = was.text.key if was else one.text.key
        alerts.append(_alert(source, now, one, key=key, links=links, at=datetime.fromtimestamp(float(at), UTC)))
    return source, Delivery(alerts=tuple(alerts), delivery_id=delivery_id)


@dataclass(frozen=True)
class _Told:
    """One alert of a message, and what was beside its title."""

    text: AlertText
    title: str
    body: str
    severity: str | None = None
    link: str = ""


@dataclass(frozen=True)
class _Part:
    """An attachment, or the message itself: the lines that may be its title, and all it says."""

    titles: tuple[str, ...]
    body: str
    colour: str = ""
    link: str = ""

    def told(self, *, by_colour: bool) -> _Told | None:
        hint, severity = _meaning(self.colour) if by_colour else (None, None)
        for title in self.titles:
            if found := alert_text.read(title, self.body, hint):
                return _Told(found, alert_text.plain(title), self.body, severity or _meaning(self.colour)[1], self.link)
        return None


def _message_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    found = event.get("message") if event.get("subtype") == "message_changed" else event
    return found if isinstance(found, Mapping) else {}


def _told(message: Fields) -> list[_Told]:
    """Each attachment may tell of an alert, else the message does; colours count only where no words do."""
    attachments = [_attachment(one) for one in message.each("attachments")]
    lines = _flat([*message.text("text").splitlines(), *_lines(message)])
    colour = next((part.colour for part in attachments if part.colour), "")
    bodies = "\n".join([*lines, *(part.body for part in attachments)])
    whole = _Part(tuple(lines[:2]), bodies, colour, next((part.link for part in attachments if part.link), ""))
    if any(alert_text.is_mute(title) for part in (*attachments, whole) for title in part.titles):
        return []
    for by_colour in (False, True):
        for parts in (attachments, [whole]):
            if found := [told for part in parts if (told := part.told(by_colour=by_colour))]:
                return found
    return []


def _attachment(sent: Fields) -> _Part:
    text = _flat([*sent.text("text").splitlines(), *_lines(sent)])
    named = [f"{one.text('title')}: {one.text('value')}" for one in sent.each("fields")]
    titles = (sent.text("title"), sent.text("pretext"), *text[:1], sent.text("fallback"))
    return _Part(
        titles=tuple(title for title in titles if title and not title.startswith("[no preview")),
        body="\n".join([*text, *_flat(named)]),
        colour=sent.text("color"),
        link=sent.first("title_link", "from_url"),
    )


def _lines(sent: Fields) -> list[str]:
    """The texts of blocks, a line each; a field's name and value are on one."""
    return [line for block in sent.each("blocks") for line in _block(block)]


def _block(block: Fields) -> Iterator[str]:
    match block.text("type"):
        case "header" | "section":
            yield from block.text("text.text").splitlines()
            for one in block.each("fields"):
                name, _, value = one.text("text").partition("\n")
                yield f"{name.strip('*: ')}: {value}" if value else name
        case "context":
            yield " ".join(one.text("text") for one in block.each("elements") if one.text("type") != "image")
        case "rich_text":
            for section in block.each("elements"):
                yield "".join(one.first("text", "url") for one in section.each("elements"))


def _flat(lines: list[str]) -> list[str]:
    return [line for line in map(alert_text.plain, lines) if line]


def _meaning(colour: str) -> tuple[AlertStatus | None, str | None]:
    """Return status and severity that a colour stands for: green, yellow or red; others mean nothing."""
    found = _HEX.fullmatch(_NAMED_COLOURS.get(colour.lower(), colour))
    if found is None:
        return None, None
    red, green, blue = (value / 255 for value in bytes.fromhex(found.group(1)))
    hue, saturation, brightness = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < 0.25 or brightness < 0.2:
        return None, None
    if 80 <= hue * 360 <= 170:
        return AlertStatus.RESOLVED, None
    if 25 <= hue * 360 < 65:
        return AlertStatus.FIRING, "warning"
    return (AlertStatus.FIRING, None) if hue * 360 < 25 or hue * 360 >= 335 else (None, None)


def _earlier(one: _Told, told: list[_Told], before: list[_Told]) -> _Told | None:
    """Return what this alert was before the edit; the only one of a message stays itself under another title."""
    if len(told) == len(before) == 1:
        return before[0]
    return next((was for was in before if was.text.key == one.text.key), None)


def _alert(source: str, now: datetime, one: _Told, *, key: str, links: dict[str, str], at: datetime) -> Alert:
    return alert_fields.alert(
        source,
        now,
        key=key,
        name=one.text.name,
        status=one.text.status,
        severity=one.text.severity or one.severity,
        service=one.text.service,
        environment=one.text.environment,
        summary=one.title,
        description=one.body,
        labels=one.text.labels,
        links=links | {"source": one.link},
        starts_at=at,
        ends_at=at if one.text.status is AlertStatus.RESOLVED else None,
    )


def _source(message: Fields) -> str:
    name = message.first("username", "bot_profile.name", "bot_id")
    return f"slack-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') or 'bot'}"[:_LONGEST_SOURCE]


def _permalink(me: Me, channel: str, message: Fields) -> str:
    ts, thread = message.text("ts"), message.text("thread_ts")
    link = f"{me.url}archives/{channel}/p{ts.replace('.', '')}" if me.url else ""
    return f"{link}?thread_ts={thread}&cid={channel}" if link and thread and thread != ts else link
