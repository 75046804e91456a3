"""A form before it is sent: which input is empty, too short or too long, as Slack's clients say it."""

from incident_copilot.sandbox.people.choices import state_of
from incident_copilot.sandbox.state.blocks import HOLDS, merged_values
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.wire import Json


def filled(view: View, values: Json) -> Json:
    """`state.values` with what a person filled in.

    `values` is {block_id: text, option value, list of values, or {action_id: state}}.
    """
    typed: Json = {}
    for block in view.blocks:
        if block["block_id"] in values and block["type"] == "input":
            element, given = block["element"], values[block["block_id"]]
            is_state = isinstance(given, dict) and element["action_id"] in given
            held = given[element["action_id"]] if is_state else given
            typed[block["block_id"]] = {element["action_id"]: state_of(element, held)}
        elif isinstance(values.get(block["block_id"]), dict):
            typed[block["block_id"]] = values[block["block_id"]]
    return merged_values(view.blocks, view.values, typed)


def problems(view: View, values: Json) -> dict[str, str]:
    """What Slack's client says under each input before anything is sent, by block_id."""
    found = {}
    for block in view.blocks:
        if block["type"] == "input":
            element = block["element"]
            held = values[block["block_id"]][element["action_id"]].get(HOLDS[element["type"]][0])
            problem = _problem(block, element, held)
            if problem:
                found[block["block_id"]] = problem
    return found


def _problem(block: Json, element: Json, held: object) -> str | None:
    if held in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    if not isinstance(held, str):
        return None
    shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
    if len(held) < shortest:
        return f"Please use at least {shortest} characters."
    if len(held) > longest:
        return f"Please use {longest} characters or fewer."
    return None
