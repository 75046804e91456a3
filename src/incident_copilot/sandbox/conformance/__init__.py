"""Slack's rules of messages and views, as refusals with Slack's own error names.

Pure: payload in, Refused out. The numbers are in limits.py, the shapes in blocks.py, elements.py and objects.py.
"""

import json
from typing import Any

from incident_copilot.sandbox.conformance import limits
from incident_copilot.sandbox.conformance.objects import metadata as metadata_rule
from incident_copilot.sandbox.conformance.rules import Problem
from incident_copilot.sandbox.conformance.surfaces import block_problems, visible_characters
from incident_copilot.sandbox.conformance.views import view_problems
from incident_copilot.sandbox.wire import Json, Refused

__all__ = ["block_problems", "check_blocks", "check_message", "check_metadata", "check_view", "view_problems"]


def check_message(*, text: str, blocks: list[Json] | None, attachments: list[Json] | None, markdown_text: str) -> None:
    """Raises: Refused no_text, msg_too_long, invalid_blocks, msg_blocks_too_long, markdown_text_conflict,
    too_many_attachments."""
    if markdown_text and (text or blocks):
        raise Refused("markdown_text_conflict", "markdown_text goes with neither text nor blocks")
    if len(markdown_text) > limits.MARKDOWN_TEXT or len(text) > limits.TEXT:
        raise Refused("msg_too_long", f"{len(text or markdown_text)} characters")
    if not (text.strip() or markdown_text.strip()) and (blocks or not attachments):
        # Slack takes blocks without a text, but then notifications and screen readers have nothing to say.
        raise Refused("no_text", "top-level text is needed, also with blocks")
    if len(attachments or []) > limits.ATTACHMENTS:
        raise Refused("too_many_attachments", f"{len(attachments or [])} attachments")
    check_blocks(blocks or [], "message")
    for attachment in attachments or []:
        check_blocks(attachment.get("blocks") or [], "message")
    if visible_characters(blocks or []) > limits.ALL_BLOCKS:
        raise Refused("msg_blocks_too_long", f"{visible_characters(blocks)} characters in all blocks together")


def check_blocks(blocks: Any, surface: str) -> None:
    """`surface` is message, modal or home. Raises: Refused invalid_blocks."""
    problems = block_problems(blocks, surface)
    if problems:
        raise _refused("invalid_blocks", problems)


def check_view(view: Json, kind: str) -> None:
    """`kind` is modal or home. Raises: Refused invalid_arguments, view_too_large."""
    problems = view_problems(view, kind)
    if problems:
        raise _refused("invalid_arguments", problems)
    size = len(json.dumps(view))
    if size > limits.VIEW_BYTES:
        raise Refused("view_too_large", f"{size} bytes")


def check_metadata(metadata: Any) -> None:
    """Raises: Refused invalid_metadata_format, metadata_too_large."""
    if metadata is None:
        return
    problems = list(metadata_rule(metadata, "/metadata"))
    if problems or not isinstance(metadata.get("event_payload", {}), dict):
        raise _refused("invalid_metadata_format", problems)
    if len(json.dumps(metadata)) > limits.METADATA_BYTES:
        raise Refused("metadata_too_large", f"{len(json.dumps(metadata))} bytes")


def _refused(error: str, problems: list[Problem]) -> Refused:
    words = [str(problem) for problem in problems]
    messages = [f"[ERROR] {one}" for one in words]
    return Refused(error, "; ".join(words), errors=words, response_metadata={"messages": messages})
