"""Work Objects in the sandbox: what Slack would refuse of entities, and of those who show them."""

import copy

import pytest

from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.conformance.entities import entity_problems

LINK = "https://app.example/1"
ENTITY = {
    "entity_type": "slack#/entities/incident",
    "url": LINK,
    "app_unfurl_url": LINK,
    "external_ref": {"id": "1", "type": "incident"},
    "entity_payload": {
        "attributes": {"title": {"text": "INC-1"}, "metadata_last_modified": 1},
        "fields": {"status": {"value": "open"}, "assigned_to": {"type": "slack#/types/user", "user": {"user_id": "U"}}},
        "custom_fields": [{"label": "Alerts", "key": "alerts", "type": "string", "value": "2"}],
    },
}


def changed(path, value):
    """The entity with one thing changed."""
    made = copy.deepcopy(ENTITY)
    *way, last = path
    place = made
    for name in way:
        place = place[name]
    place[last] = value
    return made


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("entity_type",), "slack#/entities/poem"),
        (("url",), "app.example"),
        (("external_ref",), {}),
        (("entity_payload", "attributes"), {}),
        (("entity_payload", "fields", "mood"), {"value": "calm"}),
        (("entity_payload", "fields", "status"), {"value": ""}),
        (("entity_payload", "fields", "assigned_to"), {"type": "slack#/types/user"}),
        (("entity_payload", "fields", "assigned_to"), {"type": "hat"}),
        (("entity_payload", "custom_fields"), [{"label": "a", "key": "status", "type": "string"}]),
    ],
)
def test_entities_that_slack_would_refuse(path, value):
    assert entity_problems(ENTITY) == []
    assert entity_problems(changed(path, value)) != []


async def test_what_is_shown_must_be_what_was_asked_for():
    async with Sandbox.running(speed=20) as sandbox:
        general, api = sandbox.channel("#general"), sandbox._desk.web_api
        general.members.append(sandbox.bot_user_id)
        sandbox.workspace.unfurl_domains = ("app.example",)
        ana = sandbox.person("ana")
        ts = await ana.say("#general", f"look at {LINK}")
        message = general.messages[ts]

        def call(method, **args):
            return api.answer(method, sandbox.bot_token, args).body.get("error")

        def unfurl(metadata):
            return call("chat.unfurl", channel=general.id, ts=ts, metadata=metadata)

        refused = [
            unfurl({"entities": []}),
            unfurl({"entities": [changed(("url",), "x")]}),
            unfurl({"entities": [changed(("app_unfurl_url",), f"{LINK}/other")]}),
        ]
        shown = [unfurl({"entities": [ENTITY]}), unfurl({"entities": [ENTITY]})]
        await ana.open_entity(message, LINK)
        trigger = sandbox.workspace.views.new_trigger(ana.id)
        presented = [
            call("entity.presentDetails", trigger_id=trigger),
            call("entity.presentDetails", trigger_id=trigger, error={"status": "sad"}),
            call("entity.presentDetails", trigger_id=trigger, metadata=changed(("url",), "x")),
            call("entity.presentDetails", trigger_id=trigger, metadata=changed(("external_ref", "id"), "2")),
        ]

    assert refused == ["missing_unfurls", "invalid_metadata_format", "cannot_unfurl_url"]
    assert (shown, len(message.attachments)) == ([None, None], 1)
    assert presented == [
        "missing_metadata",
        "invalid_arguments",
        "invalid_metadata",
        "entity_metadata_does_not_match_trigger",
    ]
