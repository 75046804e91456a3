"""Meaning of texts: the package where it is installed, nothing where it is not."""

import sys
from types import SimpleNamespace

import numpy as np

from incident_copilot.knowledge import meaning


class Model:
    """Stands in for the package's model: letters counted."""

    @classmethod
    def load(cls, cache_dir, *, disable_download):
        assert disable_download
        assert cache_dir.name == "wordllama"
        return cls()

    def embed(self, texts):
        return np.array([[text.count("a"), text.count("b")] for text in texts], dtype=np.float32)


def test_without_the_extra_there_is_no_meaning(monkeypatch):
    monkeypatch.setattr(meaning, "find_spec", lambda name: None)

    assert meaning.installed_meaning() is None


def test_with_the_extra_vectors_have_length_one_and_those_of_nothing_none(monkeypatch):
    package = SimpleNamespace(WordLlama=Model, __file__="/site-packages/wordllama/__init__.py")
    monkeypatch.setitem(sys.modules, "wordllama", package)
    monkeypatch.setattr(meaning, "find_spec", lambda name: package)

    found = meaning.installed_meaning().vectors(["aaaabbb", "", "b" * 10_000])

    assert found.tolist() == [[0.8, 0.6], [0.0, 0.0], [0.0, 1.0]]
