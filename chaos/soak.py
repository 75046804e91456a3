"""The soak: minutes of alerts and clicks on three replicas while a nemesis strikes, then the checker."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from chaos import postgres
from chaos.checker import verdict
from chaos.drill import drill
from chaos.nemesis import Nemesis
from chaos.postgres import Postgres
from chaos.story import until_quiet
from chaos.sweep import made_folder, say
from chaos.traffic import Traffic

REPLICAS = ["one", "two", "three"]
EVERY_S = (5.0, 25.0)
DRAIN_S = 240.0


async def soak(folder: Path, server: Postgres, seconds: float, seed: int, every_s: tuple[float, float]) -> list[str]:
    """Run traffic and nemesis for so long, let everything come to rest, and return what is wrong."""
    chance = random.Random(seed)  # noqa: S311 -- chosen so that a run can be repeated
    async with drill(made_folder(folder), await server.database()) as made:
        await asyncio.gather(*(made.start(name) for name in REPLICAS))
        traffic, nemesis = Traffic(made, chance), Nemesis(made, server, REPLICAS, chance)
        flowing = [asyncio.create_task(traffic.alerts()), asyncio.create_task(traffic.clicks())]
        await nemesis.strike_until(asyncio.get_running_loop().time() + seconds, every_s)
        await nemesis.make_good()
        for task in flowing:
            task.cancel()
        await asyncio.wait(flowing)
        began = time.monotonic()
        made.patience_s = DRAIN_S
        try:
            await until_quiet(made)
        except AssertionError as error:
            return [str(error)]
        say(
            f"{traffic.webhooks} webhooks, {len(made.channels())} incidents with a channel, "
            f"{len(traffic.clicked)} clicks, {len(made.sandbox.ledger)} effects; strikes: {dict(nemesis.strikes)}; "
            f"quiet {time.monotonic() - began:.0f} s after the last strike"
        )
        return [
            *(f"broke: {task.exception()}" for task in flowing if not task.cancelled()),
            *await verdict(made, traffic),
        ]


def main() -> None:
    """Soak on PostgreSQL; the exit code says whether the checker found anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    with postgres.running() as server:
        wrong = asyncio.run(soak(folder / "run", server, options.seconds, options.seed, EVERY_S))
    for line in wrong:
        say(line)
    say(f"soak of {options.seconds:g} s: {len(wrong)} violations; logs are in {folder}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
