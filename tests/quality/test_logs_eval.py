"""The eval of log templates: what it counts, and that it runs the miner."""

import pytest
from evals import logs


def test_a_line_counts_when_its_group_is_exactly_its_template():
    assert logs.accuracy(["a", "a", "b", "c", "c"], ["x", "x", "y", "y", "z"]) == 2 / 5
    assert logs.accuracy([0, 0], ["x", "x"]) == 1.0


def test_table_names_each_system_and_the_published_numbers(tmp_path, monkeypatch, capsys):
    (tmp_path / "Toy_2k.log_structured_corrected.csv").write_text(
        "LineId,Content,EventTemplate\n1,sent 5 bytes,sent <*> bytes\n2,sent 7 bytes,sent <*> bytes\n3,gone,gone\n"
    )
    (tmp_path / "Toy_2k.log").write_text("10:00:00 sent 5 bytes\n10:00:01 sent 7 bytes\n10:00:02 gone\n")
    monkeypatch.setattr(logs, "DATA", tmp_path)

    assert logs.main([]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split() == ["Toy", "1.000", "1.000", "0.333", "0.000", "1.000", "2/2"]
    assert printed[3].startswith("published")


def test_without_the_data_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(logs, "DATA", tmp_path / "none")

    assert logs.main([]) == 0
    assert capsys.readouterr().out.startswith("skipped: no shared data")


def test_real_logs_are_grouped_better_than_with_rules_for_each_system():
    if not logs.DATA.is_dir():
        pytest.skip("no shared data")
    apache = next(one for one in logs.read(logs.DATA) if one.name == "Apache")

    assert logs.accuracy(logs.templates(apache.messages), apache.templates) == 1.0
