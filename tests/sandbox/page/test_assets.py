"""The page's files by themselves: nothing from elsewhere, nothing unsafe, colours readable in both schemes."""

import re
from pathlib import Path

import pytest

import incident_copilot

PAGE = Path(incident_copilot.__file__).parent / "sandbox" / "page"
MODULES = sorted(PAGE.glob("*.js"))
TEXT_ON = [
    ("ink", "paper"), ("ink", "wash"), ("ink", "side"), ("ink", "line"), ("ink", "mention"), ("ink", "accent-wash"),
    ("soft", "paper"), ("soft", "wash"), ("soft", "side"), ("ink", "code"), ("accent", "paper"), ("accent", "wash"),
    ("accent", "accent-wash"), ("accent-ink", "accent"), ("danger", "paper"), ("danger", "danger-wash"),
    ("danger-ink", "danger"), ("warn", "warn-wash"), ("good", "side"), ("danger", "side"), ("good", "paper"),
]  # fmt: skip


def names(paths):
    return [path.name for path in paths]


@pytest.mark.parametrize("path", sorted(PAGE.iterdir()), ids=lambda path: path.name)
def test_no_asset_loads_anything_from_elsewhere(path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"""(?:src|href|from|import|url\()\s*=?\s*["'(]?(?:https?:)?//[^\s"']+""", text) == []
    assert re.findall(r"@import|@font-face", text) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_build_nodes_and_never_markup(path):
    text = path.read_text(encoding="utf-8")
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc"
    assert re.findall(unsafe, text) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_import_only_their_neighbours(path):
    imported = re.findall(r'from "([^"]+)"', path.read_text(encoding="utf-8"))
    assert [name for name in imported if not (name.startswith("./") and (PAGE / name).is_file())] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_say_what_they_are_for_and_stay_short(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert (lines[0].startswith("// "), len(lines) < 400) == (True, True)


def test_the_page_has_no_inline_code_and_a_strict_policy():
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", html) == []
    assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in html


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_aa_contrast(scheme):
    tokens = colours(scheme)
    ratios = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in TEXT_ON}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_field_borders_have_the_contrast_of_controls(scheme):
    tokens = colours(scheme)
    assert contrast(tokens["strong-line"], tokens["paper"]) >= 3


def colours(scheme):
    light, dark = re.findall(r":root \{(.*?)\}", (PAGE / "style.css").read_text(encoding="utf-8"), re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else found


def contrast(one, other):
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
