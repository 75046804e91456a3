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


REPORTS = [
    {"id": "a/0", "org": "a", "title": "Disk", "text": "No space left on the disk."},
    {"id": "c/1", "org": "c", "title": "Ingest", "text": "The volume was full, no space left."},
    {"id": "b/1", "org": "b", "title": "Sign-in", "text": "The certificate expired."},
    {"id": "c/2", "org": "c", "title": "Browsers warn", "text": "The TLS certificate was out of date."},
]
ASKED = [
    {"qid": "1", "incident": "a/0", "query_opening": "No space left on the disk", "gold": ["c/1"]},
    {"qid": "2", "incident": "b/1", "query_opening": "The certificate expired", "gold": ["c/2"]},
]


def test_weight_is_chosen_without_the_queries_that_it_is_measured_on():
    known = similar.PastIndex.build(similar.past_incidents(REPORTS), similar.Kinds.of(similar.kinds()))

    scores, weights = similar.cross_validated(known, ASKED, [[0], [1]])

    assert scores.precision == 1.0
    assert weights == {similar.WEIGHTS[0]}
    assert similar.halves(ASKED) == [([0], [1]), ([1], [0])]


def test_weight_that_ships_ranks_as_the_product_does():
    known = similar.PastIndex.build(similar.past_incidents(REPORTS), similar.Kinds.of(similar.kinds()))

    by_weight = similar.weighed(known, ASKED)[1.0]

    assert by_weight == {query["qid"]: similar.copilot(known)(query) for query in ASKED}


def test_score_of_the_first_falls_where_its_right_answer_is_taken_away():
    known = similar.PastIndex.build(similar.past_incidents(REPORTS), similar.Kinds.of(similar.kinds()))

    assert similar.tells_nothing_is_alike(known, ASKED) == 1.0


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
