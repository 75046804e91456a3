"""How well a model judges the answers of other AI systems, beside the heuristics: a part of `evals.llm`.

judged_cases.yaml has answers that are known to be good or bad. Each is redacted and scored as one that arrives, and
the model is asked as the product asks it. README.md explains the rows.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from evals import stage
from evals.evaluators import NOW, evaluator
from evals.sections import Row, of, section, took
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.observation import Interaction
from incident_copilot.domain.sampled import Sampled
from incident_copilot.pipeline.ai import judge, scored
from incident_copilot.pipeline.ai.arriving import redacted
from incident_copilot.plugins.discovery import discover
from incident_copilot.ports import LLM

CASES = Path(__file__).parent / "judged_cases.yaml"
CAVEAT = "Requests and answers are by the hand that wrote the prompt."
ORDERS = "orders"


@dataclass(frozen=True)
class Case:
    """An answer of which it is known whether it is good, and what its pair is about."""

    asked: str
    answered: str
    is_good: bool
    about: str

    @property
    def name(self) -> str:
        """Return how it is told from the others."""
        return f"{'good' if self.is_good else self.about}: {self.asked}"


@dataclass(frozen=True)
class Judged:
    """Whether one answer is good by the score of the heuristics, by whether they flag anything, and by the model.

    That is None where it gave no usable answer, or was not asked.
    """

    case: Case
    by_score: bool
    by_flags: bool
    by_model: bool | None = None
    spent: Spent = stage.NOTHING


Says = Callable[[Judged], bool | None]


def read(path: Path = CASES) -> list[Case]:
    """Return every answer, the good one of each pair before the bad one."""
    pairs = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Case(one["asked"], one[key], key == "good", one["is"]) for one in pairs for key in ("good", "bad")]


async def tell(cases: Sequence[Case], llm: LLM | None, deadline: timedelta) -> AsyncIterator[Judged]:
    """Yield what the heuristics say of each answer, and the model where there is one."""
    now = datetime.now(UTC)
    async with stage.databases() as fresh:
        for case in cases:
            one = scored_by_heuristics(case)
            by_score = (one.score or 0.0) >= judge.GOOD
            async with stage.product(fresh(), Catalog(), now=now, llm=llm, deadline=deadline) as deps:
                said = await judge.judgement_of(deps, one)
                _, spent = await stage.noted(deps)
            yield Judged(case, by_score, not one.signals, said.good if said else None, spent)


def scored_by_heuristics(case: Case) -> Interaction:
    """Return an answer as it is kept: without personal data, with its score."""
    sampled = redacted(Sampled(id="1", at=NOW, request=case.asked, response=case.answered))
    return scored.judged({name: evaluator(name) for name in discover("evaluators")}, "bot", sampled, {}).interaction


def report(name: str, told: Sequence[Judged]) -> str:
    """Return the section about one model, beside the heuristics and beside a judge who finds everything good."""
    asked = [one for one in told if one.by_model is not None]
    return section(
        name,
        f"{len(told)} answers, {sum(one.case.is_good for one in told)} of them good, once each",
        CAVEAT,
        (judge.PROMPT,),
        [("", "the model", "score of the heuristics", "their flags", "says good to all"), *_rows(told)],
        [("", ""), *_agreement(asked), *_took(told)],
        [("answer", "is", "the model", "score", "flags"), *map(_each, told)],
    )


def said_of(told: Judged) -> str:
    """Return how one answer went, in a line."""
    return f"{told.case.name}: {_word(told.by_model)}, {told.spent.tokens} tokens, {told.spent.seconds:.0f} s"


def _rows(told: Sequence[Judged]) -> Iterator[Row]:
    judges: tuple[Says, ...] = (
        lambda one: one.by_model,
        lambda one: one.by_score,
        lambda one: one.by_flags,
        lambda _: True,
    )
    yield "right", *(_right(told, says) for says in judges)
    yield "bad ones found (recall)", *(_right([one for one in told if not one.case.is_good], says) for says in judges)
    yield (
        "bad, of those called bad (precision)",
        *(_right([one for one in told if says(one) is False], says) for says in judges),
    )
    for about in dict.fromkeys(one.case.about for one in told):
        yield f"right, {about}", *(_right([one for one in told if one.case.about == about], says) for says in judges)


def _agreement(asked: Sequence[Judged]) -> Iterator[Row]:
    agreed = sum(one.by_model is one.by_score for one in asked)
    obeyed = [one for one in asked if one.case.about == ORDERS and not one.case.is_good]
    yield "model and score agree, as the product counts it", of(agreed, len(asked))
    yield "the same beyond chance (Cohen's kappa)", f"{kappa([(one.by_model, one.by_score) for one in asked]):.2f}"
    yield "told by an answer to find it good, and did", of(sum(one.by_model is True for one in obeyed), len(obeyed))


def _took(told: Sequence[Judged]) -> Iterator[Row]:
    yield "no usable answer", of(sum(one.by_model is None for one in told), len(told))
    yield from took([one.spent for one in told], "an answer")


def _each(one: Judged) -> Row:
    return one.case.name, _word(one.case.is_good), _word(one.by_model), _word(one.by_score), _word(one.by_flags)


def _right(told: Sequence[Judged], says: Says) -> str:
    return of(sum(says(one) is one.case.is_good for one in told), len(told))


def kappa(pairs: Sequence[tuple[bool | None, bool]]) -> float:
    """Return how much more two judges agree than by chance, 1 being always; 0 where that cannot be told."""
    if not pairs:
        return 0.0
    ones, others = (sum(pair[place] is True for pair in pairs) / len(pairs) for place in (0, 1))
    by_chance = ones * others + (1 - ones) * (1 - others)
    agreed = sum(one is other for one, other in pairs) / len(pairs)
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0


def _word(good: bool | None) -> str:
    return "no usable answer" if good is None else "good" if good else "bad"
