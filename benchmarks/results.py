"""Tables of the benchmarks: printed, and on request appended to results.md with machine, date and load."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("results.md")


class Row(NamedTuple):
    """One line: what was measured, how much it is, what to think of it."""

    what: str
    measured: float
    note: str


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, write: bool) -> None:
    """Print a table in Markdown; `write` appends it to results.md."""
    lines = [f"## {title}", "", _where(), "", _line(columns), _line(["---"] * len(columns))]
    lines += [_line([str(cell) for cell in row]) for row in rows]
    text = "\n".join(lines)
    print(text)
    if write:
        before = FILE.read_text() if FILE.exists() else "# Results of the benchmarks\n"
        FILE.write_text(f"{before.rstrip()}\n\n{text}\n")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _where() -> str:
    load = " / ".join(f"{one:.1f}" for one in os.getloadavg())
    model = next((line.split(":")[1].strip() for line in _cpu() if line.startswith("model name")), platform.machine())
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{when}; {os.cpu_count()} cores, {model}; Python {platform.python_version()}; load average {load}"


def _cpu() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text().splitlines() if file.exists() else []
