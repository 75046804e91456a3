"""How well an alert finds its runbook: the product's matching on public alert rules, beside BM25.

`python -m evals.runbooks`; the measures and the baselines are explained in README.md beside this file.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evals.ranking import Bm25, auroc, rank_of_first, recall_at, reciprocal
from incident_copilot.knowledge.match import LEAST_SHARE, RunbookIndex, match_runbooks
from incident_copilot.knowledge.meaning import Meaning, installed_meaning
from incident_copilot.knowledge.runbook import Library, Runbook
from incident_copilot.knowledge.steps import read_sections

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "runbooks"
FOUND = 10
PUBLISHED = {
    "BM25 (published)": "name withheld .689 .859 .913 .779, no runbook about .89; with the name about .97",
    "BM25 + MiniLM by RRF (published)": "name withheld .727 .908 .934 .820",
}

Answer = tuple[list[str], float]
"""Ids, best first, and how sure it is that the first fits."""


class Scores(NamedTuple):
    """Recall at 1, 3, 5, mean reciprocal rank, and AUROC of alerts with a runbook against those without."""

    first: float
    three: float
    five: float
    mrr: float
    abstains: float


def rows(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSON Lines file."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def library(docs: Sequence[dict[str, Any]]) -> Library:
    """Return the documents as runbooks, by what their text says; the field `alertnames` is not read."""
    return Library(
        runbooks=tuple(
            Runbook(
                id=one["id"],
                title=one["title"],
                path=one["path"],
                sections=read_sections(one["title"], one["text"], 1) or read_sections(one["title"], one["title"], 1),
                content_hash="",
            )
            for one in docs
        )
    )


def copilot(index: RunbookIndex, *, named: bool) -> Callable[[dict[str, Any]], Answer]:
    """Return how the copilot answers an alert, with or without its name."""

    def answer(query: dict[str, Any]) -> Answer:
        found = match_runbooks(
            index,
            alert_name=query["alertname"] if named else "",
            labels={},
            annotations={"summary": query["text_noname"]},
            limit=FOUND,
            least=0.0,
        )
        return [match.runbook.id for match in found], found[0].score if found else 0.0

    return answer


def bm25(docs: Sequence[dict[str, Any]], *, named: bool) -> Callable[[dict[str, Any]], Answer]:
    """Return how BM25 answers; its sureness is the score as it is."""
    ids = [one["id"] for one in docs]
    index = Bm25([f"{one['title']}\n{one['text']}" for one in docs])

    def answer(query: dict[str, Any]) -> Answer:
        text = f"{query['alertname']} {query['text_noname']}" if named else query["text_noname"]
        scores = index.scores(text)
        return [ids[at] for at in np.argsort(-scores, kind="stable")[:FOUND]], float(scores.max())

    return answer


def measure(
    answer: Callable[[dict[str, Any]], Answer],
    with_runbook: Sequence[dict[str, Any]],
    without: Sequence[dict[str, Any]],
) -> Scores:
    """Return how well the answers fit."""
    answers = [answer(query) for query in with_runbook]
    ranks = [rank_of_first(ids, query["gold"]) for (ids, _), query in zip(answers, with_runbook, strict=True)]
    sure = [score for _, score in answers]
    abstains = auroc(sure, [answer(query)[1] for query in without])
    return Scores(recall_at(ranks, 1), recall_at(ranks, 3), recall_at(ranks, 5), reciprocal(ranks), abstains)


def report(folder: Path) -> dict[tuple[str, bool], Scores]:
    """Return the scores by ranker, and whether the name was told."""
    docs, with_runbook, without = (
        [row for file in sorted(folder.glob(pattern)) for row in rows(file)]
        for pattern in ("docs.jsonl", "queries_*.jsonl", "norunbook_*.jsonl")
    )
    table = {
        ("BM25 (ours to compare)", named): measure(bm25(docs, named=named), with_runbook, without)
        for named in (False, True)
    }
    meanings: dict[str, Meaning | None] = {"incident-copilot": None}
    if meaning := installed_meaning():
        meanings["incident-copilot, embeddings"] = meaning
    for name, chosen in meanings.items():
        index = RunbookIndex.build(library(docs), meaning=chosen)
        for named in (False, True):
            table[name, named] = measure(copilot(index, named=named), with_runbook, without)
    print(f"{len(docs)} runbooks, {len(with_runbook)} alerts with one, {len(without)} without")
    return table


def show(table: dict[tuple[str, bool], Scores]) -> None:
    """Print a table for each way to ask."""
    for named in (False, True):
        asked_how = "with the name" if named else "name withheld"
        print(f"\n{asked_how:<34}{'R@1':>8}{'R@3':>8}{'R@5':>8}{'MRR':>8}{'no runbook':>12}")
        for (name, asked), one in table.items():
            if asked is named:
                print(
                    f"{name:<34}{one.first:>8.3f}{one.three:>8.3f}{one.five:>8.3f}{one.mrr:>8.3f}{one.abstains:>12.3f}"
                )
    for name, said in PUBLISHED.items():
        print(f"{name}: {said}")
    print(f'"No runbook" is the AUROC of the score; the copilot shows none below {LEAST_SHARE}.')


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="docs.jsonl, queries_*.jsonl, norunbook_*.jsonl")
    folder = parser.parse_args(argv).folder
    if not folder.exists():
        print(f"skipped: no shared data at {folder}")
        return 0
    show(report(folder))
    if installed_meaning() is None:
        print("The extra `embeddings` is not installed: measured without it.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
