"""The pieces of modals: the view itself, inputs, and reading back what was filled in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b

MOST_BLOCKS = 100
MOST_INPUT = 3_000

View = dict[str, Any]
_HELD = ("value", "selected_user", "selected_date_time", "selected_date")


def modal(
    callback_id: str,
    title: str,
    blocks: Iterable[b.Block | None],
    *,
    submit: str | None = None,
    kept: str = "",
) -> View:
    """Return a modal; `kept` comes back with the submission."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": b.plain(title, 24),
        "close": b.plain("Cancel" if submit else "Close", 24),
        "private_metadata": kept,
        "blocks": b.fit([block for block in blocks if block], MOST_BLOCKS),
    }
    if submit:
        view["submit"] = b.plain(submit, 24)
    return view


def line(name: str, label: str, *, many_lines: bool = False, **more: Any) -> b.Block:
    """Return a text input; `optional`, `hint`, `initial` and `most` may be given."""
    element: b.Element = {"type": "plain_text_input", "action_id": "value", "multiline": many_lines}
    element["max_length"] = more.get("most", MOST_INPUT)
    if more.get("initial"):
        element["initial_value"] = inert.clean(str(more["initial"]))[: element["max_length"]]
    return _input(name, label, element, optional=more.get("optional", False), hint=more.get("hint"))


def choice(name: str, label: str, options: Mapping[str, str], **more: Any) -> b.Block:
    """Return a choice of one; options are value to words. `kind`, `initial` and `optional` may be given."""
    element: b.Element = {
        "type": more.get("kind", "static_select"),
        "action_id": "value",
        "options": [_option(value, words) for value, words in list(options.items())[:100]],
    }
    if more.get("initial"):
        element["initial_option"] = _option(more["initial"], options[more["initial"]])
    return _input(name, label, element, optional=more.get("optional", False), hint=more.get("hint"))


def several(name: str, label: str, options: Mapping[str, str], hint: str | None = None) -> b.Block:
    """Return a choice of one or more; options are value to words."""
    offered = [_option(value, words) for value, words in list(options.items())[:100]]
    element = {"type": "multi_static_select", "action_id": "value", "options": offered}
    return _input(name, label, element, optional=False, hint=hint)


def tick(name: str, label: str, value: str, words: str, hint: str | None = None) -> b.Block:
    """Return one box to tick; it may stay empty."""
    element = {"type": "checkboxes", "action_id": "value", "options": [_option(value, words)]}
    return _input(name, label, element, optional=True, hint=hint)


def ticks(name: str, label: str, options: Mapping[str, str], ticked: Sequence[str] = ()) -> b.Block:
    """Return some boxes to tick; all may stay empty."""
    offered = {value: _option(value, words) for value, words in options.items()}
    element: b.Element = {"type": "checkboxes", "action_id": "value", "options": list(offered.values())}
    if initial := [offered[value] for value in ticked if value in offered]:
        element["initial_options"] = initial
    return _input(name, label, element, optional=True, hint=None)


def member(name: str, label: str, *, optional: bool = False) -> b.Block:
    """Return a choice of a person."""
    return _input(name, label, {"type": "users_select", "action_id": "value"}, optional=optional, hint=None)


def members(name: str, label: str, *, optional: bool = False) -> b.Block:
    """Return a choice of some people."""
    element = {"type": "multi_users_select", "action_id": "value", "max_selected_items": 20}
    return _input(name, label, element, optional=optional, hint=None)


def moment(
    name: str, label: str, initial: datetime | None = None, *, optional: bool = False, hint: str = ""
) -> b.Block:
    """Return a choice of date and time, which Slack shows in each person's own zone and sends without any."""
    element: b.Element = {"type": "datetimepicker", "action_id": "value"}
    if initial:
        element["initial_date_time"] = int(initial.timestamp())
    return _input(name, label, element, optional=optional, hint=hint or None)


def time_in(text: str) -> datetime | None:
    """Return the time that was chosen under a name, or None where none was."""
    return datetime.fromtimestamp(int(text), UTC) if text else None


def day(name: str, label: str) -> b.Block:
    """Return a choice of a day; it may stay empty."""
    element: b.Element = {"type": "datepicker", "action_id": "value"}
    return _input(name, label, element, optional=True, hint=None)


def filled_in(view: Mapping[str, Any]) -> dict[str, str]:
    """Return block id to what was filled in; empty text where nothing was, the ticked value for a box."""
    values: Mapping[str, Mapping[str, Any]] = (view.get("state") or {}).get("values") or {}
    return {block: _value(next(iter(elements.values()), {})) for block, elements in values.items()}


def chosen(view: Mapping[str, Any], name: str) -> list[str]:
    """Return all that was chosen under a name."""
    values: Mapping[str, Mapping[str, Any]] = (view.get("state") or {}).get("values") or {}
    state: Mapping[str, Any] = next(iter(values.get(name, {}).values()), {})
    return [str(option["value"]) for option in state.get("selected_options") or ()] + list(
        map(str, state.get("selected_users") or ())
    )


def bulleted(heading: str, rows: Sequence[Sequence[b.Element]]) -> list[b.Block]:
    """Return a heading and its list; nothing when the list is empty."""
    listed = b.bullets(rows)
    return [b.rich({"type": "rich_text_section", "elements": [b.label(heading)]}), listed] if listed else []


def _value(state: Mapping[str, Any]) -> str:
    if state.get("selected_option"):
        return str(state["selected_option"]["value"])
    if state.get("selected_options"):
        return str(state["selected_options"][0]["value"])
    return str(next((state[name] for name in _HELD if state.get(name)), "")).strip()


def _option(value: str, words: str) -> b.Element:
    return {"text": b.plain(words, 75), "value": value[:150]}


def _input(name: str, label: str, element: b.Element, *, optional: bool, hint: str | None) -> b.Block:
    made: b.Block = {
        "type": "input",
        "block_id": name,
        "label": b.plain(label, 150),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = b.plain(hint, 300)
    return made
