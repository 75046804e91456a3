"""The eval of grounding: what it counts, and that it runs the product's code."""

from evals import grounding

EVIDENCE = {"e": "checkout fails 20% of its requests"}
CASES = (
    ("Checkout fails 20% of its requests.", ("e",), None),
    ("Checkout fails 30% of its requests.", ("e",), "figure"),
    ("Checkout fails its requests.", ("e",), "a label that is wrong"),
    ("Checkout fails 20% of its requests.", (), None),
)


def test_what_is_struck_or_kept_rightly_or_wrongly_is_counted():
    counted, wrong = grounding.measure(CASES, EVIDENCE)

    assert counted == {"kept": 1, "hit": 1, "miss": 1, "false": 1}
    assert [line.rpartition("struck: ")[2] for line in wrong] == ["None", "it cites no evidence"]
    assert grounding.row(counted) == "4 | 2 | 1 | 1 | 0.50 | 0.50 | 0.50"
    assert grounding.by_digits(CASES, EVIDENCE) == {"kept": 1, "hit": 1, "miss": 1, "false": 1}


def test_the_tables_are_printed(capsys):
    assert grounding.main([]) == 0

    assert "| known | 50 |" in capsys.readouterr().out
