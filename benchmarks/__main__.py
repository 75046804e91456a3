"""Runs the benchmarks and writes what they found: `make bench ARGS="--only B1,B4 --rounds 5"`."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import (
    backlog,
    brief,
    clicks,
    delivery,
    first_message,
    growth,
    ingest,
    interactions,
    looks,
    redaction,
    restart,
    results,
    review,
    search,
    storm,
    survival,
)
from benchmarks.results import Section

PAGE = Path(__file__).with_name("results.md")
Benchmark = Callable[[int, bool], Awaitable[Section]]
BENCHMARKS: dict[str, Benchmark] = {
    "B1": ingest.run,
    "B2": survival.run,
    "B3": first_message.run,
    "B4": storm.run,
    "B5": growth.run,
    "B6": clicks.run,
    "B7": delivery.run,
    "B8": restart.run,
    "B10": backlog.run,
    "B11": search.run,
    "B12": redaction.run,
    "B14": brief.run,
    "B15": review.run,
    "B16": interactions.run,
    "B17": looks.run,
}


def main() -> None:
    """Run those that were chosen; the page is written anew after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="some of them, such as B1,B4")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median counts, in B1, B5 and B8")
    parser.add_argument("--small", action="store_true", help="small sizes, only to see that they run; keeps nothing")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page; what was found is kept beside it as JSON")
    chosen = parser.parse_args()
    for key in chosen.only.upper().split(","):
        where = results.circumstances()
        section = asyncio.run(BENCHMARKS[key](chosen.rounds, chosen.small))
        print(results.shown(key, where, section), flush=True)
        if not chosen.small:
            results.keep(key, where, section, chosen.out)


if __name__ == "__main__":
    main()
