"""Walks through blocks: gives ids to those without, finds elements, reads and fills what inputs hold."""

from collections.abc import Iterator
from copy import deepcopy

from incident_copilot.sandbox.wire import Json, new_id

# What an element holds: the key of its value in `state.values`, and the key of its initial value.
HOLDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "file_input": ("files", "initial_files"),
}
LISTS = ("selected_options", "selected_users", "selected_channels", "selected_conversations", "files")


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a block_id and every interactive element an action_id, as Slack stores them."""
    blocks = deepcopy(blocks)
    for block in _all(blocks):
        block.setdefault("block_id", new_id("b"))
        for element in _elements_of(block):
            element.setdefault("action_id", new_id("a"))
    return blocks


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with its block, nested ones included."""
    for block in _all(blocks):
        for element in _elements_of(block):
            yield block, element


def initial_values(blocks: list[Json]) -> Json:
    """`state.values` before anyone touched it: {block_id: {action_id: {type, ...}}}."""
    values: Json = {}
    for block, element in elements(blocks):
        if element["type"] in HOLDS:
            key, initial = HOLDS[element["type"]]
            held = {"type": element["type"], key: element.get(initial, [] if key in LISTS else None)}
            values.setdefault(block["block_id"], {})[element["action_id"]] = held
    return values


def merged_values(blocks: list[Json], *typed: Json) -> Json:
    """Initial values overlaid with what people typed, of elements that exist only."""
    values = initial_values(blocks)
    for layer in typed:
        for block_id, actions in layer.items():
            for action_id, held in actions.items():
                if action_id in values.get(block_id, {}):
                    values[block_id][action_id] = values[block_id][action_id] | held
    return values


def _all(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield block
        yield from _all(block.get("child_blocks", []))
        if block["type"] == "carousel":
            yield from _all(block["elements"])


def _elements_of(block: Json) -> Iterator[Json]:
    if block["type"] in ("actions", "context_actions"):
        yield from block["elements"]
    elif block["type"] == "input":
        yield block["element"]
    elif block["type"] == "card":
        yield from block.get("actions", [])
    accessory = block.get("accessory")
    if accessory and accessory["type"] != "image":
        yield accessory
