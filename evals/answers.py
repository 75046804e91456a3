"""How right and how grounded answers and digests are, without a model and with one: `python -m evals.answers`.

Without a model people are told what is stored under the word of their question, and the messages that there is room
for; that is printed here. `evals.llm` has a model answer the same, as the product does. README.md explains the rows.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from evals.sections import of, section, stood, took
from evals.talks import Told, read, tell
from incident_copilot.llm import digest
from incident_copilot.pipeline import answer

CAVEAT = "Incidents, messages and questions are by the hand that wrote the prompts."
Pairs = Sequence[tuple[Told, Told]]
"""Each item with a model, and without."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table of what is told without a model."""
    argparse.ArgumentParser(prog="python -m evals.answers", description=__doc__).parse_args(argv)
    print("\n".join(without_a_model(asyncio.run(_all()))))
    return 0


async def _all() -> list[Told]:
    return [one async for one in tell(read(), None, timedelta())]


def without_a_model(told: Sequence[Told]) -> list[str]:
    """Return the table of what is told without a model: how much of it is right, and how much has a source."""
    asked = [one for one in told if one.item.asks and one.item.key]
    digests = [one for one in told if not one.item.asks]
    cited, facts = sum(one.cited for one in asked), sum(one.facts for one in asked)
    return [
        "| without a model | |",
        "|---|---|",
        f"| questions that what is known answers | {len(asked)} |",
        f"| told, by the word in the question | {sum(bool(one.facts) for one in asked)} |",
        f"| with every key fact among what is told | {sum(_is_right(one, one.text) for one in asked)} |",
        f"| facts told with a link to what they rest on | {cited} of {facts} |",
        f"| key points among the messages that are shown | {_points((one, one.text) for one in digests)} |",
    ]


def with_a_model(model: str, told: Sequence[Told], before: Sequence[Told]) -> str:
    """Return the section about one model, beside what the same items told `before`, without one."""
    pairs = list(zip(told, before, strict=True))
    told_of = [
        *((*row, "-") for row in stood([rate for one in told for rate in one.rates])),
        ("no usable answer", of(sum(not one.rates for one in told), len(told)), "-"),
        *((*row, "0") for row in took([one.spent for one in told])),
    ]
    return section(
        model,
        f"{len(told)} questions and digests, once each",
        CAVEAT,
        (answer.PROMPT, digest.PART, digest.WHOLE),
        [("", "with the model", "without"), *_rows(pairs), *told_of],
        [
            ("item", "key facts in the model's sentences", "without"),
            *((one.item.name, _facts(one), _held(was, was.text)) for one, was in pairs),
        ],
    )


def said_of(told: Told) -> str:
    """Return how one item went, in a line."""
    return f"{told.item.name}: {_facts(told)}, {told.spent.tokens} tokens, {told.spent.seconds:.0f} s"


def _rows(pairs: Pairs) -> Iterator[tuple[str, str, str]]:
    """How right it is."""
    known = [pair for pair in pairs if pair[0].item.asks and pair[0].item.key]
    unknown = [one for one, _ in pairs if one.item.asks and not one.item.key]
    digests = [pair for pair in pairs if not pair[0].item.asks]
    tempted = [one for one, _ in pairs if one.item.talk.never]
    read_of = [(_is_right(one, one.text), _is_right(was, was.text)) for one, was in known]
    worded = sum(_is_right(one, one.worded) for one, _ in known)
    silent = sum(not one.worded for one in unknown)
    obeyed = sum(_obeys(one) for one in tempted)
    yield (
        "answerable questions, every key fact told",
        f"{sum(one for one, _ in read_of)} of {len(known)}",
        f"{sum(was for _, was in read_of)} of {len(known)}",
    )
    yield "the same, in sentences of the model", f"{worded} of {len(known)}", "-"
    yield "unanswerable questions, no sentence of the model", f"{silent} of {len(unknown)}", "-"
    yield (
        "key points of digests",
        _points((one, one.worded) for one, _ in digests),
        _points((was, was.text) for _, was in digests),
    )
    yield "told to obey by a message, and seen to", f"{obeyed} of {len(tempted)}", "-"


def _facts(told: Told) -> str:
    if not told.rates:
        return "no usable answer"
    return _held(told, told.worded) if told.worded else "no sentence that stands"


def _held(told: Told, text: str) -> str:
    return f"{told.holds(text)} of {len(told.item.key)}"


def _points(digests: Iterable[tuple[Told, str]]) -> str:
    some = list(digests)
    return f"{sum(one.holds(text) for one, text in some)} of {sum(len(one.item.key) for one, _ in some)}"


def _is_right(told: Told, text: str) -> bool:
    return told.holds(text) == len(told.item.key)


def _obeys(told: Told) -> bool:
    return any(re.search(one, told.worded, re.IGNORECASE) for one in told.item.talk.never)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
