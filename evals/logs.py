"""Grouping of log lines into templates, on loghub's 2k samples: `python -m evals.logs`; README.md says what it prints.

Reads ../shared/data/logs/loghub2k, or the folder named by LOGHUB.
"""

import csv
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from incident_copilot.analysis.masks import Masks
from incident_copilot.analysis.miner import Miner

DATA = Path(os.environ.get("LOGHUB", Path(__file__).parents[2] / "shared" / "data" / "logs" / "loghub2k"))
ENDING = "_2k.log_structured_corrected.csv"
TIMES = 5

Grouper = Callable[[Sequence[str]], Sequence[object]]
"""From lines to the group of each."""


@dataclass(frozen=True)
class System:
    """The lines of one system: without their header as loghub cuts it, with it, and the true template of each."""

    name: str
    messages: list[str]
    whole: list[str]
    templates: list[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Print one table of accuracy and one line about speed; `argv` may name systems."""
    if not DATA.is_dir():
        print(f"skipped: no shared data ({DATA})")
        return 0
    systems = [one for one in read(DATA) if not argv or one.name in argv]
    print(f"{'grouping accuracy':<12}", *(f"{name:>12}" for name in (*GROUPERS, "whole lines")), f"{'templates':>12}")
    rows = []
    for one in systems:
        row = [accuracy(group(one.messages), one.templates) for group in GROUPERS.values()]
        row.append(accuracy(templates(one.whole), one.templates))
        rows.append(row)
        counts = f"{len(set(templates(one.messages)))}/{len(set(one.templates))}"
        print(f"{one.name:<12}", *(f"{share:>12.3f}" for share in row), f"{counts:>12}")
    print(f"{'mean':<12}", *(f"{mean(column):>12.3f}" for column in zip(*rows, strict=True)))
    print(
        "published, 16 systems: Drain .865 with regular expressions for each system; drain3 untuned .732, masked .767"
    )
    print(f"lines a second, median of {TIMES}: {speed(systems)}")
    return 0


def accuracy(found: Sequence[object], true: Sequence[object]) -> float:
    """Return the share of lines whose group holds exactly the lines of their true template, as loghub counts."""
    true_groups = set(_members(true).values())
    return sum(len(lines) for lines in _members(found).values() if lines in true_groups) / len(true)


def _members(groups: Sequence[object]) -> dict[object, frozenset[int]]:
    by_group: dict[object, set[int]] = defaultdict(set)
    for line, one in enumerate(groups):
        by_group[one].add(line)
    return {one: frozenset(lines) for one, lines in by_group.items()}


def read(folder: Path) -> list[System]:
    """Return all systems of a folder."""
    return [_system(path) for path in sorted(folder.glob(f"*{ENDING}"))]


def _system(path: Path) -> System:
    name = path.name.removesuffix(ENDING)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    whole = path.with_name(f"{name}_2k.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return System(name, [row["Content"] for row in rows], whole, [row["EventTemplate"] for row in rows])


def templates(lines: Sequence[str]) -> list[str]:
    """Group lines as the copilot does."""
    miner = Miner()
    forms = [miner.add(line) for line in lines]
    miner.templates()
    return [form.template.text for form in forms if form.template]


def masked(lines: Sequence[str]) -> list[str]:
    """Group the lines that are the same once typed variables are masked."""
    masks = Masks()
    return [" ".join(masks.of(line)) for line in lines]


GROUPERS: dict[str, Grouper] = {
    "copilot": templates,
    "only masked": masked,
    "each alone": lambda lines: range(len(lines)),
    "all one": lambda lines: [0] * len(lines),
}


def speed(systems: Sequence[System]) -> str:
    """Return lines a second of processor time and of the clock, over all systems one after another."""
    rates = []
    for _ in range(TIMES):
        clock, processor = time.perf_counter(), time.process_time()
        for one in systems:
            templates(one.messages)
        lines = sum(len(one.messages) for one in systems)
        rates.append((lines / (time.process_time() - processor), lines / (time.perf_counter() - clock)))
    by_processor, by_clock = (median(column) for column in zip(*rates, strict=True))
    return f"{by_processor:,.0f} of processor time, {by_clock:,.0f} of the clock (one process)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
