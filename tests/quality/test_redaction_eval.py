"""The eval of redaction: what it counts, and that it runs the product's code."""

from evals import redaction


def test_a_value_that_stays_is_missed_and_named_by_its_form():
    samples = (("mail", "to {name}@{domain}"), ("words", "hello {name}"))

    lines, values, found, missed = redaction.recall(samples, rounds=2)

    assert (lines, values, found) == (4, 6, 4)
    assert missed == ["words: `hello {name}` (2 of 2)"]


def test_what_is_hidden_in_ordinary_lines_is_counted():
    assert redaction.hidden_in(["nothing", "user=aruiz from 8.8.4.4", "took 20 ms"]) == (3, 1, {"user": 1, "ip": 1})


def test_without_the_data_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(redaction, "DATA", tmp_path / "none")

    assert redaction.main([]) == 0
    assert "skipped: no shared data for false positives" in capsys.readouterr().out


def test_ordinary_logs_are_a_table(tmp_path, monkeypatch, capsys):
    (tmp_path / "Toy_2k.log").write_text("nothing\nuser=aruiz\n")
    monkeypatch.setattr(redaction, "DATA", tmp_path)

    assert redaction.main([]) == 0
    assert "| Toy_2k | 2 | 1 | user 1 |" in capsys.readouterr().out
