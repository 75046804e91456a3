"""Every block of Block Kit, and on which surface it may stand."""

from collections.abc import Iterator, Mapping
from typing import Any

from incident_copilot.sandbox.conformance import elements, limits
from incident_copilot.sandbox.conformance.objects import RICH_TEXT_ELEMENTS, slack_file
from incident_copilot.sandbox.conformance.rules import (
    Problem,
    Rule,
    Shape,
    any_of,
    anything,
    flag,
    items,
    number,
    one_of,
    plain,
    shaped,
    string,
    text,
    typed,
    unique,
)
from incident_copilot.sandbox.wire import Json

_EVERYWHERE = ("actions", "card", "container", "context", "divider", "header", "image", "input", "rich_text", "section")
SURFACES: Mapping[str, frozenset[str]] = {
    "message": frozenset(_EVERYWHERE)
    | {"carousel", "context_actions", "data_table", "data_visualization", "file", "markdown", "plan", "table"}
    | {"task_card", "video"},
    "modal": (frozenset(_EVERYWHERE) - {"container"}) | {"alert", "video"},
    "home": frozenset(_EVERYWHERE) | {"carousel", "data_table", "data_visualization", "table", "video"},
}
_IN_CONTAINER = (
    "actions",
    "context",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "table",
    "video",
)


def _no_twin_actions(block: Json, pointer: str) -> Iterator[Problem]:
    held = block.get("elements", block.get("actions"))
    named = [one.get("action_id") for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    yield from unique([name for name in named if name], pointer, "action_id")


def _equal_rows(block: Json, pointer: str) -> Iterator[Problem]:
    rows = [row for row in block.get("rows", []) if isinstance(row, list)]
    if len({len(row) for row in rows}) > 1:
        yield Problem(f"{pointer}/rows", "rows must have the same number of cells")


def _small_table(block: Json, pointer: str) -> Iterator[Problem]:
    if (
        len(str(block.get("rows"))) > limits.DATA_TABLE_CHARACTERS * 4
        or _characters(block) > limits.DATA_TABLE_CHARACTERS
    ):
        yield Problem(pointer, f"no more than {limits.DATA_TABLE_CHARACTERS} characters in all")


def _no_divider_when_collapsible(block: Json, pointer: str) -> Iterator[Problem]:
    if block.get("is_collapsible") and block.get("has_header_divider"):
        yield Problem(pointer, "has_header_divider does not go with is_collapsible")


def _block(*allowed: str) -> Rule:
    return typed(lambda: BLOCKS, *allowed)


def _rich(*allowed: str) -> Rule:
    return typed(lambda: RICH_TEXT_ELEMENTS, *allowed)


def _characters(block: Json) -> int:
    cells = [cell for row in block.get("rows", []) if isinstance(row, list) for cell in row]
    return sum(len(str(cell.get("text", ""))) for cell in cells if isinstance(cell, dict))


_BORDER = {"border": number(0, 1)}
_SECTION = Shape({"elements": items(_rich(), 1000, least=0)})
_RICH_TEXT_PARTS: Mapping[str, Shape] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": Shape(_SECTION.needs, _BORDER),
    "rich_text_preformatted": Shape(
        {"elements": items(_rich("text", "link"), 1000, least=0)}, {**_BORDER, "language": string(limits.ID)}
    ),
    "rich_text_list": Shape(
        {"style": one_of("bullet", "ordered"), "elements": items(shaped(_SECTION), 1000)},
        {**_BORDER, "indent": number(0, 8), "offset": number(0, 10_000)},
    ),
}
_CELLS: Mapping[str, Shape] = {
    "raw_text": Shape({"text": string(limits.SECTION_TEXT, least=0)}),
    "raw_number": Shape({"text": string(limits.SECTION_TEXT), "value": number(float("-inf"), float("inf"))}),
    "rich_text": Shape({"elements": items(typed(lambda: _RICH_TEXT_PARTS), 1000)}, {"block_id": string(limits.ID)}),
}
_CELL = typed(lambda: _CELLS)
_COLUMN = shaped(Shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}))
_ID = {"block_id": string(limits.ID)}
_CARD_IMAGE = elements.IMAGE
BLOCKS: Mapping[str, Shape] = {
    "section": Shape(
        {},
        _ID
        | {
            "text": text(limits.SECTION_TEXT),
            "fields": items(text(limits.FIELD_TEXT), limits.FIELDS),
            "accessory": elements.IN_SECTION,
            "expand": flag,
        },
        [any_of("text", "fields")],
    ),
    "divider": Shape({}, _ID),
    "header": Shape({"text": plain(limits.HEADER_TEXT)}, _ID | {"level": number(1, 4)}),
    "image": Shape(
        {"alt_text": string(limits.ALT_TEXT)},
        _ID | {"image_url": string(limits.URL), "slack_file": slack_file, "title": plain(limits.ALT_TEXT)},
        [any_of("image_url", "slack_file")],
    ),
    "context": Shape({"elements": items(elements.IN_CONTEXT, limits.CONTEXT_ELEMENTS)}, _ID),
    "actions": Shape({"elements": items(elements.IN_ACTIONS, limits.ACTIONS_ELEMENTS)}, _ID, [_no_twin_actions]),
    "context_actions": Shape(
        {"elements": items(elements.IN_CONTEXT_ACTIONS, limits.CONTEXT_ACTIONS_ELEMENTS)}, _ID, [_no_twin_actions]
    ),
    "input": Shape(
        {"label": plain(limits.LABEL), "element": elements.IN_INPUT},
        _ID | {"hint": plain(limits.LABEL), "optional": flag, "dispatch_action": flag},
    ),
    "markdown": Shape({"text": string(limits.MARKDOWN_TEXT)}, _ID),
    "rich_text": _CELLS["rich_text"],
    "file": Shape({"external_id": string(limits.ID), "source": one_of("remote")}, _ID),
    "video": Shape(
        {
            "alt_text": string(limits.ALT_TEXT),
            "title": plain(limits.VIDEO_TITLE),
            "thumbnail_url": string(limits.URL),
            "video_url": string(limits.URL),
        },
        _ID
        | {
            "title_url": string(limits.URL),
            "description": plain(limits.VIDEO_TITLE),
            "provider_icon_url": string(limits.URL),
            "provider_name": string(50),
            "author_name": string(50),
        },
    ),
    "table": Shape(
        {"rows": items(items(_CELL, limits.COLUMNS), limits.TABLE_ROWS)},
        _ID | {"column_settings": items(_COLUMN, limits.COLUMNS)},
        [_equal_rows],
    ),
    "data_table": Shape(
        {
            "caption": string(limits.SECTION_TEXT),
            "rows": items(items(_CELL, limits.COLUMNS), limits.DATA_TABLE_ROWS, 2),
        },
        _ID | {"page_size": number(1, 100), "row_header_column_index": number(0, limits.COLUMNS - 1)},
        [_equal_rows, _small_table],
    ),
    "data_visualization": Shape({"title": string(50), "chart": anything}, _ID),
    "alert": Shape(
        {"text": text(limits.ALERT_TEXT)}, _ID | {"level": one_of("default", "info", "warning", "error", "success")}
    ),
    "card": Shape(
        {},
        _ID
        | {
            "title": text(limits.CARD_TITLE),
            "subtitle": text(limits.CARD_TITLE),
            "body": text(limits.CARD_BODY),
            "hero_image": _CARD_IMAGE,
            "icon": _CARD_IMAGE,
            "actions": items(elements.element("button"), limits.CARD_ACTIONS),
        },
        [any_of("hero_image", "title", "actions", "body"), _no_twin_actions],
    ),
    "carousel": Shape({"elements": items(_block("card"), limits.CAROUSEL_CARDS)}, _ID),
    "container": Shape(
        {"child_blocks": items(_block(*_IN_CONTAINER), limits.CONTAINER_BLOCKS)},
        _ID
        | {
            "title": plain(limits.CARD_TITLE),
            "rich_text_title": _block("rich_text"),
            "subtitle": text(limits.CARD_TITLE),
            "icon": _CARD_IMAGE,
            "width": one_of("narrow", "standard", "wide", "full"),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
        [any_of("title", "rich_text_title"), _no_divider_when_collapsible],
    ),
    "task_card": Shape(
        {
            "task_id": string(limits.ID),
            "title": string(limits.SECTION_TEXT),
            "status": one_of("pending", "in_progress", "complete", "error"),
        },
        _ID
        | {
            "details": _block("rich_text"),
            "output": _block("rich_text"),
            "sources": items(elements.element("url"), 100, least=0),
        },
    ),
    "plan": Shape(
        {"title": string(limits.SECTION_TEXT)}, _ID | {"tasks": items(_block("task_card"), limits.PLAN_TASKS, least=0)}
    ),
}
KNOWN: Rule = _block()


def shape_problems(blocks: Any, pointer: str = "/blocks") -> Iterator[Problem]:
    """What is wrong inside each block, whatever stands around it."""
    if not isinstance(blocks, list):
        yield Problem(pointer, "must be an array")
        return
    for index, block in enumerate(blocks):
        yield from KNOWN(block, f"{pointer}/{index}")
