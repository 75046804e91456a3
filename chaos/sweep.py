"""The crash sweep: kill -9 at the n-th crossing, for n = 1, 2, 3 ... until a run survives, and compare."""

import argparse
import asyncio
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from chaos import child, postgres
from chaos.crossings import Strike
from chaos.drill import Drill, drill
from chaos.outcome import Outcome, differences, outcome
from chaos.story import live, until_quiet

SURVIVORS = 2
"""So many runs in a row must not reach their crossing to end the sweep; the number of crossings varies a little."""

NewUrl = Callable[[Path], Awaitable[str]]


@dataclass(frozen=True)
class Trial:
    """One run with one crash."""

    number: int
    where: str | None
    problems: list[str]
    seconds: float


@dataclass
class Sweep:
    """All runs on one kind of database."""

    folder: Path
    new_url: NewUrl
    wanted: Outcome
    trials: list[Trial] = field(default_factory=list)
    is_over: bool = False

    async def work(self, numbers: Iterator[int], deadline: float) -> None:
        """Take one number after another until a run survives, or the time is up."""
        for number in numbers:
            if self.is_over or time.monotonic() > deadline:
                return
            trial = await one_crash(self.folder / str(number), self.new_url, number, self.wanted)
            self.trials.append(trial)
            last = sorted(self.trials, key=lambda one: one.number)[-SURVIVORS:]
            self.is_over = len(last) == SURVIVORS and all(one.where is None for one in last)
            tell(trial)

    @property
    def crashes(self) -> list[Trial]:
        """Runs that reached their crossing."""
        return [trial for trial in self.trials if trial.where is not None]

    @property
    def violations(self) -> list[Trial]:
        """Runs with another outcome."""
        return [trial for trial in self.trials if trial.problems]


async def sweep(folder: Path, new_url: NewUrl, numbers: Iterator[int], workers: int, limit_s: float) -> Sweep:
    """Run the story once undisturbed, then with a crash at each of these crossings."""
    wanted = await undisturbed(folder / "undisturbed", new_url)
    made = Sweep(folder, new_url, wanted)
    deadline = time.monotonic() + limit_s
    await asyncio.gather(*(made.work(numbers, deadline) for _ in range(workers)))
    made.trials.sort(key=lambda trial: trial.number)
    return made


async def undisturbed(folder: Path, new_url: NewUrl) -> Outcome:
    """Return the outcome that every other run is measured by.

    Raises:
        AssertionError: the story does not work at all.
    """
    async with drill(made_folder(folder), await new_url(folder)) as made:
        await made.start()
        await live(made)
        await until_quiet(made)
        wanted = await outcome(made)
    if wanted.problems:
        raise AssertionError("without any crash: " + "; ".join(wanted.problems))
    return wanted


async def one_crash(folder: Path, new_url: NewUrl, number: int, wanted: Outcome) -> Trial:
    """Run the story with a crash at one crossing, and compare."""
    began = time.monotonic()
    async with drill(made_folder(folder), await new_url(folder)) as made:
        keeping = asyncio.create_task(_keep(made, number))
        try:
            await live(made)
            await until_quiet(made)
            problems = differences(wanted, await outcome(made))
        except (AssertionError, TimeoutError) as error:
            problems = [f"{type(error).__name__}: {str(error)[:3000]}"]
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])
    note = child.note_of(folder, "first")
    died = note.exists() and not note.read_text().isdigit()
    where = note.read_text() if died else None
    if not problems:
        shutil.rmtree(folder)
    return Trial(number, where, problems, time.monotonic() - began)


async def _keep(made: Drill, number: int) -> None:
    """The first life ends at the crossing; the second one lasts."""
    if await made.start("first", Strike(number)):
        await made.copilots["first"].ended()
    await made.start("second")


def made_folder(folder: Path) -> Path:
    """Make the folder of one run."""
    folder.mkdir(parents=True)
    return folder


def spread(last: int) -> Iterator[int]:
    """Yield crossings up to the last one so that wherever it ends, those it gave are spread over all of them."""
    golden = (5**0.5 - 1) / 2
    return (1 + int(last * (step * golden % 1)) for step in itertools.count(1))


def tell(trial: Trial) -> None:
    """Print one line for a run that went well, everything for one that did not."""
    where = trial.where.splitlines() if trial.where else [f"{trial.number}: not reached"]
    line = f"{trial.seconds:5.1f} s  {where[0]}"
    if trial.problems:
        line = "\n  ".join([f"VIOLATION {line}", *where[1:], "differences:", *trial.problems])
    say(line)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def new_file(folder: Path) -> str:
    """Return the URL of an empty SQLite database in a folder."""
    return f"sqlite+aiosqlite:///{folder / 'copilot.db'}"


def main() -> None:
    """Sweep on SQLite and PostgreSQL; the exit code says whether there were violations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--from", dest="first", type=int, default=1, help="first crossing")
    parser.add_argument("--to", dest="last", type=int, default=None, help="last crossing")
    parser.add_argument("--every", type=int, default=1, help="every k-th crossing only")
    parser.add_argument("--workers", type=int, default=3, help="runs at the same time")
    parser.add_argument("--keep", type=Path, help="where files of runs with violations stay")
    options = parser.parse_args()
    kinds = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    folder = options.keep or Path(tempfile.mkdtemp(prefix="crash-sweep-"))
    failed = False
    for kind in kinds:
        failed |= _sweep(kind, folder.resolve() / kind, options)
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


def _sweep(kind: str, folder: Path, options: argparse.Namespace) -> bool:
    folder.mkdir(parents=True)
    last = options.last or sys.maxsize
    numbers = itertools.takewhile(lambda n: n <= last, itertools.count(options.first, options.every))
    began = time.monotonic()
    with ExitStack() as stack:
        new_url: NewUrl = new_file
        if kind == "postgresql":
            server = stack.enter_context(postgres.running())
            new_url = lambda _: server.database()  # noqa: E731
        made = asyncio.run(sweep(folder, new_url, numbers, options.workers, float("inf")))
    took = time.monotonic() - began
    say(f"{kind}: {len(made.crashes)} crash points, {len(made.violations)} violations ({took:.0f} s)")
    return bool(made.violations)


if __name__ == "__main__":
    main()
