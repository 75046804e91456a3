"""The gallery has everything that people can see, and Slack would take all of it."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from gallery_entries import entries
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from incident_copilot.sandbox.conformance import check_message, check_view
from incident_copilot.slack import views
from incident_copilot.slack.views.blocks import Rendered

FOLDER = Path(views.__file__).parent
MADE_OF = {"render", "message", "modal"}
"""What views are made with, and not views themselves."""
ENTRIES = entries()


def view_functions():
    """Every public function of slack/views that returns a message, a modal or a home tab, as file and name."""
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            returned = ast.unparse(node.returns) if isinstance(node, ast.FunctionDef) and node.returns else ""
            is_view = re.fullmatch(r"(b\.)?Rendered|View", returned) and not node.name.startswith("_")
            if is_view and node.name not in MADE_OF:
                yield path, node.name


def test_every_view_is_in_the_gallery():
    shown = {(Path(inspect.getfile(one.made_by)), one.made_by.__name__) for one in ENTRIES if one.made_by}

    assert set(view_functions()) - shown == set()


def test_every_name_is_used_once():
    names = [entry.name for entry in ENTRIES]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_slack_takes_it(entry):
    if not isinstance(entry.shown, Rendered):
        check_view(entry.shown, entry.shown["type"])
        View(**entry.shown).to_dict()
        return
    check_message(text=entry.shown.text, blocks=entry.shown.blocks, attachments=None, markdown_text="")
    for block in entry.shown.blocks:
        Block.parse(block).to_dict()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_nothing_means_something_by_colour_or_emoji_alone(entry):
    blocks = entry.shown.blocks if isinstance(entry.shown, Rendered) else entry.shown["blocks"]
    buttons = [one for one in elements(blocks) if one.get("type") == "button"]

    assert [one["text"]["text"] for one in buttons if not re.search(r"\w", one["text"]["text"])] == []
    assert re.findall(r":[a-z_+-]+:|[\U0001f300-\U0001faff\u2600-\u27bf]", str(entry.shown)) == []


def elements(node):
    """Every object of a payload."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from elements(value)
    elif isinstance(node, list):
        for value in node:
            yield from elements(value)
