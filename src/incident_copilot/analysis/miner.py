"""Groups log lines into templates with typed variables while they stream by."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from incident_copilot.analysis.masks import Masks, message_of
from incident_copilot.analysis.shapes import ANY, Shape, shape_of
from incident_copilot.analysis.siblings import group

_SAMPLES = 64
_LEVEL = re.compile(r"\W*(?:trace|debug|info|notice|warn|warning|error|err|fatal|critical)?\W*", re.IGNORECASE)


@dataclass(eq=False)
class Form:
    """Lines that are the same once their varying parts are masked, and some different ones of them."""

    shape: Shape
    count: int = 0
    samples: list[str] = field(default_factory=list)
    template: "Template | None" = None


@dataclass(eq=False)
class Template:
    """Lines that say the same thing: the message's tokens, and the forms in which it comes."""

    tokens: tuple[str, ...]
    forms: list[Form]

    @property
    def text(self) -> str:
        """The text with typed variables, `<*>` where words differ."""
        return " ".join(self.tokens)

    @property
    def count(self) -> int:
        """The number of lines."""
        return sum(form.count for form in self.forms)

    @property
    def headline(self) -> str:
        """The text people read: what never varied keeps its value; time and level at its head are cut."""
        seen = [set(values) for values in zip(*self._values(), strict=True)] or [set()] * len(self.tokens)
        words = [
            next(iter(values)) if len(values) == 1 and "<TIME>" not in token else token
            for token, values in zip(self.tokens, seen, strict=True)
        ]
        start = 0
        while start < len(words) - 1 and ("<TIME>" in words[start] or _LEVEL.fullmatch(words[start])):
            start += 1
        return " ".join(words[start:])

    def _values(self) -> Iterator[list[str]]:
        """Yield what stands for each token in each sample; nothing where forms differ in length."""
        if any(len(form.shape.tokens) != len(self.tokens) for form in self.forms):
            return
        for form in self.forms:
            bounds = list(pairwise((*form.shape.starts, None)))
            for sample in form.samples:
                words = sample.split()
                yield [" ".join(words[start:end]) for start, end in bounds]


class Miner:
    """Counts forms line by line, and groups them into templates when asked.

    Up to `remembered` lines are recognised without looking at them again. Lines of more forms than that are counted
    together as `<*>`, so that what is held stays bounded.
    """

    def __init__(self, *, remembered: int = 100_000) -> None:
        self._remembered = remembered
        self._masks = Masks(remembered=2 * remembered)
        self._by_mask: dict[str, Form] = {}
        self._by_line: dict[str, Form] = {}

    def add(self, line: str) -> Form:
        """Count `line` and return its form."""
        form = self._by_line.get(line)
        if form is None:
            form = self._form_of(line)
        form.count += 1
        return form

    def templates(self) -> list[Template]:
        """Return the templates of all lines so far, in the order they were met; each form knows its own."""
        found: dict[tuple[str, ...], Template] = {}
        tokens_of = group(form.shape.tokens for form in self._by_mask.values())
        for form in self._by_mask.values():
            tokens = tokens_of[form.shape.tokens]
            form.template = found.setdefault(tokens, Template(tokens, []))
            form.template.forms.append(form)
        return list(found.values())

    def _form_of(self, line: str) -> Form:
        text = message_of(line)
        masked = " ".join(self._masks.of(text))
        if len(self._by_line) >= self._remembered:
            self._by_line.clear()
        form = self._by_mask.get(masked)
        if form is None:
            full = len(self._by_mask) >= self._remembered
            masked = ANY if full else masked
            form = self._by_mask.setdefault(masked, Form(shape_of(masked)))
        if len(form.samples) < _SAMPLES and masked != ANY:
            form.samples.append(text)
        self._by_line[line] = form
        return form


def mine(lines: Iterable[str]) -> Miner:
    """Return a miner that has seen all `lines`."""
    miner = Miner()
    for line in lines:
        miner.add(line)
    return miner
