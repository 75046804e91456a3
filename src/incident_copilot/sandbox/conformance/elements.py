"""The elements that blocks hold: buttons, selects, pickers and inputs."""

from collections.abc import Iterator, Mapping

from incident_copilot.sandbox.conformance import limits
from incident_copilot.sandbox.conformance.objects import (
    confirm,
    conversation_filter,
    dispatch_action,
    option,
    option_group,
    slack_file,
)
from incident_copilot.sandbox.conformance.rules import (
    Problem,
    Rule,
    Shape,
    any_of,
    anything,
    flag,
    items,
    matching,
    number,
    one_of,
    plain,
    shaped,
    string,
    typed,
)
from incident_copilot.sandbox.wire import Json

_DATE = matching(r"\d{4}-\d{2}-\d{2}", "a date as YYYY-MM-DD")
_TIME = matching(r"\d{2}:\d{2}", "a time as HH:mm")
_ID = string(limits.ID)
_ACTION: Mapping[str, Rule] = {"action_id": _ID}
_CHOICE: Mapping[str, Rule] = {**_ACTION, "confirm": confirm, "focus_on_load": flag}
_SELECT: Mapping[str, Rule] = {**_CHOICE, "placeholder": plain(limits.PLACEHOLDER)}
_MULTI: Mapping[str, Rule] = {**_SELECT, "max_selected_items": number(1, limits.OPTIONS)}
_TYPED: Mapping[str, Rule] = {
    **_ACTION,
    "placeholder": plain(limits.PLACEHOLDER),
    "focus_on_load": flag,
    "dispatch_action_config": dispatch_action,
}
_PLAIN_OPTION, _OPTION = option("plain_text"), option()
_STATIC: Mapping[str, Rule] = {
    "options": items(_PLAIN_OPTION, limits.OPTIONS),
    "option_groups": items(option_group, limits.OPTIONS),
}
_LENGTHS: Mapping[str, Rule] = {
    "min_length": number(0, limits.INPUT_LENGTH),
    "max_length": number(1, limits.INPUT_LENGTH),
}
_FEEDBACK = shaped(
    Shape(
        {"text": plain(limits.BUTTON_TEXT), "value": string(limits.BUTTON_VALUE)},
        {"accessibility_label": string(limits.ACCESSIBILITY_LABEL)},
    )
)


def _one_source(value: Json, pointer: str) -> Iterator[Problem]:
    if ("options" in value) == ("option_groups" in value):
        yield Problem(pointer, "either options or option_groups is needed")


def _lengths_in_order(value: Json, pointer: str) -> Iterator[Problem]:
    shortest, longest = value.get("min_length", 0), value.get("max_length", limits.INPUT_LENGTH)
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        yield Problem(pointer, "min_length is more than max_length")


_USERS, _NAMES = items(_ID, limits.OPTIONS), items(_ID, limits.OPTIONS)
ELEMENTS: Mapping[str, Shape] = {
    "button": Shape(
        {"text": plain(limits.BUTTON_TEXT)},
        {
            **_ACTION,
            "value": string(limits.BUTTON_VALUE),
            "url": string(limits.URL),
            "style": one_of("primary", "danger"),
            "confirm": confirm,
            "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
            "visible_to_user_ids": _USERS,
            "agent_prompt": string(4000),
        },
    ),
    "icon_button": Shape(
        {"text": plain(limits.BUTTON_TEXT), "icon": _ID},
        {
            **_ACTION,
            "value": string(limits.BUTTON_VALUE),
            "confirm": confirm,
            "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
            "visible_to_user_ids": items(_ID, 10),
        },
    ),
    "workflow_button": Shape(
        {"text": plain(limits.BUTTON_TEXT), "workflow": anything},
        {
            **_ACTION,
            "style": one_of("primary", "danger"),
            "confirm": confirm,
            "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
        },
    ),
    "feedback_buttons": Shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTION),
    "overflow": Shape({"options": items(_PLAIN_OPTION, limits.OVERFLOW_OPTIONS)}, {**_ACTION, "confirm": confirm}),
    "static_select": Shape({}, {**_SELECT, **_STATIC, "initial_option": _PLAIN_OPTION}, [_one_source]),
    "external_select": Shape({}, {**_SELECT, "initial_option": _PLAIN_OPTION, "min_query_length": number(0, 100)}),
    "users_select": Shape({}, {**_SELECT, "initial_user": _ID}),
    "channels_select": Shape({}, {**_SELECT, "initial_channel": _ID, "response_url_enabled": flag}),
    "conversations_select": Shape(
        {},
        {
            **_SELECT,
            "initial_conversation": _ID,
            "default_to_current_conversation": flag,
            "response_url_enabled": flag,
            "filter": conversation_filter,
        },
    ),
    "multi_static_select": Shape(
        {}, {**_MULTI, **_STATIC, "initial_options": items(_PLAIN_OPTION, limits.OPTIONS)}, [_one_source]
    ),
    "multi_external_select": Shape(
        {}, {**_MULTI, "initial_options": items(_PLAIN_OPTION, limits.OPTIONS), "min_query_length": number(0, 100)}
    ),
    "multi_users_select": Shape({}, {**_MULTI, "initial_users": _NAMES}),
    "multi_channels_select": Shape({}, {**_MULTI, "initial_channels": _NAMES}),
    "multi_conversations_select": Shape(
        {},
        {
            **_MULTI,
            "initial_conversations": _NAMES,
            "default_to_current_conversation": flag,
            "filter": conversation_filter,
        },
    ),
    "checkboxes": Shape(
        {"options": items(_OPTION, limits.CHECKBOXES)},
        {**_CHOICE, "initial_options": items(_OPTION, limits.CHECKBOXES)},
    ),
    "radio_buttons": Shape({"options": items(_OPTION, limits.CHECKBOXES)}, {**_CHOICE, "initial_option": _OPTION}),
    "datepicker": Shape({}, {**_SELECT, "initial_date": _DATE}),
    "timepicker": Shape({}, {**_SELECT, "initial_time": _TIME, "timezone": _ID}),
    "datetimepicker": Shape({}, {**_CHOICE, "initial_date_time": number(10**9, 10**10 - 1)}),
    "plain_text_input": Shape(
        {},
        {**_TYPED, **_LENGTHS, "initial_value": string(limits.INPUT_LENGTH, least=0), "multiline": flag},
        [_lengths_in_order],
    ),
    "email_text_input": Shape({}, {**_TYPED, "initial_value": string(limits.INPUT_LENGTH)}),
    "url_text_input": Shape({}, {**_TYPED, "initial_value": string(limits.URL)}),
    "number_input": Shape(
        {"is_decimal_allowed": flag},
        {**_TYPED, **dict.fromkeys(("initial_value", "min_value", "max_value"), _ID)},
    ),
    "rich_text_input": Shape({}, {**_TYPED, "initial_value": anything, "min_lines": anything, "max_lines": anything}),
    "file_input": Shape({}, {**_ACTION, "filetypes": items(_ID, 100), "max_files": number(1, 10)}),
    "image": Shape(
        {"alt_text": string(limits.ALT_TEXT)},
        {"image_url": string(limits.URL), "slack_file": slack_file},
        [any_of("image_url", "slack_file")],
    ),
    "plain_text": Shape({"text": string(limits.SECTION_TEXT)}, {"emoji": flag}),
    "mrkdwn": Shape({"text": string(limits.SECTION_TEXT)}, {"verbatim": flag}),
    "url": Shape({"url": string(limits.URL), "text": string(limits.SECTION_TEXT)}),
}
_SELECTS = tuple(name for name in ELEMENTS if name.endswith("_select"))
_PICKERS = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
_INPUTS = tuple(name for name in ELEMENTS if name.endswith("_input"))


def element(*allowed: str) -> Rule:
    return typed(lambda: ELEMENTS, *allowed)


IN_ACTIONS = element("button", "workflow_button", "overflow", "datetimepicker", "rich_text_input", *_PICKERS, *_SELECTS)
IN_SECTION = element("button", "workflow_button", "overflow", "image", *_PICKERS, *_SELECTS)
IN_INPUT = element("datetimepicker", *_PICKERS, *_SELECTS, *_INPUTS)
IN_CONTEXT = element("image", "plain_text", "mrkdwn")
IN_CONTEXT_ACTIONS = element("feedback_buttons", "icon_button")
IMAGE = element("image")
