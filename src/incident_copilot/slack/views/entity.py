"""An incident as Slack's own Work Object: what a link to it shows in a message, and more of it in the side pane.

https://docs.slack.dev/messaging/work-objects-overview
"""

from typing import Any

from incident_copilot.domain.content import Card
from incident_copilot.domain.incident import Incident
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import words

TYPE = "slack#/entities/incident"
Entity = dict[str, Any]


def entity(shown: Card, url: str, posted: str | None = None) -> Entity:
    """Return the object of an incident; `url` is its page, `posted` the address that somebody wrote of it."""
    incident = shown.incident
    made: Entity = {
        "entity_type": TYPE,
        "url": url,
        "external_ref": {"id": incident.id, "type": "incident"},
        "entity_payload": {
            "attributes": {
                "title": {"text": inert.bare(words.title(incident), 250)},
                "display_type": "Incident",
                "display_id": incident.label,
                "product_name": "incident-copilot",
                "metadata_last_modified": int(shown.now.timestamp()),
            },
            "fields": _fields(shown),
            "custom_fields": _more(shown),
            "display_order": ["status", "priority", "service", "assigned_to", "alerts", "date_created"],
        },
    }
    return made | ({"app_unfurl_url": posted} if posted else {})


def not_found() -> dict[str, Any]:
    """Return what the side pane says of an incident that is not there, or not for this person."""
    return {"status": "not_found"}


def _fields(shown: Card) -> Entity:
    incident = shown.incident
    fields: Entity = {
        "status": {"value": words.status(incident)},
        "priority": {"value": words.severity(incident.severity)},
        "date_created": {"value": int(incident.started_at.timestamp())},
    }
    if incident.service:
        fields["service"] = {"value": inert.bare(incident.service, 200)}
    owner = _person(incident.commander or incident.acknowledged_by)
    if owner:
        fields["assigned_to"] = owner
    if declared := _person(incident.declared_by):
        fields["created_by"] = declared
    if shown.suspect:
        fields["description"] = {"value": f"Suspect: {inert.bare(shown.suspect, 500)}", "long": True}
    return fields


def _more(shown: Card) -> list[Entity]:
    counted = f"{shown.firing} firing, {shown.resolved} resolved"
    more = [{"label": "Alerts", "key": "alerts", "type": "string", "value": counted}]
    if shown.priority:
        order = {"label": "Look at it", "key": "order", "type": "string", "value": inert.bare(shown.priority.text, 250)}
        more.append(order)
    return [*more, *_place(shown.incident)]


def _place(incident: Incident) -> list[Entity]:
    if not incident.channel_id:
        return []
    return [{"label": "Channel", "key": "channel", "type": "slack#/types/channel_id", "value": incident.channel_id}]


def _person(who: str | None) -> Entity | None:
    known = inert.chat_id(who) if who else None
    return {"type": "slack#/types/user", "user": {"user_id": known}} if known else None
