"""The eval of redaction: what it counts, and that it runs the product's code."""

import yaml
from evals import redaction


def test_a_value_that_stays_is_missed_and_named_by_its_form():
    samples = (("mail", "to {name}@{domain}"), ("words", "hello {name}"))

    lines, values, found, missed = redaction.recall(samples, rounds=2)

    assert (lines, values, found) == (4, 6, 4)
    assert missed == ["words: `hello {name}` (2 of 2)"]


def test_whole_lines_are_told_by_what_stays_and_what_is_hit():
    hidden = [["gone", "user=⟦aru¦iz⟧"], ["whole", "hello ⟦jonas⟧"], ["part", "password=⟦hunter22 and more⟧"]]
    kept = [["plain", "took ⟦20 ms⟧"], ["plain", "user=⟦aruiz⟧"]]

    assert redaction.left_of(hidden, kept) == (["whole"], ["part"], ["user=aruiz"])


def test_nothing_is_left_of_the_lines_that_the_rules_have_seen():
    sets = yaml.safe_load(redaction.LINES.read_text())

    found = {name: redaction.left_of(lines["hidden"], lines["kept"]) for name, lines in sets.items()}

    assert {name: found[name] for name in ("another", "afterwards")} == {
        "another": ([], [], []),
        "afterwards": (["fhir given"], [], []),
    }


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
