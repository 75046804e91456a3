"""Compare texts by meaning, where the extra `embeddings` is installed: words averaged, on this machine, no download."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

_PACKAGE = "wordllama"
_BEGINNING = 2_000
"""Characters of a text that tell what it is about."""

Vectors = npt.NDArray[np.float64]


class Meaning(Protocol):
    """Turns texts into vectors whose products say how alike they are."""

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text, of length 1, or of length 0 for an empty text; only the beginning of a text counts."""
        ...


def installed_meaning() -> Meaning | None:
    """What the extra `embeddings` brings, None where it is not installed."""
    return _WordLlama() if find_spec(_PACKAGE) else None


class _WordLlama:
    """https://github.com/dleemiller/WordLlama: 256 numbers a word, inside the package (MIT, 16 MB)."""

    def __init__(self) -> None:
        import wordllama  # noqa: PLC0415 -- an optional extra

        # It looks for its own tokenizer in a folder "tokenizer", and ships it in "tokenizers", where only a cache is
        # looked for: so the package is named as the cache.
        package = Path(str(wordllama.__file__)).parent
        self._model = wordllama.WordLlama.load(cache_dir=package, disable_download=True)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        found = np.asarray(self._model.embed([text[:_BEGINNING] for text in texts]), dtype=np.float64)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.where(lengths > 0, lengths, 1.0))
