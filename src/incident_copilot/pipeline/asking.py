"""All context sources asked at once: what they have found when the brief is due, and what comes later."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceGap, EvidenceKind
from incident_copilot.errors import VendorError
from incident_copilot.ports import ContextSource, Question
from incident_copilot.vendors.together import PartlyAnswered, note_in

log = logging.getLogger(__name__)

NEEDED = {
    EvidenceKind.METRIC: frozenset({"points"}),
    EvidenceKind.LOG: frozenset({"lines", "since", "until", "truncated"}),
    EvidenceKind.CHANGE: frozenset({"service", "at"}),
    EvidenceKind.STATUS_PAGE: frozenset({"provider", "state"}),
}
"""The data that the investigation cannot do without, by kind of evidence."""
FORGOTTEN_AFTER_S = 120.0
SETTLE = timedelta(seconds=0.5)

Answer = tuple[Sequence[Evidence], EvidenceGap | None]


@dataclass(frozen=True)
class _Asked:
    """One source that is asked; `so_far` is what it has found while it still looks."""

    source: ContextSource
    task: asyncio.Task[Answer]
    so_far: list[Evidence]


@dataclass
class Asking:
    """One question, put to all sources; `kept` are the ids of what the database holds of it."""

    question: Question
    asked: Sequence[_Asked]
    began_at: float
    kept: frozenset[str] = frozenset()
    is_superseded: bool = False

    @classmethod
    def begin(cls, sources: Iterable[ContextSource], question: Question) -> "Asking":
        """Ask all sources now."""
        asked = []
        for source in sources:
            so_far: list[Evidence] = []
            asked.append(_Asked(source, asyncio.create_task(_answer(source, question, so_far)), so_far))
        return cls(question, asked, asyncio.get_running_loop().time())

    @property
    def age_s(self) -> float:
        """Seconds since the sources were asked."""
        return asyncio.get_running_loop().time() - self.began_at

    @property
    def pending(self) -> list[asyncio.Task[Answer]]:
        """The answers that are not there yet."""
        return [one.task for one in self.asked if not one.task.done()]

    async def heard(self, within: timedelta, *, is_last: bool = True) -> ContextBundle:
        """Return what has come `within` of the beginning, and a gap for each source that could not look (promise P12).

        `is_last` gives up who has not answered by then; else they are still asked, and the bundle says so.
        """
        await self._wait(within, asyncio.ALL_COMPLETED)
        return self._bundle(within, is_last=is_last)

    async def more(self, within: timedelta) -> ContextBundle:
        """Return the same once one more source has answered; it is the last time when all have, or the time is over."""
        await self._wait(within, asyncio.FIRST_COMPLETED)
        # Who answers at about the same time comes in the same refresh.
        await self._wait(min(within, timedelta(seconds=self.age_s) + SETTLE), asyncio.ALL_COMPLETED)
        return self._bundle(within, is_last=self.age_s >= within.total_seconds())

    def supersede(self) -> None:
        """Ask no further, and let nothing of it be shown: the incident is asked about anew."""
        self.is_superseded = True
        self._stop()

    async def _wait(self, within: timedelta, until: str) -> None:
        try:
            if pending := self.pending:
                left_s = max(0.0, within.total_seconds() - self.age_s)
                await asyncio.wait(pending, timeout=left_s, return_when=until)
        except asyncio.CancelledError:
            self._stop()
            raise

    def _bundle(self, within: timedelta, *, is_last: bool) -> ContextBundle:
        reason = f"no answer in {within.total_seconds():g} s" if is_last else "no answer yet"
        answers = [_so_far(one, reason, still_asked=not is_last) for one in self.asked]
        if is_last:
            self._stop()
        return ContextBundle(
            evidence=tuple(item for found, _ in answers for item in found), gaps=tuple(gap for _, gap in answers if gap)
        )

    def _stop(self) -> None:
        for task in self.pending:
            task.cancel()


def remember(held: dict[str, Asking], incident_id: str, asking: Asking) -> None:
    """Keep an asking for whoever waits for its late answers; it takes the place of an earlier one of the incident."""
    old = [key for key, one in held.items() if key == incident_id or one.age_s > FORGOTTEN_AFTER_S]
    for key in old:
        held.pop(key).supersede()
    held[incident_id] = asking


def forget(held: dict[str, Asking], incident_id: str, asking: Asking) -> None:
    """Let go of an asking that is over, unless the incident is asked about anew already."""
    if held.get(incident_id) is asking:
        del held[incident_id]


async def _answer(source: ContextSource, question: Question, so_far: list[Evidence]) -> Answer:
    note_in(so_far)
    try:
        found = await source.gather(question)
    except PartlyAnswered as error:
        return _usable(source, error.found, _gap(source, error))
    except VendorError as error:
        return (), _gap(source, error)
    except Exception:
        log.exception("context source %s failed on %s", source.name, question.incident.label)
        return (), EvidenceGap(source=source.name, reason="the plugin failed; see the copilot's log")
    return _usable(source, found, None)


def _so_far(one: _Asked, reason: str, *, still_asked: bool) -> Answer:
    if one.task.done() and not one.task.cancelled():
        return one.task.result()
    found = {item.id: item for item in one.so_far}
    gap = EvidenceGap(source=one.source.name, reason=reason, still_asked=still_asked)
    return _usable(one.source, list(found.values()), gap)


def _usable(source: ContextSource, found: Sequence[Evidence], gap: EvidenceGap | None) -> Answer:
    usable = [item for item in found if NEEDED.get(item.kind, frozenset()) <= item.data.keys()]
    if len(usable) < len(found):
        reason = "the plugin gave evidence without the data of its kind"
        return usable, gap or EvidenceGap(source=source.name, reason=reason)
    return usable, gap


def _gap(source: ContextSource, error: VendorError) -> EvidenceGap:
    return EvidenceGap(source=source.name, reason=str(error).removeprefix(f"{source.name}: ")[:200])
