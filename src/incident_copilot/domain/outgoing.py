"""What leaves for a language model: made once, noted in the ledger and sent as it is."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident_copilot.domain.redaction import PERSONAL, Redactor
from incident_copilot.domain.visible import visible

MOST_CHARACTERS = 12_000
MOST_OF_A_RESULT = 4_000
# Whoever writes one of our placeholders must not be given what it stands for.
_FORGED = re.compile(rf"\[((?:{'|'.join(PERSONAL)})-\d+)\]")
# The sixteen selectors of glyph variants; a run of them can carry text, and none changes what a word says.
_VARIANTS = re.compile("[\ufe00-\ufe0f]")


@dataclass(frozen=True)
class Outgoing:
    """What leaves of a text and of the results of tools, and how often something was hidden in them, by kind.

    Only `outgoing` makes one. The `redactor` knows what its placeholders stand for.
    """

    text: str
    results: tuple[str, ...]
    hidden: Mapping[str, int]
    redactor: Redactor

    @property
    def characters(self) -> int:
        """How much leaves."""
        return len(self.text) + sum(map(len, self.results))

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, by which the ledger names it."""
        return hashlib.sha256("\n".join([self.text, *self.results]).encode()).hexdigest()


def outgoing(untrusted: str, redactor: Redactor, results: Sequence[str] = ()) -> Outgoing:
    """Return what may leave: what can be seen, without secrets and personal data, each text cut to its length."""
    before = Counter(redactor.hidden)
    text = _clean(untrusted, redactor)[:MOST_CHARACTERS]
    shown = tuple(_clean(one, redactor)[:MOST_OF_A_RESULT] for one in results)
    return Outgoing(text, shown, dict(redactor.hidden - before), redactor)


def _clean(text: str, redactor: Redactor) -> str:
    """Hide what must not leave; cutting comes after it, so that no secret is cut in two and overlooked."""
    return redactor.redact(_FORGED.sub(r"(\1)", _VARIANTS.sub("", visible(text))))
