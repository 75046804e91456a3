"""The canvas of an incident's channel: made once, written anew, and left alone where people or Slack say no."""

import pytest
from slack_sdk.errors import SlackApiError

from incident_copilot.domain.effect import Canvas, Target
from incident_copilot.errors import ChatRefused

GENERAL = Target(channel="general")


async def test_canvas_is_made_once_and_then_written_anew(sandbox, workspace, effect):
    made = await workspace.deliver(effect(Canvas(markdown="# INC-42")), GENERAL)
    again = await workspace.deliver(effect(Canvas(markdown="# Newer", known=made["canvas"])), GENERAL)

    general = sandbox.channel("#general")
    assert made == again == {"channel": general.id, "canvas": general.canvas["id"]}
    assert general.canvas["markdown"] == "# Newer"


async def test_canvas_that_people_made_is_left_alone_and_one_that_is_gone_is_none(sandbox, workspace, effect):
    sandbox.channel("#general").canvas = {"id": "F1", "markdown": "ours"}

    for known, code in ((None, "channel_canvas_already_exists"), ("F9", "canvas_not_found")):
        sandbox.expect_refusal(code)
        answered = await workspace.deliver(effect(Canvas(markdown="# INC-42", known=known)), GENERAL)
        assert answered["no_canvas"] == code
    assert sandbox.channel("#general").canvas["markdown"] == "ours"


async def test_refusal_that_is_no_matter_of_canvases_is_told(sandbox, workspace, effect):
    sandbox.expect_refusal("not_in_channel")
    general = sandbox.channel("#general")

    with pytest.raises(ChatRefused):
        await workspace.deliver(effect(Canvas(markdown="# INC-42")), Target(channel=general.id))


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "insert_at_end", "document_content": {"type": "markdown", "markdown": "x"}},
        {"operation": "replace", "document_content": {"type": "html"}},
    ],
)
async def test_sandbox_refuses_what_is_no_markdown_or_does_not_replace_all(sandbox, client, change):
    sandbox.expect_refusal("invalid_arguments")
    sandbox.channel("#general").canvas = {"id": "F1", "markdown": ""}

    with pytest.raises(SlackApiError) as refused:
        await client.api_call("canvases.edit", json={"canvas_id": "F1", "changes": [change]})
    assert refused.value.response["error"] == "invalid_arguments"
