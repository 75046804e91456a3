"""Turns what a person picked or typed into the state of an element and the action Slack reports."""

from typing import Any

from incident_copilot.sandbox.state.blocks import HOLDS, LISTS, elements
from incident_copilot.sandbox.wire import Json, Refused

_PICKS_OPTIONS = ("selected_option", "selected_options")


def find_element(blocks: list[Json], action_id: str, block_id: str | None, value: Any) -> tuple[Json, Json]:
    """The block and element to click; `value` decides between several. Raises: Refused action_not_found."""
    found = [
        (block, element)
        for block, element in elements(blocks)
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    exact = [pair for pair in found if value is not None and pair[1].get("value") == value]
    if not found:
        there = sorted({element["action_id"] for _, element in elements(blocks)})
        raise Refused("action_not_found", f"{action_id} is not among {there}")
    if value is not None and not exact and any("value" in element for _, element in found):
        raise Refused("action_not_found", f"no {action_id} has the value {value!r}")
    return (exact or found)[0]


def state_of(element: Json, picked: Any) -> Json:
    """What the element holds once `picked` was chosen: {type, value or selected_...}.

    `picked` is text, the value of an option, a list of those, or the state itself. Raises: Refused invalid_option.
    """
    if isinstance(picked, dict) and "type" in picked and picked["type"] == element["type"]:
        return picked
    key = HOLDS[element["type"]][0]
    if key in LISTS:
        picked = picked if isinstance(picked, list) else [picked]
        held: Any = [_option(element, one) if key in _PICKS_OPTIONS else one for one in picked]
    else:
        held = _option(element, picked) if key in _PICKS_OPTIONS else picked
    return {"type": element["type"], key: held}


def action_of(block: Json, element: Json, picked: Any, at: str) -> Json:
    """One entry of `actions` in a block_actions payload."""
    action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    action |= {name: element[name] for name in ("text", "value", "style", "url", "placeholder") if name in element}
    if element["type"] == "overflow":
        action["selected_option"] = _option(element, picked)
    elif element["type"] == "feedback_buttons":
        action["value"] = picked
    elif element["type"] in HOLDS:
        action |= state_of(element, picked)
    return action | {"action_ts": at}


def _option(element: Json, picked: Any) -> Any:
    """An option by its value; external selects and cleared ones take what was given."""
    if picked is None or isinstance(picked, dict) or element["type"].endswith("external_select"):
        return picked
    groups = [group["options"] for group in element.get("option_groups", [])]
    for option in [*element.get("options", []), *(option for options in groups for option in options)]:
        if option.get("value") == picked:
            return option
    raise Refused("invalid_option", f"{picked!r} is no option of {element['action_id']}")
