"""What the benchmarks found: kept as JSON, so that one can be measured again alone, and shown as a page of Markdown."""

import json
import math
import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

WATCHED_S = 1.0
ABOUT = """Written by `make bench`. Every section names its time and machine, and what other programs took of the
processor just before it. [README.md](README.md) says what is measured, and why a figure falls short."""


class Verdict(NamedTuple):
    """One aim: what was measured for it, and whether that is enough."""

    what: str
    measured: str
    aim: str
    is_met: bool


class Section(NamedTuple):
    """The table of one benchmark, and the aims it speaks of."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    verdicts: Sequence[Verdict]


def keep(key: str, where: str, section: Section, page: Path) -> None:
    """Put a section in the place of its last one, and write the page anew."""
    kept = page.with_suffix(".json")
    sections = json.loads(kept.read_text()) if kept.exists() else {}
    sections[key] = {"where": where, **section._asdict()}
    kept.write_text(json.dumps(dict(sorted(sections.items(), key=_number)), indent=1, ensure_ascii=False) + "\n")
    page.write_text(_page(json.loads(kept.read_text())))


def _number(item: tuple[str, object]) -> int:
    return int(item[0].removeprefix("B"))


def shown(key: str, where: str, section: Section) -> str:
    """Return one section in Markdown."""
    return _page({key: {"where": where, **section._asdict()}})


def circumstances() -> str:
    """Return date, machine and load in words; watches the machine for a second, so nothing of ours may run."""
    before, began = _busy_s(), time.monotonic()
    time.sleep(WATCHED_S)
    cores = (_busy_s() - before) / (time.monotonic() - began)
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "")
    machine = f"{os.cpu_count()} cores of {model or platform.machine()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {machine}; others kept {cores:.1f} cores busy."


def p99(values: Sequence[float]) -> float:
    """Return the value that 99 of 100 do not exceed."""
    return sorted(values)[math.ceil(len(values) * 0.99) - 1]


def _page(sections: dict[str, dict[str, object]]) -> str:
    found = {key: Section(*list(one.values())[1:]) for key, one in sections.items()}  # type: ignore[arg-type]
    verdicts = [(key, *verdict) for key, section in found.items() for verdict in section.verdicts]
    summary = [
        (key, what, measured, aim, "yes" if is_met else "**no**") for key, what, measured, aim, is_met in verdicts
    ]
    parts = ["# Results of the benchmarks", ABOUT, _table(("", "what", "measured", "aim", "met"), summary)]
    for key, section in found.items():
        parts += [f"## {key}. {section.title}", str(sections[key]["where"]), _table(section.columns, section.rows)]
    return "\n\n".join(parts) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return "\n".join([_line(columns), _line(["---"] * len(columns)), *map(_line, rows)])


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _busy_s() -> float:
    """Return the processor time of the whole machine that was not idle."""
    fields = [int(field) for field in (_lines("/proc/stat") or ["cpu 0 0 0 0 0 0 0 0"])[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
