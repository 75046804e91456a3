"""The chunks of a streamed message.

https://docs.slack.dev/reference/methods/chat.appendStream
"""

from collections.abc import Iterator, Mapping
from typing import Any

from incident_copilot.sandbox.conformance import limits
from incident_copilot.sandbox.conformance.blocks import shape_problems
from incident_copilot.sandbox.conformance.elements import element
from incident_copilot.sandbox.conformance.rules import Problem, Rule, Shape, items, one_of, string, typed
from incident_copilot.sandbox.conformance.surfaces import block_problems
from incident_copilot.sandbox.wire import Json


def _blocks(value: Any, pointer: str) -> Iterator[Problem]:
    yield from list(shape_problems(value, pointer)) or block_problems(value, "message")


_CHUNKS: Mapping[str, Shape] = {
    "markdown_text": Shape({"text": string(limits.MARKDOWN_TEXT)}),
    "plan_update": Shape({"title": string(limits.CHUNK_TITLE)}),
    "task_update": Shape(
        {
            "id": string(limits.ID),
            "title": string(limits.CHUNK_TITLE),
            "status": one_of("pending", "in_progress", "complete", "error"),
        },
        {
            "details": string(limits.CHUNK_TITLE),
            "output": string(limits.CHUNK_TITLE),
            "sources": items(element("url"), 100, least=0),
        },
    ),
    "blocks": Shape({"blocks": _blocks}),
}
_CHUNK: Rule = typed(lambda: _CHUNKS)


def chunk_problems(chunks: list[Json]) -> list[Problem]:
    """Everything Slack would refuse about the chunks of one call."""
    return list(items(_CHUNK, limits.MESSAGE_BLOCKS, least=0)(chunks, "/chunks"))
