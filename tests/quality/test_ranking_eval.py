"""The measures of the retrieval evals, on cases small enough to check by hand."""

import math

import pytest
from evals import ranking, runbooks, similar


def test_rank_of_the_first_right_answer():
    assert ranking.rank_of_first(["a", "b", "c"], {"c", "b"}) == 2
    assert ranking.rank_of_first(["a"], {"z"}) == math.inf


def test_recall_and_reciprocal_rank():
    ranks = [1.0, 4.0, math.inf]

    assert [ranking.recall_at(ranks, places) for places in (1, 5)] == [1 / 3, 2 / 3]
    assert ranking.reciprocal(ranks) == pytest.approx((1 + 0.25) / 3)


def test_average_precision_counts_right_answers_that_were_not_found():
    assert ranking.average_precision(["a", "x", "b"], {"a", "b", "c"}) == pytest.approx((1 + 2 / 3) / 3)


def test_auroc_counts_a_tie_half():
    assert ranking.auroc([2.0, 1.0], [1.0, 0.0]) == 0.875


def test_bm25_ranks_the_text_that_says_the_rare_word():
    scores = ranking.Bm25(["disk full disk", "queue full", "full"]).scores("full queue")

    assert scores.argmax() == 1
    assert scores[0] > 0


def test_hit_elsewhere_leaves_out_answers_of_the_same_organisation():
    queries = [
        {"incident": "a/0", "gold": ["a/1", "b/1"]},
        {"incident": "a/2", "gold": ["a/1"]},
    ]

    found = similar.measure(lambda query: ["a/1", "x/1", "x/2", "x/3", "x/4", "b/1"], queries)

    assert found == similar.Scores(1.0, 0.0, pytest.approx((4 / 3 / 2 + 1) / 2), pytest.approx(1 / 6))


def test_answers_of_the_copilot_come_from_its_own_matching():
    docs = [
        {"id": "disk", "title": "DiskFull", "text": "# DiskFull\n\n## Meaning\n\nNo space left.", "path": "disk.md"},
        {"id": "queue", "title": "Backlog", "text": "", "path": "queue.md"},
    ]
    index = runbooks.RunbookIndex.build(runbooks.library(docs))
    alert = {"alertname": "DiskFull", "text_noname": "No space left", "gold": ["disk"]}
    other = {"alertname": "PrinterJam", "text_noname": "Paper jam", "gold": []}

    named = runbooks.measure(runbooks.copilot(index, named=True), [alert], [other])

    assert named == runbooks.Scores(1.0, 1.0, 1.0, 1.0, 1.0)
    assert runbooks.copilot(index, named=False)(alert)[0] == ["disk"]
    assert runbooks.measure(runbooks.bm25(docs, named=False), [alert], [other]).first == 1.0


@pytest.mark.parametrize("module", [runbooks, similar])
def test_without_the_data_an_eval_says_so(module, tmp_path, capsys):
    assert module.main(["--folder", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out.startswith("skipped: no shared data")
