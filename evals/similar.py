"""How well an incident finds past ones of the same mechanism: the product's search on public reports, beside BM25.

`python -m evals.similar`; the measures and the baselines are explained in README.md beside this file.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from evals.ranking import Bm25, auroc, average_precision, rank_of_first, recall_at
from evals.runbooks import rows
from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.kinds import kinds
from incident_copilot.knowledge.meaning import Meaning, installed_meaning
from incident_copilot.knowledge.similar import Kinds, PastIndex, similar_incidents

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "postmortems"
WEIGHTS = (0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0)
"""Of the kinds beside the words, to choose from in cross-validation."""
FOLDS, DRAWS = 5, 10

Row = dict[str, Any]
Ranker = Callable[[Row], list[str]]
Places = npt.NDArray[np.int64]


class Scores(NamedTuple):
    """hit@5 over all right answers and over those of other organisations, and mean average precision of both."""

    hit: float
    hit_elsewhere: float
    precision: float
    precision_elsewhere: float


def organisation(report_id: str) -> str:
    """Return who wrote a report."""
    return report_id.partition("/")[0]


def measure(ranker: Ranker, queries: Sequence[Row]) -> Scores:
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


def past_incidents(reports: Sequence[Row]) -> list[PastIncident]:
    """Return the reports as the product keeps them."""
    return [PastIncident(id=one["id"], title=one["title"], source=one["org"], text=one["text"]) for one in reports]


def copilot(known: PastIndex) -> Ranker:
    """Return how the copilot ranks."""

    def ranked(query: Row) -> list[str]:
        found = similar_incidents(
            known, query["query_opening"], leave_out={query["incident"]}, limit=len(known.incidents), least=0.0
        )
        return [one.past.id for one in found]

    return ranked


def tells_nothing_is_alike(known: PastIndex, queries: Sequence[Row]) -> float:
    """Return the AUROC of the first's score, against the same queries without their right answers."""

    def sure(query: Row, *leave_out: str) -> float:
        found = similar_incidents(
            known, query["query_opening"], leave_out={query["incident"], *leave_out}, limit=1, least=0.0
        )
        return found[0].score

    return auroc([sure(query) for query in queries], [sure(query, *query["gold"]) for query in queries])


def weighed(known: PastIndex, queries: Sequence[Row]) -> dict[float, dict[str, list[str]]]:
    """Return how the copilot would rank with other weights: for each weight the ids by query."""
    ids = [one.id for one in known.incidents]
    found: dict[float, dict[str, list[str]]] = {weight: {} for weight in WEIGHTS}
    for query in queries:
        said, fit = known.index.scores(query["query_opening"]), known.fit(query["query_opening"])
        for weight in WEIGHTS:
            order = np.argsort(-known.alike(said, fit, weight), kind="stable")
            found[weight][query["qid"]] = [ids[at] for at in order if ids[at] != query["incident"]]
    return found


def cross_validated(
    known: PastIndex, queries: Sequence[Row], folds: Iterable[Sequence[int] | Places]
) -> tuple[Scores, set[float]]:
    """Return the scores where each fold's weight is the best for the other queries, and the weights so chosen."""
    answers = weighed(known, queries)
    chosen: dict[str, float] = {}
    for fold in folds:
        held_out = {queries[at]["qid"] for at in fold}
        others = [query for query in queries if query["qid"] not in held_out]
        best = max(WEIGHTS, key=lambda weight: measure(lambda one: answers[weight][one["qid"]], others).precision)
        chosen |= dict.fromkeys(held_out, best)
    return measure(lambda one: answers[chosen[one["qid"]]][one["qid"]], queries), set(chosen.values())


def halves(queries: Sequence[Row]) -> list[tuple[list[int], list[int]]]:
    """Return every way to halve the organisations, as places of queries."""
    by = [organisation(query["incident"]) for query in queries]
    names = sorted(set(by))
    some = (set(one) for one in combinations(names, len(names) // 2))
    return [
        ([at for at, name in enumerate(by) if name in one], [at for at, name in enumerate(by) if name not in one])
        for one in some
    ]


def carried_over(reports: Sequence[Row], queries: Sequence[Row], meaning: Meaning | None) -> dict[str, Scores]:
    """Return the scores with weights chosen on other queries, on other organisations, and with half of the kinds."""
    past, told = past_incidents(reports), kinds()
    known = PastIndex.build(past, Kinds.of(told, meaning), meaning)
    drawn = np.random.default_rng(5)
    folds, weights = cross_validated(known, queries, np.array_split(drawn.permutation(len(queries)), FOLDS))
    by_half = [cross_validated(known, queries, both)[0] for both in halves(queries)]
    half_known = []
    for _ in range(DRAWS):
        some = [told[at] for at in drawn.permutation(len(told))[: len(told) // 2]]
        half_known.append(measure(copilot(PastIndex.build(past, Kinds.of(some, meaning), meaning)), queries))
    print(f"Weights of the kinds that {FOLDS} folds chose by mean average precision: {sorted(weights)}")
    return {
        f"weight from other queries, {FOLDS} folds": folds,
        "weight from half the organisations": _mean(by_half),
        f"half of {len(told)} kinds unknown, {DRAWS} draws": _mean(half_known),
    }


def _mean(several: Sequence[Scores]) -> Scores:
    return Scores(*(float(mean) for mean in np.mean(several, axis=0)))


def bm25(reports: Sequence[Row]) -> Ranker:
    """Return how BM25 ranks."""
    ids = [one["id"] for one in reports]
    index = Bm25([f"{one['title']}\n{one['text']}" for one in reports])

    def ranked(query: Row) -> list[str]:
        order = np.argsort(-index.scores(query["query_opening"]), kind="stable")
        return [ids[at] for at in order if ids[at] != query["incident"]]

    return ranked


def report(folder: Path) -> dict[str, Scores]:
    """Return the scores by ranker."""
    reports = rows(folder / "full_text.jsonl")
    queries = [row for file in sorted(folder.glob("similar_*.jsonl")) for row in rows(file)]
    print(f"{len(reports)} reports, {len(queries)} queries")
    table = {"BM25 (ours to compare)": measure(bm25(reports), queries)}
    meanings: dict[str, Meaning | None] = {"incident-copilot": None}
    if meaning := installed_meaning():
        meanings["the same, embeddings"] = meaning
    for name, chosen in meanings.items():
        known = PastIndex.build(past_incidents(reports), Kinds.of(kinds(), chosen), chosen)
        table[name] = measure(copilot(known), queries)
        print(f"{name}: AUROC of the first's score {tells_nothing_is_alike(known, queries):.3f}")
        table |= {f"{name}: {how}": scores for how, scores in carried_over(reports, queries, chosen).items()}
    return table


def show(table: dict[str, Scores]) -> None:
    """Print the table."""
    print(f"{'':<58}{'hit@5':>8}{'elsewhere':>11}{'MAP':>8}{'elsewhere':>11}")
    for name, one in table.items():
        print(
            f"{name:<58}{one.hit:>8.3f}{one.hit_elsewhere:>11.3f}{one.precision:>8.3f}{one.precision_elsewhere:>11.3f}"
        )
    print('BM25 (published): hit@5 .794, "elsewhere" .337')
    print("AUROC: against the same queries without their right answers.")
    print('"Elsewhere" counts only reports of other organisations as right; all are ranked.')
    print("A standard error of hit@5 is .04. The kinds were written by somebody who had seen this half's labels.")


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
