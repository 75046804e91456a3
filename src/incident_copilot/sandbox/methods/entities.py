"""chat.unfurl and entity.presentDetails: links that show what they lead to, in the message and in the side pane."""

from incident_copilot.sandbox.conformance.entities import entity_problems
from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.wire import Json, Refused

ERRORS = ("restricted", "internal_error", "not_found", "custom", "custom_partial_view", "timeout", "edit_error")


def _unfurl(call: Call) -> Json:
    message = call.joined().message(call.text("ts"))
    metadata = call.json("metadata", "invalid_metadata_format") or {}
    entities = metadata.get("entities") if isinstance(metadata, dict) else None
    if not isinstance(entities, list) or not entities:
        raise Refused("missing_unfurls", "the sandbox takes entities only")
    problems = [found for one in entities for found in entity_problems(one, "/metadata/entities")]
    if problems:
        raise Refused("invalid_metadata_format", "; ".join(map(str, problems)))
    for entity in entities:
        posted = str(entity.get("app_unfurl_url"))
        if posted not in message.text:
            raise Refused("cannot_unfurl_url", f"{posted} is not in the message")
    others = [one for one in message.attachments if one.get("from_url") not in [e["app_unfurl_url"] for e in entities]]
    message.attachments = [*others, *map(_attachment, entities)]
    call.workspace.changes.announce()
    return {}


def _present(call: Call) -> Json:
    metadata, error = call.json("metadata", "invalid_metadata"), call.json("error", "invalid_arguments")
    if (metadata is None) == (error is None):
        raise Refused("missing_metadata", "either metadata or an error")
    if error is not None and error.get("status") not in ERRORS:
        raise Refused("invalid_arguments", f"error status {error.get('status')}")
    problems = entity_problems(metadata) if metadata is not None else []
    if problems:
        raise Refused("invalid_metadata", "; ".join(map(str, problems)))
    user = call.workspace.views.redeem(call.text("trigger_id"))
    asked = call.workspace.agent.asked_details.get(user)
    if metadata is not None and asked != metadata["external_ref"]["id"]:
        raise Refused("entity_metadata_does_not_match_trigger", f"{asked} was asked for")
    call.workspace.agent.details[user] = metadata or error
    call.workspace.changes.announce()
    return {}


def _attachment(entity: Json) -> Json:
    """As history carries an unfurl; the words are what the page shows of it."""
    payload = entity["entity_payload"]
    fields = [f"*{name.replace('_', ' ')}* {_value(one)}" for name, one in payload.get("fields", {}).items()]
    text = " · ".join([f"*{payload['attributes']['title']['text']}*", *fields])
    return {"from_url": entity["app_unfurl_url"], "entity": entity, "text": text, "fallback": text}


def _value(field: Json) -> str:
    user = field.get("user", {}).get("user_id")
    return f"<@{user}>" if user else str(field.get("value", ""))


METHODS = (
    method("chat.unfurl", _unfurl, "channel ts metadata", "source unfurl_id unfurls", "links:write"),
    method("entity.presentDetails", _present, "trigger_id", "metadata error user_auth_required user_auth_url",
           per_minute=100),
)  # fmt: skip
