""".env.example explains every setting and shows its default."""

import re
from pathlib import Path

from dotenv import dotenv_values
from pydantic_core import PydanticUndefined

from incident_copilot.settings import Settings

from .documents import ROOT

EXAMPLE = ROOT / ".env.example"
LINE = re.compile(r"^#?([A-Z][A-Z0-9_]*)=(.*)$")


def shown():
    """Variable to the value that the example gives it."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return {match[1]: match[2] for line in lines if (match := LINE.match(line))}


def explained():
    """The variables of each paragraph that begins with a comment."""
    paragraphs = EXAMPLE.read_text(encoding="utf-8").split("\n\n")
    return {
        match[1]
        for paragraph in paragraphs
        if paragraph.startswith("# ") and not LINE.match(paragraph.splitlines()[0])
        for line in paragraph.splitlines()
        if (match := LINE.match(line))
    }


def written(default):
    """A default as one would write it into .env."""
    if default is None or default is PydanticUndefined or default == ():
        return ""
    if isinstance(default, Path) and default.is_absolute():
        return str(default.relative_to(ROOT))
    return str(default)


def test_every_setting_is_shown_with_its_default():
    settings = {f"COPILOT_{name.upper()}": written(field.default) for name, field in Settings.model_fields.items()}

    assert shown() == settings | {"POSTGRES_PASSWORD": ""}


def test_every_setting_is_explained():
    assert set(shown()) - explained() == set()


def test_the_example_as_it_is_changes_nothing(monkeypatch):
    for name in shown():
        monkeypatch.delenv(name, raising=False)

    assert dotenv_values(EXAMPLE) == {}
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)
