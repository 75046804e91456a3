"""Tools that servers of the operators offer a model, by name: listed and asked within deadlines.

What such a tool answers is kept as a note. A note can be cited and read, and makes no cause more certain. What the
model asked is its own: it is no part of what can be cited.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorError
from incident_copilot.pipeline.by_model.material import Material, Offered, Seen
from incident_copilot.ports import ContextSource, ToolSource

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

MOST_TOOLS = 12
MOST_SUMMARY = 300
WITHIN = timedelta(seconds=5)


@dataclass(frozen=True)
class Offers:
    """The tools that can be given, by name, and why those of some sources cannot."""

    tools: dict[str, Offered] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """Why a tool gave no answer."""

    why: str


async def offers_of(
    sources: Iterable[ContextSource], now: datetime, *, without: Iterable[str] = (), within: timedelta = WITHIN
) -> Offers:
    """List the tools of all sources that have some, at once; who was `without` an answer before is not asked again."""
    silent = set(without)
    asked = [(one.name, one) for one in sources if isinstance(one, ToolSource) and one.name not in silent]
    answers = await asyncio.gather(*(_within(within.total_seconds(), name, one.tools()) for name, one in asked))
    offers = Offers()
    for (name, _), answer in zip(asked, answers, strict=True):
        if isinstance(answer, Failed):
            offers.missing[name] = answer.why
            continue
        for tool in answer[: MOST_TOOLS - len(offers.tools)]:
            offers.tools.setdefault(tool.name, Offered(tool, name, now))
    return offers


async def use(offered: Offered, arguments: Mapping[str, object], material: Material) -> Seen:
    """Ask a tool; its answer becomes evidence that can be cited, or one line says why there is none."""
    tool, source = offered.tool, offered.source
    asked = tool.call(tool.parameters.model_validate(arguments))
    answer = await _within(WITHIN.total_seconds(), source, asked)
    if isinstance(answer, Failed):
        return Seen(f"{source} does not answer: {answer.why}", is_there=False)
    if not answer:
        return Seen(f"{source} knows nothing of it.", is_there=False)
    told = ", ".join(f"{name}={value}" for name, value in arguments.items() if value is not None)
    note = Evidence(
        id=new_id(offered.listed_at),
        incident_id=material.incident.id,
        source=source,
        kind=EvidenceKind.NOTE,
        title=(tool.description or tool.name)[:MOST_SUMMARY],
        summary=" ".join(answer.split())[:MOST_SUMMARY],
        taken_at=offered.listed_at,
        query=f"{tool.name}({told})",
        data={"text": answer},
    )
    return Seen(answer, found=(note,))


async def _within(seconds: float, source: str, answering: Awaitable[Answer]) -> Answer | Failed:
    try:
        async with asyncio.timeout(seconds):
            return await answering
    except TimeoutError:
        return Failed(f"no answer in {seconds:g} s")
    except VendorError as error:
        return Failed(str(error).removeprefix(f"{source}: "))
    except Exception:
        log.exception("the plugin of %s failed", source)
        return Failed("the plugin failed; see the copilot's log")
