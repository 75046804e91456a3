"""A digest of a channel too long for one question, by a model: part by part, then the parts; a part of `evals.llm`.

long_talk.yaml has what matters in it and what else is said; the channel is drawn from that, the same one each time.
README.md explains the rows.
"""

import random
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import yaml

from evals import kinds, stage, talks
from evals.sections import Row, of, section, stood, took
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.model_call import Role
from incident_copilot.domain.outgoing import Outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.llm import digest
from incident_copilot.pipeline import recap
from incident_copilot.ports import LLM
from incident_copilot.store.egress import Rate

CASES = Path(__file__).parent / "long_talk.yaml"
CAVEAT = "The channel is drawn from sentences by the hand that wrote the prompts."
SEED = 7


@dataclass(frozen=True)
class Channel:
    """What was written, and by the place where they stand patterns of what a digest should keep."""

    talk: talks.Talk
    facts: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Digested:
    """What became of the channel on its way: what the model was given, what of the parts stood, what people read.

    `shown` is what they read without a model; `note` says how many messages were used.
    """

    channel: Channel
    shown: str
    given: str
    parts: str
    whole: Sequence[str]
    note: str
    rates: Sequence[Rate]
    spent: Spent


class Overheard:
    """Passes questions on to a model and keeps what it was given."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self.given: list[tuple[Prompt, str]] = []

    def room(self, role: Role) -> int | None:
        """Return how much a question may have; see `ports.LLM`."""
        return self._llm.room(role)

    async def ask(self, prompt: Prompt, leaving: Outgoing, answer_type: type[Any], **how: Any) -> Any:
        """Return the model's answer; see `ports.LLM`."""
        self.given.append((prompt, leaving.text))
        print(f"  {prompt.purpose}: {leaving.text.count(chr(10)) + 1} lines", flush=True)
        return await self._llm.ask(prompt, leaving, answer_type, **how)

    def lines_of(self, prompt: Prompt) -> str:
        """Return all that was given with a prompt."""
        return "\n".join(text for asked, text in self.given if asked is prompt)


def read(path: Path = CASES) -> list[Channel]:
    """Return the channel."""
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    facts: Mapping[str, Sequence[Sequence[Any]]] = written["facts"]
    told = [[*fact[:3], *(["pinned"] if place == "pinned" else [])] for place, some in facts.items() for fact in some]
    messages = sorted([*told, *_small_talk(written, written["messages"] - len(told))], key=lambda one: float(one[0]))
    [case] = [case for case in kinds.read() if case.name == written["incident"]]
    talk = talks.Talk(case, written["lead"], messages, asked_after=timedelta(minutes=written["minutes"]))
    return [Channel(talk, {place: [fact[3] for fact in some] for place, some in facts.items()})]


def _small_talk(written: Mapping[str, Any], number: int) -> list[list[Any]]:
    drawn = random.Random(SEED)  # noqa: S311 -- a channel, not a secret
    return [_said(written, drawn, (nth + 1) * written["minutes"] / (number + 1)) for nth in range(number)]


def _said(written: Mapping[str, Any], drawn: random.Random, minute: float) -> list[Any]:
    text = drawn.choice(written["small_talk"])
    numbers: Mapping[str, Any] = {
        "{n}": partial(drawn.randint, 3, 60),
        "{ms}": partial(drawn.randint, 180, 990),
        "{percent}": partial(drawn.randint, 11, 48),
        "{place}": partial(drawn.choice, written["places"]),
        "{who}": partial(drawn.choice, written["people"]),
    }
    filled = re.sub(r"\{\w+\}", lambda one: str(numbers[one[0]]()), text)
    return [minute, drawn.choice(written["people"]), filled]


async def tell(channels: Sequence[Channel], llm: LLM, deadline: timedelta) -> AsyncIterator[Digested]:
    """Yield what becomes of each channel, on a database of its own."""
    async with stage.databases() as fresh:
        for channel in channels:
            model = Overheard(llm)
            async with talks.at(channel.talk, fresh(), cast("LLM", model), deadline) as (deps, incident):
                shown = await recap.told_since(deps, incident.id, talks.ASKER, None)
                made = await recap.in_short(deps, shown)
                rates, spent = await stage.noted(deps)
            whole = [text for text, _ in made.sentences] if made else []
            parts = model.lines_of(digest.WHOLE) or "\n".join(whole)
            text = " ".join(one.text for one in shown.said)
            given = model.lines_of(digest.PART)
            yield Digested(channel, text, given, parts, whole, made.note if made else "", rates, spent)


def report(name: str, told: Sequence[Digested]) -> str:
    """Return the section about one model."""
    [one] = told
    return section(
        name,
        f"One channel of {len(one.channel.talk.messages)} messages, once",
        CAVEAT,
        (digest.PART, digest.WHOLE),
        [("", ""), ("told", one.note), ("sentences of the digest", str(len(one.whole))), *_rates(one)],
        [
            ("key facts", "given to the model", "in the parts", "in the digest", "without a model"),
            *(_place(one, place) for place in one.channel.facts),
        ],
    )


def said_of(one: Digested) -> str:
    """Return how it went, in a line."""
    facts = [pattern for some in one.channel.facts.values() for pattern in some]
    found = _held(facts, " ".join(one.whole))
    return f"{found} key facts; {one.note}; {one.spent.tokens} tokens, {one.spent.seconds:.0f} s"


def _rates(one: Digested) -> list[Row]:
    asked = ("questions", str(one.spent.steps))
    return [asked, *stood(one.rates), *took([one.spent], "the digest")]


def _place(one: Digested, place: str) -> Row:
    facts = one.channel.facts[place]
    return place, *(_held(facts, text) for text in (one.given, one.parts, " ".join(one.whole), one.shown))


def _held(facts: Sequence[str], text: str) -> str:
    return of(sum(bool(re.search(fact, text, re.IGNORECASE)) for fact in facts), len(facts))
