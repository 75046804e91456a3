"""The rules that look across blocks: how many, which where, ids used once, and what they weigh together."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from incident_copilot.sandbox.conformance import limits
from incident_copilot.sandbox.conformance.blocks import SURFACES, shape_problems
from incident_copilot.sandbox.conformance.rules import Problem, unique
from incident_copilot.sandbox.wire import Json


def block_problems(blocks: Any, surface: str) -> list[Problem]:
    """Everything Slack would refuse about blocks on a message, modal or home."""
    found = list(shape_problems(blocks))
    return found or list(_together(blocks, surface))


def _together(blocks: list[Json], surface: str) -> Iterator[Problem]:
    most = limits.MESSAGE_BLOCKS if surface == "message" else limits.VIEW_BLOCKS
    if len(blocks) > most:
        yield Problem("/blocks", f"no more than {most} items allowed")
    yield from unique([block["block_id"] for block in blocks if "block_id" in block], "/blocks", "block_id")
    for index, block in enumerate(blocks):
        if block["type"] not in SURFACES[surface]:
            yield Problem(f"/blocks/{index}/type", f"{block['type']} is not allowed in a {surface}")
        if block["type"] == "task_card" and block["status"] == "pending":
            yield Problem(f"/blocks/{index}/status", "pending is for tasks of a plan")
    kinds = Counter(block["type"] for block in blocks)
    if kinds["table"] > 1 and surface == "message":
        yield Problem("/blocks", "only one table is allowed")
    if kinds["data_visualization"] > limits.DATA_VISUALIZATIONS:
        yield Problem("/blocks", f"no more than {limits.DATA_VISUALIZATIONS} data_visualization blocks")
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > limits.MARKDOWN_TEXT:
        yield Problem("/blocks", f"markdown must be less than {limits.MARKDOWN_TEXT + 1} characters in all")


def visible_characters(node: Any) -> int:
    """The characters of all texts in `node`, which Slack adds up over a message."""
    if isinstance(node, list):
        return sum(visible_characters(one) for one in node)
    if not isinstance(node, dict):
        return 0
    return sum(
        len(held) if name == "text" and isinstance(held, str) else visible_characters(held)
        for name, held in node.items()
    )
