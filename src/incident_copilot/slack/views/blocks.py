"""The pieces of Block Kit that every view is made of; text from outside goes into places that Slack never parses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from incident_copilot.slack import text as inert

Block = dict[str, Any]
Element = dict[str, Any]
Style = Literal["bold", "italic", "code", "strike"]

MOST_BLOCKS = 50
MOST_CHARACTERS = 9_000
"""Slack refuses messages whose blocks hold about 12,000 characters, its own overhead included."""
MOST_TEXT = 2_900
_CUT_BLOCK = "Shortened: the rest did not fit into one message."


@dataclass(frozen=True)
class Rendered:
    """A message: `text` is what notifications and screen readers say, `blocks` what is seen."""

    text: str
    blocks: list[Block] = field(default_factory=list)


def message(text: str, blocks: Iterable[Block | None]) -> Rendered:
    """Return a message within Slack's limits; `text` is untrusted and must say what matters."""
    return Rendered(
        inert.escape(text, MOST_TEXT).strip() or "Incident copilot", fit([b for b in blocks if b], MOST_BLOCKS)
    )


def header(text: str) -> Block:
    """Return a headline."""
    return {"type": "header", "text": plain(text, 150)}


def plain(text: str, limit: int) -> Element:
    """Return a plain text object; Slack needs it not to be empty."""
    return {"type": "plain_text", "text": inert.one_line(text, limit) or "-", "emoji": False}


def words(text: str, *styles: Style, limit: int = 1_000) -> Element:
    """Return text that is shown literally, on one line."""
    return _text(inert.one_line(text, limit) or "-", *styles)


def space(text: str) -> Element:
    """Return the copilot's own text exactly as it is: separators and labels."""
    return _text(text)


def label(text: str) -> Element:
    """Return the copilot's own text in bold."""
    return _text(text, "bold")


def person(who: str) -> Element:
    """Return a person by name and link; whoever is not a person of the workspace is shown as text."""
    known = inert.chat_id(who)
    return {"type": "user", "user_id": known} if known else words(who, limit=80)


def told(text: str, people: frozenset[str], limit: int = 1_000) -> list[Element]:
    """Return one line of text in which mentions of `people` become their names; any other stays as it is written."""
    return _told(inert.one_line(text, limit), people)


def told_whole(text: str, people: frozenset[str]) -> list[Element]:
    """Return clean text as it is, line ends included, with mentions of `people` as their names."""
    return _told(text, people)


def channel(channel_id: str) -> Element:
    """Return a channel by name and link."""
    return {"type": "channel", "channel_id": channel_id}


def date(at: datetime) -> Element:
    """Return a time that each reader sees in their own zone."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": inert.utc(at),
    }


def timed(text: str, people: frozenset[str] = frozenset(), limit: int = 1_000) -> list[Element]:
    """Return one line of text in which each time in UTC is one that readers see in their own zone.

    Mentions of `people` become their names; any other stays as it is written.
    """
    pieces = inert.times_in(inert.one_line(text, limit)) or [("-", None)]
    return [one for piece, at in pieces for one in ([date(at)] if at else _told(piece, people))]


def link(url: str, text: str, *, show_host: bool = True) -> Element:
    """Return a link whose text names its host; an address that is no web address is shown as harmless code."""
    safe = inert.link(url)
    if safe is None:
        return words(f"{text}: {inert.defang(url)}", "code", limit=200)
    shown = inert.one_line(text, 150)
    return {"type": "link", "url": safe, "text": f"{shown} ({inert.host(safe)})"[:300] if show_host else shown}


def lines(rows: Iterable[Sequence[Element]]) -> Block | None:
    """Return a block of lines, None when there are none."""
    elements: list[Element] = []
    for row in rows:
        if elements:
            elements.append(space("\n"))
        elements.extend(row)
    return rich({"type": "rich_text_section", "elements": elements}) if elements else None


def code(text: str, limit: int = 1_500, most_lines: int = 30) -> Block:
    """Return text in a code block that it cannot leave."""
    return rich({"type": "rich_text_preformatted", "elements": [_text(inert.lines(text, limit, most_lines) or "-")]})


def quote(text: str, limit: int = 2_500, people: frozenset[str] = frozenset()) -> Block:
    """Return text that is visibly somebody's wording; only `people` are shown by name where it mentions them."""
    return rich({"type": "rich_text_quote", "elements": _told(inert.lines(text, limit), people)})


def bullets(rows: Sequence[Sequence[Element]]) -> Block | None:
    """Return a list, None when it has no items."""
    items = [{"type": "rich_text_section", "elements": list(row)} for row in rows]
    return rich({"type": "rich_text_list", "style": "bullet", "elements": items}) if items else None


def rich(*elements: Element) -> Block:
    """Return a rich text block: nothing in it is parsed."""
    return {"type": "rich_text", "elements": list(elements)}


def footer(text: str) -> Block:
    """Return a small grey line; `text` is untrusted."""
    return {"type": "context", "elements": [plain(text, 1_000)]}


def ours(text: str) -> Block:
    """Return a paragraph with its markup; `text` is the copilot's own."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def stamp(text: str, at: datetime) -> Block:
    """Return a small grey line that ends in a time; `text` is the copilot's own."""
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": f"{inert.escape(text, 1_000)} {inert.when(at)}", "verbatim": True}],
    }


def button(
    text: str,
    action_id: str,
    value: str,
    style: Literal["primary", "danger"] | None = None,
    *,
    confirm: Element | None = None,
    said_as: str | None = None,
) -> Element:
    """Return a button; `said_as` is what screen readers say instead of a short label."""
    made: Element = {
        "type": "button",
        "text": plain(text, 75),
        "action_id": str(action_id),
        "value": value[:2000] if value.strip() else "-",
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    if said_as:
        made["accessibility_label"] = inert.one_line(said_as, 75)
    return made


def menu(options: Mapping[str, str], action_id: str) -> Element:
    """Return a menu of at most five things to do; options are value to words."""
    offered = [{"text": plain(words, 75), "value": value[:150]} for value, words in list(options.items())[:5]]
    return {"type": "overflow", "action_id": action_id, "options": offered}


def choice(options: Mapping[str, str], action_id: str, placeholder: str) -> Element:
    """Return a list of which one thing is chosen; options are value to words."""
    offered = [{"text": plain(words, 75), "value": value[:150]} for value, words in options.items()]
    named = plain(placeholder, 150)
    return {"type": "static_select", "action_id": action_id, "placeholder": named, "options": offered}


def confirm(title: str, text: str, yes: str) -> Element:
    """Return the question asked before a risky click counts."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain("Go back", 30),
    }


def more(left_out: int, what: str = "") -> list[list[Element]]:
    """Return the line that says how much is not shown; none where all of it is."""
    said = f"and {left_out} more{f' {what}' if what else ''}"
    return [[_text(said, "italic")]] if left_out > 0 else []


def actions(buttons: Sequence[Element], block_id: str | None = None) -> Block | None:
    """Return a row of buttons, None when there are none; action ids that occur twice get a number."""
    if not buttons:
        return None
    row: Block = {"type": "actions", "elements": _distinct(buttons[:25])}
    if block_id:
        row["block_id"] = block_id
    return row


def fit(blocks: list[Block], most: int) -> list[Block]:
    """Return blocks whose number and text stay within Slack's limits, saying where something was left out."""
    if len(blocks) > most:
        blocks = [*blocks[: most - 1], footer(_CUT_BLOCK)]
    total = sum(len(holder["text"]) for block in blocks for holder in _texts(block))
    return blocks if total <= MOST_CHARACTERS else _shortened(blocks)


def _shortened(blocks: list[Block]) -> list[Block]:
    left = MOST_CHARACTERS - 10 * sum(1 for block in blocks for _ in _texts(block))
    for block in blocks:
        for holder in _texts(block):
            holder["text"] = inert.cut(holder["text"], max(10, left))
            left -= len(holder["text"])
    return blocks


def _texts(node: Any) -> Iterable[dict[str, Any]]:
    if isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node
        for value in node.values():
            yield from _texts(value)


def _distinct(buttons: Sequence[Element]) -> list[Element]:
    names = [button["action_id"] for button in buttons]
    twice = {name for name in names if names.count(name) > 1}
    numbered: dict[str, int] = {}
    distinct: list[Element] = []
    for button in buttons:
        name = button["action_id"]
        if name in twice:
            numbered[name] = numbered.get(name, 0) + 1
            button = {**button, "action_id": f"{name}:{numbered[name]}"}  # noqa: PLW2901 -- the same button, renamed
        distinct.append(button)
    return distinct


def _told(text: str, people: frozenset[str]) -> list[Element]:
    pieces = inert.people_named(text, people) or [("-", False)]
    return [person(piece) if is_person else _text(piece) for piece, is_person in pieces]


def _text(text: str, *styles: Style) -> Element:
    element: Element = {"type": "text", "text": text}
    if styles:
        element["style"] = dict.fromkeys(styles, True)
    return element
