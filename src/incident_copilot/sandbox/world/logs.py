"""Log lines computed from templates: which lines a service wrote in a stretch of time, in order."""

import math
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from incident_copilot.sandbox.world.chance import bits, seed_of, uniform
from incident_copilot.sandbox.world.spec import Spec

_FIELD = re.compile(r"<([a-z]+)(?::([^>]*))?>")


class LogPhase(Spec):
    """From `from_s` on so many lines a minute are written."""

    from_s: float
    per_minute: float = Field(ge=0)


class Line(NamedTuple):
    """One line at a second relative to the alert; `source` and `number` say which, `text()` writes it out."""

    at_s: float
    source: "LogSource"
    number: int

    def text(self) -> str:
        """Return the line with its fields filled in."""
        return self.source.write(self.number)


Draw = Callable[[int], str]
"""Returns what a field says in a line, from 64 bits of chance."""


class _Piece(NamedTuple):
    """The text before a field, where the field stands, and what writes it."""

    before: str
    at: int
    draw: Draw


class _Stretch(NamedTuple):
    start_s: float
    end_s: float
    per_s: float


class LogSource(Spec):
    """One template of one service. Fields: `<uuid>`, `<hex:12>`, `<int:1-900>`, `<pick:a|b>`, `<ip>`.

    `healed_per_minute` None: the healing of the world does not change this source.
    """

    service: str
    level: str
    template: str
    labels: dict[str, str] = Field(default_factory=dict)
    per_minute: float = Field(ge=0)
    phases: tuple[LogPhase, ...] = ()
    healed_per_minute: float | None = Field(default=None, ge=0)

    @field_validator("template")
    @classmethod
    def _fields_are_known(cls, template: str) -> str:
        for kind, argument in _FIELD.findall(template):
            if kind not in _FIELDS:
                raise ValueError(f"unknown field <{kind}>; use one of {' '.join(_EXAMPLES.values())}")
            try:
                _FIELDS[kind](argument)
            except ValueError:
                raise ValueError(f"cannot read <{kind}:{argument}>; write it like {_EXAMPLES[kind]}") from None
        return template

    @model_validator(mode="after")
    def _phases_are_in_order(self) -> Self:
        starts = [phase.from_s for phase in self.phases]
        if starts != sorted(starts):
            raise ValueError(f"phases of the {self.service} log are not in order of from_s; sort them")
        return self

    @cached_property
    def seed(self) -> int:
        """Return what makes this source's times and ids its own."""
        return seed_of(self.service, self.template)

    def lines(self, start_s: float, end_s: float, healed_at_s: float | None = None) -> Iterator[Line]:
        """Yield the lines from `start_s` up to, but not including, `end_s`, oldest first."""
        found = (
            Line(at_s, self, number)
            for stretch in self._stretches(healed_at_s)
            for number, at_s in _times(stretch, self.seed, start_s, end_s)
        )
        yield from sorted(found, key=lambda line: line.at_s)

    def write(self, number: int) -> str:
        """Return the text of the line with this number."""
        state = bits(self.seed, number)
        texts: list[str] = []
        for before, at, draw in self._pieces:
            state = bits(state & 0xFFFFFFFF, at)
            texts += (before, draw(state))
        return "".join(texts) + self._rest

    @cached_property
    def _pieces(self) -> list["_Piece"]:
        """Return the template's fields; a storm writes thousands of lines, so it is taken apart once."""
        fields = list(_FIELD.finditer(self.template))
        starts = [0, *(field.end() for field in fields)]
        return [
            _Piece(self.template[start : field.start()], field.start(), _FIELDS[field[1]](field[2] or ""))
            for start, field in zip(starts, fields, strict=False)
        ]

    @cached_property
    def _rest(self) -> str:
        *_, last = [0, *(field.end() for field in _FIELD.finditer(self.template))]
        return self.template[last:]

    def _stretches(self, healed_at_s: float | None) -> Iterator[_Stretch]:
        changes = [(-math.inf, self.per_minute), *((phase.from_s, phase.per_minute) for phase in self.phases)]
        if healed_at_s is not None and self.healed_per_minute is not None:
            changes = [change for change in changes if change[0] < healed_at_s]
            changes.append((healed_at_s, self.healed_per_minute))
        ends = [start_s for start_s, _ in changes[1:]] + [math.inf]
        for (start_s, per_minute), end_s in zip(changes, ends, strict=True):
            yield _Stretch(start_s, end_s, per_minute / 60)


def _times(stretch: _Stretch, seed: int, start_s: float, end_s: float) -> Iterator[tuple[int, float]]:
    """Yield number and time of each line; line k falls at random into the k-th slot of 1/rate seconds."""
    first_s, last_s = max(start_s, stretch.start_s), min(end_s, stretch.end_s)
    if stretch.per_s == 0 or first_s >= last_s:
        return
    anchor_s = 0.0 if math.isinf(stretch.start_s) else stretch.start_s
    salt = round(anchor_s)
    lowest = math.floor((first_s - anchor_s) * stretch.per_s)
    highest = math.ceil((last_s - anchor_s) * stretch.per_s)
    for slot in range(lowest - 1, highest):
        # Whole microseconds survive the way to nanoseconds and back: pages of lines neither overlap nor leave gaps.
        at_s = round(anchor_s + (slot + uniform(seed + salt, slot)) / stretch.per_s, 6)
        if first_s <= at_s < last_s:
            yield salt * 1_000_003 + slot, at_s


def _uuid(argument: str) -> Draw:
    seed = seed_of(argument)

    def draw(state: int) -> str:
        digits = f"{bits(seed, state & 0xFFFFFFFF):016x}{state:016x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    return draw


def _hex(argument: str) -> Draw:
    length = int(argument or 8)
    return lambda state: f"{state:016x}"[:length]


def _int(argument: str) -> Draw:
    low, high = (int(part) for part in argument.split("-"))
    if high < low:
        raise ValueError("the range ends before it begins")
    return lambda state: str(low + state % (high - low + 1))


def _pick(argument: str) -> Draw:
    if not argument:
        raise ValueError("nothing to pick from")
    choices = argument.split("|")
    return lambda state: choices[state % len(choices)]


def _ip(_argument: str) -> Draw:
    return lambda state: f"10.{state % 4 + 20}.{state // 7 % 256}.{state // 2003 % 254 + 1}"


_FIELDS: dict[str, Callable[[str], Draw]] = {"uuid": _uuid, "hex": _hex, "int": _int, "pick": _pick, "ip": _ip}
_EXAMPLES = {"uuid": "<uuid>", "hex": "<hex:12>", "int": "<int:1-900>", "pick": "<pick:a|b>", "ip": "<ip>"}
