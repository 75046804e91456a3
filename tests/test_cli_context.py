"""`context`, as typed."""

import asyncio
import json

import pytest
import yaml

from environment import own_environment
from test_cli_sources import typed
from whole import settings_for, workspace

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")

PAGE = "context_sources: [{plugin: statuspage, options: {pages: [{name: psp, url: http://127.0.0.1:1}]}}]\n"


@pytest.fixture
def configured(monkeypatch, tmp_path):
    """Writes copilot.yaml."""

    def write(text):
        file = tmp_path / "copilot.yaml"
        file.write_text(text)
        monkeypatch.setenv("COPILOT_CONFIG_FILE", str(file))

    return write


def test_source_is_asked_as_the_brief_would(typed, configured):
    configured(PAGE)

    code, out, _ = typed("context", "test", "statuspage")

    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("Status pages, asked about no alert; services none; ")
    assert lines[1].startswith("0 found, 0 gaps, in 0.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("loki",), "there is no context source loki in "),
        (("statuspage", "--incident", "INC-x"), "INC-x: write it as INC-42"),
        (("statuspage", "--incident", "INC-9"), "there is no INC-9"),
    ],
)
def test_what_is_not_there_is_one_clear_line(typed, configured, words, said):
    configured(PAGE)

    code, _, error = typed("context", "test", *words)

    assert (code, error.startswith(said)) == (1, True)


def test_check_names_the_source_that_does_not_answer(typed, configured):
    configured(PAGE)

    code, out, _ = typed("context", "check")

    assert code == 1
    assert out.startswith("statuspage: Status page of psp: cannot connect for GET http://127.0.0.1:1/api/v2/")


def test_check_of_nothing_says_so(typed, configured):
    configured("context_sources: []\n")

    assert typed("context", "check") == (0, "copilot.yaml has no context sources.\n", "")


async def test_check_of_sources_that_answer_exits_with_0(tmp_path, typed, configured):
    async with workspace(tmp_path) as whole:
        known = yaml.safe_load(settings_for(whole).config_file.read_text())["context_sources"]
        prometheus = next(one for one in known if one["plugin"] == "prometheus")
        configured(json.dumps({"context_sources": [prometheus]}))

        assert await asyncio.to_thread(typed, "context", "check") == (0, "prometheus: answers\n", "")
