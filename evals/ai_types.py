"""Types of AI incidents told from reports, cross-validated: `python -m evals.ai_types`. README.md has what it prints.

AVID's reports have one label or more. What learns answers each label apart from the others, inside the fold; the
baseline is computed in the same run from the same words on the same folds. Our words for types learn nothing, and are
held against the labels that mean the same. Reads ../shared/data/ai_incidents, or the folder named by AI_INCIDENTS.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from evals.triage import FOLDS, SEEDS, fit, tf_idf
from incident_copilot.analysis import examples
from incident_copilot.analysis.examples import Example
from incident_copilot.analysis.severity_words import Said
from incident_copilot.analysis.words import tokens
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.pipeline.triage import type_of

DATA = Path(os.environ.get("AI_INCIDENTS", Path(__file__).parents[2] / "shared" / "data" / "ai_incidents"))
MEANS: Mapping[str, frozenset[str]] = {
    "security": frozenset({"software_vulnerability", "information_leak", "supply_chain_dependency", "data_poisoning"}),
    "prompt_injection": frozenset({"adversarial_or_prompt_attack"}),
    "bias_and_fairness": frozenset({"bias_fairness"}),
    "quality_degradation": frozenset({"quality_degradation", "misinformation_hallucination", "harmful_content"}),
    "performance": frozenset({"performance_availability"}),
    "availability": frozenset({"performance_availability"}),
}
"""Which labels of AVID mean a type of ours; the attacks that it calls adversarial are mostly on prompts."""

Report = dict[str, object]
Labels = list[set[str]]
Guesser = Callable[[list[int], list[int]], Labels]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    del argv
    file = DATA / "avid_dev.jsonl"
    if not file.is_file():
        sys.stdout.write(f"skipped: no shared data ({DATA})\n")
        return 0
    reports = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    true: Labels = [set(one["labels"]) for one in reports]
    said = [Said(str(one["title"]), str(one["text"])) for one in reports]
    bags = [Counter(tokens(" ".join(one))) for one in said]
    guessers: list[tuple[str, Guesser]] = [
        ("majority", lambda known, ask: [{_commonest(true, known)}] * len(ask)),
        ("TF-IDF with logistic regression, C=1", _logistic(true, bags, 1)),
        ("TF-IDF with logistic regression, C=30", _logistic(true, bags, 30)),
        ("learnt, as from the catalogue's examples", _learnt(true, [examples.wording(one) for one in said])),
    ]
    sys.stdout.write(f"| {len(reports)} reports | micro-F1 | macro-F1 |\n|---|---|---|\n")
    for name, guess in guessers:
        micro, macro = _scores(true, guess)
        sys.stdout.write(f"| {name} | {micro:.3f} | {macro:.3f} |\n".replace(" 0.", " ."))
    _print_words(true, said)
    return 0


def _print_words(true: Labels, said: Sequence[Said]) -> None:
    kinds = [type_of(_alert(one)) for one in said]
    right = sum(bool(MEANS.get(kind, frozenset()) & labels) for kind, labels in zip(kinds, true, strict=True))
    sys.stdout.write(f"\nOur words alone, one type a report: {right / len(true):.3f} mean one of its labels.\n")
    for kind, times in Counter(kinds).most_common():
        hits = sum(
            bool(MEANS.get(one, frozenset()) & labels) for one, labels in zip(kinds, true, strict=True) if one == kind
        )
        sys.stdout.write(f"- {kind}: {times} reports, {hits} right\n")


def _alert(said: Said) -> Alert:
    return Alert(
        source="avid",
        fingerprint="f",
        name=said.name[:200],
        status=AlertStatus.FIRING,
        summary=said.text,
        starts_at="2026-01-01T00:00:00Z",
    )


def _commonest(true: Labels, known: Sequence[int]) -> str:
    return Counter(label for at in known for label in sorted(true[at])).most_common(1)[0][0]


def _scores(true: Labels, guess: Guesser) -> tuple[float, float]:
    """Return micro- and macro-F1 over all folds of all shuffles."""
    labels = sorted(set().union(*true))
    hits, guessed, wanted = Counter[str](), Counter[str](), Counter[str]()
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(true)).tolist()
        for fold in (order[start::FOLDS] for start in range(FOLDS)):
            known = [at for at in range(len(true)) if at not in set(fold)]
            for at, found in zip(fold, guess(known, fold), strict=True):
                hits.update(found & true[at])
                guessed.update(found)
                wanted.update(true[at])
    by_label = [_f1(hits[one], guessed[one], wanted[one]) for one in labels]
    return _f1(hits.total(), guessed.total(), wanted.total()), float(np.mean(by_label))


def _f1(hits: int, guessed: int, wanted: int) -> float:
    return 2 * hits / (guessed + wanted) if guessed + wanted else 0.0


def _logistic(true: Labels, bags: Sequence[Counter[str]], c: float) -> Guesser:
    def guess(known: list[int], ask: list[int]) -> Labels:
        rows = tf_idf(bags, known)
        found: Labels = [set() for _ in ask]
        for label in _known_labels(true, known):
            wanted = np.array([[label in true[at], label not in true[at]] for at in known], dtype=np.float32)
            scores = rows[ask] @ fit(rows[known], wanted, c)
            for place in np.flatnonzero(scores[:, 0] > scores[:, 1]):
                found[place].add(label)
        return found

    return guess


def _learnt(true: Labels, features: Sequence[examples.Features]) -> Guesser:
    def guess(known: list[int], ask: list[int]) -> Labels:
        found: Labels = [set() for _ in ask]
        for label in _known_labels(true, known):
            learnt = examples.learn([Example(features[at], "yes" if label in true[at] else "no") for at in known])
            verdicts = [learnt and learnt.judge(features[at]) for at in ask]
            for place, verdict in enumerate(verdicts):
                if verdict and verdict.answer == "yes":
                    found[place].add(label)
        return found

    return guess


def _known_labels(true: Labels, known: Sequence[int]) -> list[str]:
    return sorted(set().union(*(true[at] for at in known)))


if __name__ == "__main__":
    sys.exit(main())
