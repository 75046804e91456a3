"""The rules of modals and home tabs."""

from collections.abc import Iterator
from typing import Any

from incident_copilot.sandbox.conformance import limits
from incident_copilot.sandbox.conformance.rules import Problem, Shape, anything, flag, one_of, plain, shaped, string
from incident_copilot.sandbox.conformance.surfaces import block_problems
from incident_copilot.sandbox.wire import Json

_COMMON = {
    "private_metadata": string(limits.PRIVATE_METADATA, least=0),
    "callback_id": string(limits.CALLBACK_ID, least=0),
    "external_id": string(limits.CALLBACK_ID, least=0),
}
_TITLE = plain(limits.MODAL_TITLE)
_MODAL = Shape(
    {"title": _TITLE, "blocks": anything},
    {
        **_COMMON,
        "submit": _TITLE,
        "close": _TITLE,
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME = Shape({"blocks": anything}, _COMMON)


def view_problems(view: Any, kind: str) -> list[Problem]:
    """Everything Slack would refuse about a view; `kind` is what the method takes, modal or home."""
    problems = list(shaped(_MODAL if kind == "modal" else _HOME)(view, "/view"))
    problems += one_of(kind)(view.get("type"), "/view/type")
    if "blocks" in view:
        problems += block_problems(view["blocks"], kind)
    return problems or list(_whole(view, kind))


def _whole(view: Json, kind: str) -> Iterator[Problem]:
    if kind == "modal" and "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        yield Problem("/view/submit", "a modal with input blocks needs submit")
