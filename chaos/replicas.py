"""Replicas: three processes do what one does; a killed one is replaced within seconds; a paused one does no harm."""

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from chaos import child, postgres
from chaos.crossings import Strike
from chaos.drill import Drill, drill
from chaos.outcome import Outcome, differences, outcome
from chaos.postgres import Postgres
from chaos.story import live, until_quiet
from chaos.sweep import Trial, made_folder, say, tell
from incident_copilot.sandbox.faults import Fault

PAUSE_S = 17.0
"""Longer than any lease."""
TAKEOVER_S = 15.0
"""A killed replica's work must not wait longer."""
SENDING = "chat.postMessage"
MANY = 100


async def ledger_of(count: int, folder: Path, server: Postgres) -> Outcome:
    """Run the story with so many processes and return what came of it."""
    async with drill(made_folder(folder), await server.database()) as made:
        await asyncio.gather(*(made.start(f"replica-{number}") for number in range(count)))
        await live(made)
        await until_quiet(made)
        return await outcome(made)


async def takeover_s(folder: Path, server: Postgres) -> tuple[float, Outcome]:
    """Kill the process that is sending the first message; return the seconds until another one has sent it."""
    async with drill(made_folder(folder), await server.database()) as made:
        hanging = Fault("hang", times=MANY)
        made.sandbox.faults.add(SENDING, hanging)
        await made.start("first")
        telling = asyncio.create_task(live(made))
        await made.until(lambda: hanging.times < MANY)
        await made.start("second")
        began = time.monotonic()
        await made.kill("first")
        made.sandbox.faults.clear()
        await made.until(lambda: made.channels() and made.sandbox.messages(made.channels()[0]))
        took_s = time.monotonic() - began
        await telling
        await until_quiet(made)
        return took_s, await outcome(made)


async def one_pause(folder: Path, server: Postgres, number: int, wanted: Outcome) -> Trial:
    """Stop one of two processes at a crossing, let it go on after all its leases ran out, and compare."""
    began = time.monotonic()
    async with drill(made_folder(folder), await server.database()) as made:
        pausing = asyncio.create_task(_pause(made, number))
        try:
            await live(made)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(pausing), PAUSE_S * 2)
            await until_quiet(made)
            problems = differences(wanted, await outcome(made))
        except (AssertionError, TimeoutError) as error:
            problems = [f"{type(error).__name__}: {str(error)[:3000]}"]
        finally:
            pausing.cancel()
            await asyncio.wait([pausing])
    note = child.note_of(folder, "paused")
    where = note.read_text() if note.exists() and not note.read_text().isdigit() else None
    return Trial(number, where, problems, time.monotonic() - began)


async def _pause(made: Drill, number: int) -> None:
    """The other process starts once the first one stands still, so that it is surely the first that is struck."""
    paused = asyncio.create_task(made.start("paused", Strike(number, signal.SIGSTOP)))
    note = child.note_of(made.folder, "paused")
    while not note.exists():  # noqa: ASYNC110 -- another process writes it
        await asyncio.sleep(0.05)
    await made.start("other")
    await asyncio.sleep(PAUSE_S)
    made.resume("paused")
    await paused


def main() -> None:
    """Compare one with three, measure the takeover, and pause at many crossings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pauses", type=int, default=40, help="how many crossings a replica is paused at")
    parser.add_argument("--crossings", type=int, default=600, help="how many crossings there are")
    parser.add_argument("--workers", type=int, default=6, help="runs at the same time")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="replicas-"))
    with postgres.running() as server:
        sys.exit(asyncio.run(_all(folder, server, options)))


async def _all(folder: Path, server: Postgres, options: argparse.Namespace) -> int:
    wanted = await ledger_of(1, folder / "one", server)
    say(f"1 replica: {sum(wanted.posts.values())} posts, problems: {wanted.problems}")
    found = differences(wanted, await ledger_of(3, folder / "three", server))
    say(f"3 replicas: {len(found)} differences")
    took_s, after = await takeover_s(folder / "killed", server)
    found += differences(wanted, after)
    say(f"killed while sending: the next one sent it {took_s:.1f} s later")
    found += [f"the work of a killed replica waited {took_s:.1f} s"] if took_s > TAKEOVER_S else []
    step = max(1, options.crossings // options.pauses)
    numbers = iter(range(step, options.crossings + 1, step))
    trials: list[Trial] = []
    await asyncio.gather(*(_work(folder, server, numbers, wanted, trials) for _ in range(options.workers)))
    bad = [trial for trial in trials if trial.problems]
    say(f"paused at {sum(trial.where is not None for trial in trials)} crossings, {len(bad)} violations")
    for line in found:
        say(f"  {line}")
    return 1 if found or bad else 0


async def _work(folder: Path, server: Postgres, numbers: Iterator[int], wanted: Outcome, trials: list[Trial]) -> None:
    for number in numbers:
        trials.append(await one_pause(folder / f"pause-{number}", server, number, wanted))
        tell(trials[-1])


if __name__ == "__main__":
    main()
