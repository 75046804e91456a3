"""What leaves for a language model: made once, noted in the ledger and sent as it is."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from incident_copilot.domain.redaction import PERSONAL, Redactor
from incident_copilot.domain.visible import visible

MOST_CHARACTERS = 12_000
MOST_OF_A_RESULT = 4_000
_REST = "(There is no room for the rest.)"
# Whoever writes one of our placeholders must not be given what it stands for.
_FORGED = re.compile(rf"\[((?:{'|'.join(PERSONAL)})-\d+)\]")
# The sixteen selectors of glyph variants; a run of them can carry text, and none changes what a word says.
_VARIANTS = re.compile("[\ufe00-\ufe0f]")


@dataclass(frozen=True)
class Outgoing:
    """What leaves of a text and of the results of tools, and how often something was hidden in them, by kind.

    Only `outgoing` makes one. The `redactor` knows what its placeholders stand for. `spare` are the labels of the lines
    that may be left out, the least relevant first; `left_out` of those that are.
    """

    text: str
    results: tuple[str, ...]
    hidden: Mapping[str, int]
    redactor: Redactor
    spare: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """How much leaves."""
        return len(self.text) + sum(map(len, self.results))

    @property
    def lacks(self) -> str:
        """What of the material is not in it, in words; "" where nothing is lacking."""
        counted = ((len(self.left_out), "line"), (sum(one.endswith(_REST) for one in self.results), "result"))
        parts = [f"{number} {what}{'s' if number > 1 else ''}" for number, what in counted if number]
        return f"{' and '.join(parts)} cut" if parts else ""

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, by which the ledger names it."""
        return hashlib.sha256("\n".join([self.text, *self.results]).encode()).hexdigest()

    def within(self, room: int) -> "Outgoing":
        """Return it cut to so many characters, as far as that goes.

        Lines are left out that may be; then of what tools have shown, the oldest first, all but the beginning.
        """
        lines, left_out, results = self.text.split("\n"), [*self.left_out], []
        over = self.characters - room
        for label in self.spare:
            line = next((line for line in lines if line.startswith(f"{label}: ")), None)
            if over > 0 and line is not None:
                lines.remove(line)
                left_out.append(label)
                over -= len(line) + 1
        for result in self.results:
            results.append(_beginning(result, len(result) - over) if over > 0 else result)
            over -= len(result) - len(results[-1])
        return replace(self, text="\n".join(lines), results=tuple(results), left_out=tuple(left_out))


def outgoing(
    untrusted: str,
    redactor: Redactor,
    results: Sequence[str] = (),
    *,
    spare: Sequence[str] = (),
    room: int | None = None,
) -> Outgoing:
    """Return what may leave: what can be seen, without secrets and personal data, each text cut to its length.

    `spare` are the labels of lines that may be left out for it, and for `room`: characters in all.
    """
    before = Counter(redactor.hidden)
    text = _clean(untrusted, redactor)
    shown = tuple(_clean(one, redactor)[:MOST_OF_A_RESULT] for one in results)
    whole = Outgoing(text, (), dict(redactor.hidden - before), redactor, tuple(spare)).within(MOST_CHARACTERS)
    leaving = replace(whole, text=whole.text[:MOST_CHARACTERS], results=shown)
    return leaving if room is None else leaving.within(room)


def _clean(text: str, redactor: Redactor) -> str:
    """Hide what must not leave; cutting comes after it, so that no secret is cut in two and overlooked."""
    return redactor.redact(_FORGED.sub(r"(\1)", _VARIANTS.sub("", visible(text))))


def _beginning(text: str, most: int) -> str:
    """Return the first lines of a text, and that there are more."""
    kept = text[: max(most - len(_REST), 0)].rpartition("\n")[0]
    cut = f"{kept}\n{_REST}" if kept else _REST
    return cut if len(cut) < len(text) else text
