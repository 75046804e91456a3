"""What people read who ask about a written incident or catch up on it: the product's answering, with a model or none.

The incidents are held-out ones of `evals.kinds`; answers_cases.yaml has what people wrote in their channels, the
questions that are asked about them, and what a right answer or digest says.
"""

import contextlib
import re
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from evals import kinds, stage
from evals.stage import NOTHING, WORKSPACE
from incident_copilot.domain.base import new_id
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.pipeline import answer, recap
from incident_copilot.pipeline.answer import Answer, Question
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.kept import kept
from incident_copilot.ports import LLM
from incident_copilot.store import evidence, incidents, people, timeline
from incident_copilot.store.egress import Rate

CASES = Path(__file__).parent / "answers_cases.yaml"
CHANNEL = "C1"
ASKER = Person(id="U0ASKER", name="Asker", roles=frozenset({Role.VIEWER}))
ASKED_AFTER = timedelta(minutes=45)


@dataclass(frozen=True)
class Talk:
    """A written incident, what people wrote in its channel, and what only who obeys one of them would write.

    It is asked about `asked_after` its onset.
    """

    case: kinds.Case
    lead: str
    messages: Sequence[Sequence[Any]]
    never: Sequence[str] = ()
    asked_after: timedelta = ASKED_AFTER

    @property
    def people(self) -> dict[str, str]:
        """Return the chat ids of those who wrote, with their names."""
        return {chat_id(who): who for _, who, *_ in self.messages}


@dataclass(frozen=True)
class Item:
    """A question, or a digest where nothing is asked; `key` are patterns of what a right answer says."""

    talk: Talk
    key: tuple[str, ...]
    asks: str = ""

    @property
    def name(self) -> str:
        """Return how it is told from the others."""
        return f"{self.talk.case.name}: {self.asks or 'digest'}"


@dataclass(frozen=True)
class Told:
    """What people read of one item; `worded` is that part of it which a model wrote and code let stand."""

    item: Item
    text: str
    worded: str = ""
    cited: int = 0
    facts: int = 0
    rates: tuple[Rate, ...] = ()
    spent: Spent = NOTHING

    def holds(self, text: str) -> int:
        """Return how many of the key facts a text says."""
        return sum(bool(re.search(one, text, re.IGNORECASE)) for one in self.item.key)


def chat_id(name: str) -> str:
    """Return the id under which somebody of the cases writes."""
    return f"U0{name.upper()}"


def read(path: Path = CASES) -> list[Item]:
    """Return every question and digest."""
    by_name = {case.name: case for case in kinds.read()}
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    chatter = [[2 * place + 5, *said] for place, said in enumerate(written["chatter"])]
    items = []
    for told in written["talks"]:
        messages = sorted([*told["messages"], *chatter], key=lambda one: float(one[0]))
        talk = Talk(by_name[told["incident"]], told["lead"], messages, told.get("never", ()))
        items += [Item(talk, tuple(one.get("key", ())), one["asks"]) for one in told["questions"]]
        items.append(Item(talk, tuple(told["points"])))
    return items


def chosen(items: Sequence[Item], most: int | None) -> list[Item]:
    """Return at most so many, the same ones each time: of all incidents, and every fourth a digest."""
    if most is None:
        return list(items)
    mixed = sorted(items, key=lambda one: zlib.crc32(one.name.encode()))
    digests = [one for one in mixed if not one.asks][: most // 4]
    return [*[one for one in mixed if one.asks][: most - len(digests)], *digests]


async def tell(items: Sequence[Item], llm: LLM | None, deadline: timedelta) -> AsyncIterator[Told]:
    """Yield what people read of each item, on a database of its own."""
    async with stage.databases() as fresh:
        for item in items:
            async with at(item.talk, fresh(), llm, deadline) as (deps, incident):
                told = await (_answer(deps, item) if item.asks else _digest(deps, incident, item))
                rates, spent = await stage.noted(deps)
                yield replace(told, rates=tuple(rates), spent=spent)


@contextlib.asynccontextmanager
async def at(talk: Talk, path: Path, llm: LLM | None, deadline: timedelta) -> AsyncIterator[tuple[Deps, Incident]]:
    """What the product works with when a talk is asked about, and the incident."""
    now = datetime.fromtimestamp(kinds.ONSET, UTC) + talk.asked_after
    needs: Mapping[str, Sequence[str]] = talk.case.told.get("needs", {})
    catalog = Catalog(services=tuple(Service(name=name, depends_on=tuple(on)) for name, on in needs.items()))
    seen = {ASKER.id: (now, ASKER)}
    async with stage.product(path, catalog, now=now, llm=llm, deadline=deadline, people_seen=seen) as deps:
        yield deps, await _written(deps, talk)


async def _written(deps: Deps, talk: Talk) -> Incident:
    """Put down the incident with its evidence, its brief and what people wrote."""
    given = kinds.given(talk.case)
    incident, found = kinds.in_full(talk.case, given)
    incident = incident.model_copy(update={"channel_id": CHANNEL, "commander": chat_id(talk.lead)})
    async with deps.db.transaction() as tx:
        await incidents.open_new(tx, incident)
        await evidence.add_all(tx, list(kept(given.bundle.evidence, found.templates)))
        await evidence.add_brief(tx, found.brief)
        for who, name in talk.people.items():
            await people.remember(tx, WORKSPACE, who, name, deps.now())
        await timeline.add_all(tx, [_entry(incident, place, *one) for place, one in enumerate(talk.messages)])
    return incident


def _entry(incident: Incident, place: int, minute: float, who: str, text: str, pinned: str = "") -> TimelineEntry:
    at = datetime.fromtimestamp(kinds.ONSET + 60 * minute, UTC)
    return TimelineEntry(
        id=new_id(at),
        incident_id=incident.id,
        at=at,
        kind=TimelineKind.PINNED if pinned else TimelineKind.MESSAGE,
        text=text,
        author=chat_id(who),
        ref=f"{CHANNEL}:{place}",
    )


async def _answer(deps: Deps, item: Item) -> Told:
    question = Question(person=ASKER.id, text=item.asks, channel=CHANNEL, thread_ts="1.1", is_direct=False)
    [*_, last] = [one async for one in answer.answer(deps, question) if isinstance(one, Answer)]
    said, facts = " ".join(fact.text for fact in last.facts), (*last.facts, *last.stored)
    text, cited = " ".join(fact.text for fact in facts), sum(bool(fact.cites) for fact in facts)
    return Told(item, text, said if last.is_worded else "", cited, len(facts))


async def _digest(deps: Deps, incident: Incident, item: Item) -> Told:
    shown = await recap.told_since(deps, incident.id, ASKER, None)
    made = await recap.in_short(deps, shown)
    worded = " ".join(text for text, _ in made.sentences) if made else ""
    return Told(item, " ".join(one.text for one in shown.said), worded, len(shown.said), len(shown.said))
