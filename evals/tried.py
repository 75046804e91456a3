"""What came of each case with a model, a line each, so that a run of hours that is stopped goes on where it was."""

import json
from collections.abc import Iterator
from pathlib import Path

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.investigation import Investigation, Spent


class Tried(Frozen):
    """One case, once with the model; `first` is the first cause with it, `is_other` whether the computed one is not."""

    case: str
    run: int
    passed: bool
    first: str
    is_other: bool
    why: str
    claims: int
    struck: int
    spent: Spent
    took_s: float


def tried_of(case: str, run: int, held: Investigation, *, passed: bool, first: str, took_s: float) -> Tried:
    """Return what is kept of an investigation."""
    return Tried(
        case=case,
        run=run,
        passed=passed,
        first=first,
        is_other=held.result is not None and held.result.above is not None,
        why=held.why,
        claims=held.claims,
        struck=len(held.struck),
        spent=held.spent,
        took_s=took_s,
    )


class Progress:
    """The tries of one model with one set of prompts; in a file where there is one, which may hold others' too."""

    def __init__(self, path: Path | None, model: str, prompts: str) -> None:
        self._path = path
        self._key = {"model": model, "prompts": prompts}
        self.tried = [*self._read()]

    def has(self, case: str, run: int) -> bool:
        """Whether it was tried."""
        return any((one.case, one.run) == (case, run) for one in self.tried)

    def add(self, one: Tried) -> None:
        """Keep one more."""
        self.tried.append(one)
        if self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**self._key, "tried": one.model_dump(mode="json")}) + "\n")

    def _read(self) -> Iterator[Tried]:
        if self._path is None or not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if {name: row[name] for name in self._key} == self._key:
                yield Tried.model_validate(row["tried"])
