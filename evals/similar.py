"""How well an incident finds past ones of the same mechanism: the product's search on public reports, beside BM25.

`python -m evals.similar`; the measures and the baselines are explained in README.md beside this file.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evals.ranking import Bm25, average_precision, rank_of_first, recall_at
from evals.runbooks import rows
from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.meaning import Meaning, installed_meaning
from incident_copilot.knowledge.runbooks import load_runbooks
from incident_copilot.knowledge.similar import Concepts, PastIndex, similar_incidents

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "postmortems"
RUNBOOKS = Path(__file__).resolve().parents[1] / "runbooks"

Ranker = Callable[[dict[str, Any]], list[str]]


class Scores(NamedTuple):
    """hit@5 over all right answers and over those of other organisations, and mean average precision of both."""

    hit: float
    hit_elsewhere: float
    precision: float
    precision_elsewhere: float


def organisation(report_id: str) -> str:
    """Return who wrote a report."""
    return report_id.partition("/")[0]


def measure(ranker: Ranker, queries: Sequence[dict[str, Any]]) -> Scores:
    """Return how well it ranks; "elsewhere" is asked of the queries that have a right answer elsewhere."""
    everywhere, elsewhere = [], []
    for query in queries:
        ranked = ranker(query)
        own = organisation(query["incident"])
        others = [one for one in query["gold"] if organisation(one) != own]
        everywhere.append((ranked, query["gold"]))
        if others:
            elsewhere.append((ranked, others))
    return Scores(_hit(everywhere), _hit(elsewhere), _precision(everywhere), _precision(elsewhere))


def _hit(answers: Sequence[tuple[list[str], list[str]]]) -> float:
    return recall_at([rank_of_first(ranked, gold) for ranked, gold in answers], 5)


def _precision(answers: Sequence[tuple[list[str], list[str]]]) -> float:
    return float(np.mean([average_precision(ranked, gold) for ranked, gold in answers]))


def copilot(reports: Sequence[dict[str, Any]], meaning: Meaning | None) -> Ranker:
    """Return how the copilot ranks, with the runbooks that come with it."""
    library = load_runbooks(RUNBOOKS)
    past = [PastIncident(id=one["id"], title=one["title"], source=one["org"], text=one["text"]) for one in reports]
    known = PastIndex.build(past, Concepts.of(library, meaning), meaning)

    def ranked(query: dict[str, Any]) -> list[str]:
        found = similar_incidents(
            known, query["query_opening"], leave_out={query["incident"]}, limit=len(past), least=0.0
        )
        return [one.past.id for one in found]

    return ranked


def bm25(reports: Sequence[dict[str, Any]]) -> Ranker:
    """Return how BM25 ranks."""
    ids = [one["id"] for one in reports]
    index = Bm25([f"{one['title']}\n{one['text']}" for one in reports])

    def ranked(query: dict[str, Any]) -> list[str]:
        order = np.argsort(-index.scores(query["query_opening"]), kind="stable")
        return [ids[at] for at in order if ids[at] != query["incident"]]

    return ranked


def report(folder: Path) -> dict[str, Scores]:
    """Return the scores by ranker."""
    reports = rows(folder / "full_text.jsonl")
    queries = [row for file in sorted(folder.glob("similar_*.jsonl")) for row in rows(file)]
    rankers = {"BM25 (ours to compare)": bm25(reports), "incident-copilot": copilot(reports, None)}
    if meaning := installed_meaning():
        rankers["incident-copilot, embeddings"] = copilot(reports, meaning)
    print(f"{len(reports)} reports, {len(queries)} queries")
    return {name: measure(ranker, queries) for name, ranker in rankers.items()}


def show(table: dict[str, Scores]) -> None:
    """Print the table."""
    print(f"{'':<34}{'hit@5':>8}{'elsewhere':>11}{'MAP':>8}{'elsewhere':>11}")
    for name, one in table.items():
        print(
            f"{name:<34}{one.hit:>8.3f}{one.hit_elsewhere:>11.3f}{one.precision:>8.3f}{one.precision_elsewhere:>11.3f}"
        )
    print('BM25 (published): hit@5 .794, "elsewhere" .337')
    print('"Elsewhere" counts only reports of other organisations as right; all are ranked.')


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="full_text.jsonl, similar_*.jsonl")
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
