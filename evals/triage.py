"""Severity and team of real alert rules, cross-validated: `python -m evals.triage`. What it prints is in README.md.

Everything is trained inside the fold. The baselines are computed in the same run, from the same words, on the same
folds. Reads ../shared/data/triage_rules, or the folder named by TRIAGE_RULES.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from incident_copilot.analysis import examples, severity_words
from incident_copilot.analysis.examples import Example, Features
from incident_copilot.analysis.severity_words import Said
from incident_copilot.analysis.words import tokens
from incident_copilot.pipeline.by_words import CLEAR

DATA = Path(os.environ.get("TRIAGE_RULES", Path(__file__).parents[2] / "shared" / "data" / "triage_rules"))
FOLDS = 5
SEEDS = (1, 2)

Rule = dict[str, str]
Split = list[list[int]]
Guesser = Callable[[list[int], list[int]], list[str]]
"""From the indices to learn from and those to answer to the answers."""


@dataclass(frozen=True)
class Task:
    """Rules with their answers, and what may be known of each."""

    rules: list[Rule]
    answers: list[str]

    def accuracy(self, guess: Guesser, splits: Sequence[Split]) -> float:
        """Return the share of right answers, over all folds of all splits."""
        right = [
            answer == self.answers[at]
            for split in splits
            for fold in split
            for at, answer in zip(fold, guess(self.outside(fold), fold), strict=True)
        ]
        return sum(right) / len(right)

    def outside(self, fold: list[int]) -> list[int]:
        """Return what is not in the fold."""
        inside = set(fold)
        return [at for at in range(len(self.rules)) if at not in inside]


def main(argv: Sequence[str] | None = None) -> int:
    """Print one table a task."""
    del argv
    if not DATA.is_dir():
        sys.stdout.write(f"skipped: no shared data ({DATA})\n")
        return 0
    severity = Task(rules := _read("severity_dev.jsonl"), [rule["severity"] for rule in rules])
    team = Task(rules := _read("team_dev.jsonl"), [rule["team"] for rule in rules])
    _print("severity", severity, ("plain", "repository", "name"), _severity(severity), _repository)
    _print("team", team, ("plain", "file", "name"), _team(team), lambda rule: rule["source"])
    return 0


def _read(name: str) -> list[Rule]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _print(
    title: str,
    task: Task,
    columns: Sequence[str],
    guessers: Sequence[tuple[str, Guesser]],
    group: Callable[[Rule], str],
) -> None:
    splits = [
        [_stratified(task.answers, seed) for seed in SEEDS],
        [_grouped([group(rule) for rule in task.rules])],
        [_grouped([rule["alertname"] for rule in task.rules])],
    ]
    sys.stdout.write(f"\n| {title}, {len(task.rules)} rules | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}\n")
    for name, guesser in guessers:
        cells = " | ".join(f"{task.accuracy(guesser, split):.3f}".lstrip("0") for split in splits)
        sys.stdout.write(f"| {name} | {cells} |\n")
        sys.stdout.flush()
    sys.stdout.write(f"\n{_clear(task, splits[0], title)}\n")


def _stratified(answers: Sequence[str], seed: int) -> Split:
    """Return folds with each answer spread evenly over them."""
    order = np.random.default_rng(seed).permutation(len(answers))
    by_answer = sorted(order.tolist(), key=lambda at: answers[at])
    return [by_answer[start::FOLDS] for start in range(FOLDS)]


def _grouped(groups: Sequence[str]) -> Split:
    """Return folds that no group is split over, about even in size: the largest group first, into the smallest fold."""
    folds: Split = [[] for _ in range(FOLDS)]
    for group, _ in sorted(Counter(groups).items(), key=lambda item: (-item[1], item[0])):
        min(folds, key=len).extend(at for at, one in enumerate(groups) if one == group)
    return folds


def _repository(rule: Rule) -> str:
    return min(rule["sources"]).split(":")[0]


def _said(rule: Rule, *, query: bool = True) -> Said:
    return Said(rule["alertname"], f"{rule['summary']} {rule['description']}", rule["expr"] if query else "")


def _labels(rule: Rule) -> dict[str, str]:
    return {key: rule[key] for key in ("area", "topic") if rule.get(key)}


def _severity(task: Task) -> list[tuple[str, Guesser]]:
    words = [Counter(tokens(" ".join(_said(rule)))) for rule in task.rules]
    return [
        ("majority", _majority(task)),
        ("keyword (down, critical, lost, unavailable)", lambda _, ask: [_keyword(task.rules[at]) for at in ask]),
        ("TF-IDF with logistic regression, C=1", _logistic(task, words, 1)),
        ("TF-IDF with logistic regression, C=30", _logistic(task, words, 30)),
        ("our rules alone", lambda _, ask: [_by_rule(task.rules[at]) for at in ask]),
        (
            "learnt, without the query",
            _learnt(task, [examples.wording(_said(rule, query=False)) for rule in task.rules]),
        ),
        ("learnt", _learnt(task, [examples.wording(_said(rule)) for rule in task.rules])),
    ]


def _team(task: Task) -> list[tuple[str, Guesser]]:
    words = [Counter(tokens(" ".join(_said(rule)))) for rule in task.rules]
    with_labels = [
        one + Counter(f"{key}={value}" for key, value in _labels(rule).items())
        for one, rule in zip(words, task.rules, strict=True)
    ]
    return [
        ("majority", _majority(task)),
        ("TF-IDF with logistic regression, C=1, text", _logistic(task, words, 1)),
        ("TF-IDF with logistic regression, C=30, text", _logistic(task, words, 30)),
        ("TF-IDF with logistic regression, C=30, text and labels", _logistic(task, with_labels, 30)),
        ("learnt, text", _learnt(task, [examples.subject(_said(rule), {}) for rule in task.rules])),
        ("learnt, text and labels", _learnt(task, _subjects(task))),
    ]


def _subjects(task: Task) -> list[Features]:
    return [examples.subject(_said(rule), _labels(rule)) for rule in task.rules]


def _clear(task: Task, splits: Sequence[Split], title: str) -> str:
    """Return how often the learnt answer is clear enough to be used, and right then."""
    features = _subjects(task) if title == "team" else [examples.wording(_said(rule)) for rule in task.rules]
    used, right = 0, 0
    for fold in (fold for split in splits for fold in split):
        learnt = examples.learn([Example(features[at], task.answers[at]) for at in task.outside(fold)])
        verdicts = [(at, learnt and learnt.judge(features[at])) for at in fold]
        clear = [verdict.answer == task.answers[at] for at, verdict in verdicts if verdict and verdict.lead >= CLEAR]
        used, right = used + len(clear), right + sum(clear)
    share = used / (len(task.rules) * len(splits))
    return (
        f"At a lead of {CLEAR}, from which on it is used: {share:.0%} of the rules answered, {right / used:.0%} right."
    )


def _majority(task: Task) -> Guesser:
    return lambda known, ask: [Counter(task.answers[at] for at in known).most_common(1)[0][0]] * len(ask)


def _keyword(rule: Rule) -> str:
    words = set(tokens(" ".join(_said(rule, query=False))))
    return "critical" if words & {"down", "critical", "lost", "unavailable"} else "warning"


def _by_rule(rule: Rule) -> str:
    guess = severity_words.guess(_said(rule))
    return guess.word if guess else "warning"


def _learnt(task: Task, features: Sequence[Features]) -> Guesser:
    def guess(known: list[int], ask: list[int]) -> list[str]:
        learnt = examples.learn([Example(features[at], task.answers[at]) for at in known])
        verdicts = [learnt and learnt.judge(features[at]) for at in ask]
        return [verdict.answer if verdict else "" for verdict in verdicts]

    return guess


def _logistic(task: Task, bags: Sequence[Counter[str]], c: float) -> Guesser:
    def guess(known: list[int], ask: list[int]) -> list[str]:
        answers = sorted({task.answers[at] for at in known})
        rows = tf_idf(bags, known)
        wanted = np.array([[answer == task.answers[at] for answer in answers] for at in known], dtype=np.float32)
        weights = fit(rows[known], wanted, c)
        return [answers[best] for best in (rows[ask] @ weights).argmax(axis=1)]

    return guess


def tf_idf(bags: Sequence[Counter[str]], known: list[int]) -> np.ndarray:
    """Return a row of length 1 for each bag, and a constant; words and their rarity are those of the known ones."""
    seen = Counter(word for at in known for word in bags[at])
    place = {word: at for at, word in enumerate(sorted(seen))}
    rows = np.zeros((len(bags), len(place) + 1), dtype=np.float32)
    for at, bag in enumerate(bags):
        for word, count in bag.items():
            if word in place:
                rows[at, place[word]] = count * (1 + np.log((1 + len(known)) / (1 + seen[word])))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    rows[:, -1] = 1
    return rows


def fit(rows: np.ndarray, wanted: np.ndarray, c: float) -> np.ndarray:
    """Return multinomial logistic weights by accelerated descent; `c` is scikit-learn's C, 1 by default there."""
    penalty = np.full((rows.shape[1], 1), 1 / c, dtype=rows.dtype)
    penalty[-1] = 0
    step = 1 / (0.5 * _largest(rows) + 1 / c)
    weights = ahead = np.zeros((rows.shape[1], wanted.shape[1]), dtype=rows.dtype)
    for turn in range(1, 201):
        scores = rows @ ahead
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        moved = ahead - step * (rows.T @ (shares - wanted) + penalty * ahead)
        weights, ahead = moved, moved + turn / (turn + 3) * (moved - weights)
    return weights


def _largest(rows: np.ndarray) -> float:
    """Return the largest eigenvalue of rows.T @ rows, a little above it, by power iteration."""
    vector = np.ones(rows.shape[1], dtype=rows.dtype)
    for _ in range(30):
        vector = rows.T @ (rows @ (vector / np.linalg.norm(vector)))
    return 1.05 * float(np.linalg.norm(vector))


if __name__ == "__main__":
    sys.exit(main())
