"""The parts of `evals.llm` that ask a model item by item, and keep their section of results.md after each."""

import argparse
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from evals import drafts, judged, long_talk, updates
from evals.asking import Present
from incident_copilot.ports import LLM

Keep = Callable[[Path, str, str], None]


@dataclass(frozen=True)
class Part:
    """What is asked, how it went, and the section about it."""

    title: str
    read: Callable[[], Sequence[Any]]
    tell: Callable[[Sequence[Any], LLM, timedelta], AsyncIterator[Any]]
    said_of: Callable[[Any], str]
    report: Callable[[str, Sequence[Any]], str]


PARTS: Mapping[str, Part] = {
    "updates": Part("updates", drafts.read, drafts.draft, updates.said_of, updates.report),
    "judge": Part("judge", judged.read, judged.tell, judged.said_of, judged.report),
    "long": Part("long digest", long_talk.read, long_talk.tell, long_talk.said_of, long_talk.report),
}


def by_name(keep: Keep) -> dict[str, Callable[[LLM, argparse.Namespace], Any]]:
    """Return what asks each part; `keep` writes a section."""
    return {name: partial(_ask, part, keep) for name, part in PARTS.items()}


async def _ask(part: Part, keep: Keep, llm: LLM, asked: argparse.Namespace) -> None:
    name, told = f"{asked.model}, {part.title}", []
    async for one in part.tell(part.read()[: asked.cases], Present(llm), timedelta(seconds=asked.deadline)):
        told.append(one)
        print(part.said_of(one), flush=True)
        keep(asked.out, name, part.report(name, told))
    print(part.report(name, told))
