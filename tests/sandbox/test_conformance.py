"""Slack's rules: 53 payloads it refuses, and good modern ones it takes."""

import pytest

from incident_copilot.sandbox import Refused
from incident_copilot.sandbox.conformance import (
    block_problems,
    check_blocks,
    check_message,
    check_metadata,
    check_view,
    view_problems,
)


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def section(text="Hello", **more):
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text="Go", action_id="go", **more):
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements, **more):
    return {"type": "actions", "elements": list(elements), **more}


def option(text="One", value="1", **more):
    return {"text": plain(text), "value": value, **more}


def select(options, **more):
    return {"type": "static_select", "action_id": "pick", "options": options, **more}


def confirm(**more):
    whole = {"title": plain("Sure?"), "text": mrkdwn("Really"), "confirm": plain("Yes"), "deny": plain("No")}
    return {name: held for name, held in (whole | more).items() if held is not None}


def table(rows, columns, **more):
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows, **more}


def card(**more):
    return {"type": "card", "title": mrkdwn("payments"), **more}


def text_input(label="What happens?", **element):
    held = {"type": "plain_text_input", "action_id": "value", **element}
    return {"type": "input", "block_id": "title", "label": plain(label), "element": held}


def modal(*blocks, **more):
    view = {"type": "modal", "title": plain("Declare"), "submit": plain("Declare"), "blocks": list(blocks)} | more
    return {name: held for name, held in view.items() if held is not None}


def rich(text):
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text, "style": {"bold": True}}]}
    return {"type": "rich_text", "elements": [section]}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A chart"}
TASK = {"type": "task_card", "task_id": "1", "title": "Read logs", "status": "complete"}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "feedback",
    "positive_button": {"text": plain("Good"), "value": "good"},
    "negative_button": {"text": plain("Bad"), "value": "bad"},
}

GROUP = {"label": plain("A"), "options": [option()]}

BAD_BLOCKS = {
    "section text of 3001": [section("x" * 3001)],
    "section text empty": [section("")],
    "section without text": [{"type": "section"}],
    "section with an extra key": [section(colour="red")],
    "51 blocks": [{"type": "divider"}] * 51,
    "unknown block": [{"type": "banner", "text": "hi"}],
    "button text of 76": [actions(button("x" * 76))],
    "button value of 2001": [actions(button(value="x" * 2001))],
    "button url of 3001": [actions(button(url="https://" + "x" * 2993))],
    "button text in mrkdwn": [actions({"type": "button", "action_id": "go", "text": mrkdwn("Go")})],
    "button style warning": [actions(button(style="warning"))],
    "action_id of 256": [actions(button(action_id="x" * 256))],
    "header of 151": [{"type": "header", "text": plain("x" * 151)}],
    "header in mrkdwn": [{"type": "header", "text": mrkdwn("Hi")}],
    "context of 11": [{"type": "context", "elements": [mrkdwn("x")] * 11}],
    "actions of 26": [actions(*(button(action_id=f"go{n}") for n in range(26)))],
    "actions empty": [actions()],
    "11 fields": [{"type": "section", "fields": [mrkdwn("x")] * 11}],
    "field of 2001": [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
    "select of 101 options": [actions(select([option(value=str(n)) for n in range(101)]))],
    "option text of 76": [actions(select([option("x" * 76)]))],
    "option value of 151": [actions(select([option(value="x" * 151)]))],
    "confirm title of 101": [actions(button(confirm=confirm(title=plain("x" * 101))))],
    "confirm text of 301": [actions(button(confirm=confirm(text=mrkdwn("x" * 301))))],
    "confirm without deny": [actions(button(confirm=confirm(deny=None)))],
    "markdown of 12001": [{"type": "markdown", "text": "x" * 12_001}],
    "duplicate block_id": [section(block_id="a"), section(block_id="a")],
    "duplicate action_id": [actions(button(), button())],
    "table of 101 rows": [table(101, 2)],
    "table of 21 columns": [table(2, 21)],
    "two tables": [table(2, 2), table(2, 2)],
    "image without alt_text": [{"type": "image", "image_url": "https://example.com/a.png"}],
    "alert in a message": [{"type": "alert", "text": mrkdwn("Careful")}],
    "overflow of 6": [actions({"type": "overflow", "action_id": "more", "options": [option()] * 6})],
    "task_card done": [TASK | {"status": "done"}],
    "block_id of 256": [section(block_id="x" * 256)],
    "11 checkboxes": [actions({"type": "checkboxes", "action_id": "tick", "options": [option()] * 11})],
    "datepicker tomorrow": [actions({"type": "datepicker", "action_id": "day", "initial_date": "tomorrow"})],
    "card body of 201": [card(body=mrkdwn("x" * 201))],
    "carousel of 11": [{"type": "carousel", "elements": [card()] * 11}],
    "container of 11": [{"type": "container", "title": plain("All"), "child_blocks": [section()] * 11}],
    "context_actions of 6": [
        {"type": "context_actions", "elements": [FEEDBACK | {"action_id": str(n)} for n in range(6)]}
    ],
}
BAD_MODALS = {
    "title of 25": modal(section(), title=plain("x" * 25)),
    "no title": modal(section(), title=None),
    "input without submit": modal(text_input(), submit=None),
    "101 blocks": modal(*[{"type": "divider"}] * 101),
    "private_metadata of 3001": modal(section(), private_metadata="x" * 3001),
    "callback_id of 256": modal(section(), callback_id="x" * 256),
    "label of 2001": modal(text_input("x" * 2001)),
    "max_length of 3001": modal(text_input(max_length=3001)),
    "placeholder of 151": modal(text_input(placeholder=plain("x" * 151))),
    "no label": modal({name: held for name, held in text_input().items() if name != "label"}),
    "button as input": modal(text_input() | {"element": button()}),
}
MORE_BAD_BLOCKS = {
    "not a list": {"type": "section"},
    "a block that is no object": ["section"],
    "type that is no string": [{"type": ["section"]}],
    "text that is no object": [{"type": "section", "text": "Hello"}],
    "text that is no string": [{"type": "section", "text": {"type": "mrkdwn", "text": 5}}],
    "only spaces": [section("   ")],
    "flag that is no boolean": [section(expand="yes")],
    "confirm that is no object": [actions(button(confirm="sure"))],
    "elements that are no list": [{"type": "actions", "elements": "button"}],
    "options and groups": [actions(select([option()], option_groups=[GROUP]))],
    "select without options": [actions({"type": "static_select", "action_id": "pick"})],
    "number out of range": [actions({"type": "datetimepicker", "action_id": "at", "initial_date_time": 5})],
    "number that is a word": [actions({"type": "datetimepicker", "action_id": "at", "initial_date_time": "noon"})],
    "date that is a number": [actions({"type": "datepicker", "action_id": "day", "initial_date": 5})],
    "uneven table": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}], []]}],
    "table rows of text": [{"type": "table", "rows": ["x"]}],
    "heavy data_table": [
        {"type": "data_table", "caption": "c", "rows": [[{"type": "raw_text", "text": "x" * 3000}]] * 7}
    ],
    "standalone pending task": [TASK | {"status": "pending"}],
    "three charts": [{"type": "data_visualization", "title": "Errors", "chart": {}}] * 3,
    "markdown together": [{"type": "markdown", "text": "x" * 7000}] * 2,
    "collapsible with divider": [
        {
            "type": "container",
            "title": plain("All"),
            "child_blocks": [section()],
            "is_collapsible": True,
            "has_header_divider": True,
        }
    ],
    "card with nothing": [{"type": "card"}],
    "image without source": [{"type": "image", "alt_text": "A chart"}],
}
GOOD_BLOCKS = {
    "card of an incident": [
        {"type": "header", "text": plain("INC-1 checkout is failing")},
        section("*Errors* 20 %", fields=[mrkdwn("*P1*"), plain("payments")], accessory=button(action_id="more")),
        {"type": "context", "elements": [mrkdwn("since 10:41"), IMAGE]},
        actions(button(style="primary", value="v1", confirm=confirm(style="danger")), button(action_id="b", url="https://x")),
        {"type": "divider"},
    ],
    "every select": [
        actions(
            select([option(description=plain("first"))], placeholder=plain("Pick"), initial_option=option()),
            {"type": "users_select", "action_id": "who"},
            {"type": "conversations_select", "action_id": "where", "filter": {"include": ["public"]}},
            {"type": "multi_static_select", "action_id": "m", "option_groups": [GROUP]},
            {"type": "overflow", "action_id": "more", "options": [option()]},
            {"type": "radio_buttons", "action_id": "r", "options": [{"text": mrkdwn("*One*"), "value": "1"}]},
            {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-21"},
            {"type": "timepicker", "action_id": "time", "initial_time": "10:41"},
            {"type": "datetimepicker", "action_id": "at", "initial_date_time": 1795247661},
        )
    ],
    "rich text": [
        rich("bold"),
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_list", "style": "bullet", "elements": rich("one")["elements"], "indent": 1},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a = 1"}]},
                {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U1"}]},
            ],
        },
    ],
    "markdown": [{"type": "markdown", "text": "# Title\n- a"}],
    "table": [table(3, 3, column_settings=[{"align": "right", "is_wrapped": True}])],
    "data_table": [
        {"type": "data_table", "caption": "c", "rows": [[{"type": "raw_number", "text": "5", "value": 5}]] * 2}
    ],
    "plan and task": [{"type": "plan", "title": "Plan", "tasks": [TASK | {"status": "pending"}]}, TASK],
    "feedback": [{"type": "context_actions", "elements": [FEEDBACK]}],
    "carousel": [{"type": "carousel", "elements": [card(body=mrkdwn("x"), actions=[button()])]}],
    "container": [{"type": "container", "title": plain("All"), "child_blocks": [section()], "is_collapsible": True}],
}  # fmt: skip


def test_all_53_known_bad_payloads_are_listed():
    assert len(BAD_BLOCKS) + len(BAD_MODALS) == 53


@pytest.mark.parametrize("name", BAD_BLOCKS | MORE_BAD_BLOCKS)
def test_bad_blocks_are_refused(name):
    with pytest.raises(Refused) as refused:
        check_blocks((BAD_BLOCKS | MORE_BAD_BLOCKS)[name], "message")

    assert refused.value.error == "invalid_blocks"
    assert refused.value.extra["errors"][0].count("[json-pointer:/blocks") == 1


@pytest.mark.parametrize("name", BAD_MODALS)
def test_bad_modals_are_refused(name):
    with pytest.raises(Refused) as refused:
        check_view(BAD_MODALS[name], "modal")

    assert refused.value.error == "invalid_arguments"
    assert refused.value.extra["response_metadata"]["messages"][0].startswith("[ERROR] ")


@pytest.mark.parametrize("name", GOOD_BLOCKS)
def test_good_blocks_are_taken(name):
    assert block_problems(GOOD_BLOCKS[name], "message") == []


def test_good_views_are_taken():
    alert = {"type": "alert", "text": mrkdwn("Careful"), "level": "warning"}
    assert view_problems(modal(text_input(min_length=1, max_length=5), alert), "modal") == []
    assert view_problems({"type": "home", "blocks": [section(), table(2, 2), table(2, 2)]}, "home") == []
    check_view(modal(section()), "modal")


def test_a_view_must_be_of_the_kind_the_method_takes():
    assert [str(one) for one in view_problems({"type": "home", "blocks": []}, "modal")] == [
        "missing required field: title [json-pointer:/view]",
        "must be one of modal [json-pointer:/view/type]",
    ]
    assert [str(one) for one in view_problems({"type": "home"}, "home")] == [
        "missing required field: blocks [json-pointer:/view]"
    ]


def test_a_view_has_a_size():
    with pytest.raises(Refused, match="view_too_large"):
        check_view(modal(*(section("x" * 2900) for _ in range(90))), "modal")


def test_lengths_of_an_input_must_be_in_order():
    [problem] = view_problems(modal(text_input(min_length=9, max_length=3)), "modal")
    assert problem.message == "min_length is more than max_length"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("no_text", {"text": ""}),
        ("no_text", {"text": " ", "blocks": [section()]}),
        ("msg_too_long", {"text": "x" * 4001}),
        ("msg_too_long", {"markdown_text": "x" * 12_001}),
        ("markdown_text_conflict", {"text": "a", "markdown_text": "b"}),
        ("msg_blocks_too_long", {"text": "a", "blocks": [section("x" * 2500)] * 5}),
        ("too_many_attachments", {"text": "a", "attachments": [{}] * 101}),
        ("invalid_blocks", {"text": "a", "attachments": [{"blocks": [{"type": "banner"}]}]}),
    ],
)
def test_bad_messages_are_refused(error, message):
    whole = {"text": "", "blocks": None, "attachments": None, "markdown_text": ""} | message

    with pytest.raises(Refused) as refused:
        check_message(**whole)

    assert refused.value.error == error


@pytest.mark.parametrize(
    "message", [{"text": "a", "blocks": [section()]}, {"markdown_text": "# a"}, {"attachments": [{"text": "a"}]}]
)
def test_good_messages_are_taken(message):
    check_message(**({"text": "", "blocks": None, "attachments": None, "markdown_text": ""} | message))


@pytest.mark.parametrize(
    ("error", "metadata"),
    [
        ("invalid_metadata_format", {"event_type": "effect", "event_payload": "x"}),
        ("invalid_metadata_format", {"event_payload": {}}),
        ("invalid_metadata_format", ["effect"]),
        ("metadata_too_large", {"event_type": "effect", "event_payload": {"x": "y" * 9000}}),
    ],
)
def test_bad_metadata_is_refused(error, metadata):
    with pytest.raises(Refused) as refused:
        check_metadata(metadata)

    assert refused.value.error == error


def test_good_metadata_is_taken():
    check_metadata(None)
    check_metadata({"event_type": "effect", "event_payload": {"id": "1"}})
