"""YAML: what libyaml reads is what Python's own loader reads, and mistakes are told in the words of the latter."""

from functools import partial

import pytest
import yaml

from incident_copilot.yaml_text import DEEPEST, Alias, NotTaken, quickly, require_bounded


def values(text, loader):
    return loader(text).get_single_data()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1\nb: [x, 'y', \"z\\n\"]\n",
        "on: yes\nnone: ~\ntime: 12:30:00\nday: 2026-11-28\noctal: 010\nfloat: 1.5e3\n",
        "# said first\n---\nfolded: >-\n  one\n  two\nkept: |\n  one\n\n  two\n",
        "name: Grüße, 漢字 and 🙂\n",
    ],
)
def test_both_loaders_read_the_same(text):
    assert quickly(partial(values, text)) == yaml.safe_load(text)


def test_a_mistake_is_told_in_pythons_words():
    with pytest.raises(yaml.MarkedYAMLError) as error:
        quickly(partial(values, "a:\n  - ["))

    assert error.value.problem == "expected the node content, but found '<stream end>'"


@pytest.mark.parametrize(
    ("text", "kind", "line", "said"),
    [
        ("a: &x 1\nb: *x\n", Alias, 2, "aliases are not taken"),
        ("a: " + "[" * (DEEPEST + 1), NotTaken, 1, f"nested deeper than {DEEPEST} levels"),
    ],
)
def test_what_could_grow_is_refused_with_its_line(text, kind, line, said):
    with pytest.raises(kind) as error:
        quickly(partial(require_bounded, text))

    assert (error.value.line, str(error.value)) == (line, said)
