"""The eval of database incidents: the answer rules, and that the product's own investigation answers."""

import json

import pytest
from evals import opensre
from evals.opensre import Rules

MINUTES = [f"2026-03-01T10:{minute:02}:00Z" for minute in range(10)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """One case in the shape of the shared data."""
    case = tmp_path / "toy" / "001-disk"
    case.mkdir(parents=True)
    (case / "answer.yml").write_text(
        "root_cause_category: resource_exhaustion\nrequired_keywords: [storage]\nforbidden_keywords: [failover]\n"
    )
    notes = {"summary": "Writes fail", "db_instance_identifier": "orders"}
    (case / "alert.json").write_text(
        json.dumps({"title": "Writes fail", "commonLabels": {}, "commonAnnotations": notes})
    )
    series = {
        "metric_name": "FreeStorageSpace",
        "unit": "Bytes",
        "dimensions": [{"Value": "orders"}],
        "timestamps": MINUTES,
        "values": [9e9, 9e9, 8e9, 7e9, 5e9, 4e9, 3e9, 2e9, 1e9, 0],
    }
    (case / "aws_cloudwatch_metrics_Free.json").write_text(json.dumps(series))
    (case / "aws_cloudwatch_metrics_envelope.json").write_text("{}")
    events = [{"date": "2026-03-01T10:08:00Z", "message": "DB instance ran out of storage space."}]
    (case / "aws_rds_events.json").write_text(json.dumps({"events": events}))
    waits = [{"name": "IO:DataFileWrite", "db_load_avg": 3.0}]
    load = {
        "db_load": {"timestamps": MINUTES, "values": [1] * 10},
        "top_sql": [{"statement": "INSERT INTO archive", "db_load_avg": 4.0, "wait_events": waits}],
        "top_wait_events": waits,
    }
    (case / "aws_performance_insights.json").write_text(json.dumps(load))
    monkeypatch.setattr(opensre, "DATA", tmp_path)


def test_answer_is_wrong_by_category_by_missing_and_by_forbidden_words():
    rules = Rules("healthy", ("no  failure",), ("autoscal",), ("two causes",), ("infrastructure",))

    assert rules.wrong("healthy", "No failure; autoscaling did it") == []
    assert rules.wrong("infrastructure", "two causes") == [
        "category infrastructure",
        "lacks 'no  failure'",
        "lacks 'autoscal'",
        "says 'two causes'",
    ]


def test_case_is_answered_by_the_investigation_and_floors_are_counted(folder, capsys):
    assert opensre.main(["001"]) == 0

    printed = capsys.readouterr().out
    assert printed.splitlines()[0].split() == ["001-disk", "resource_exhaustion", "passes"]
    assert "Root cause: orders runs out of storage space." in printed
    assert "Seen by: RDS events." in printed
    assert [line.split()[-3:] for line in printed.splitlines()[-3:]] == [
        ["1", "of", "1"],
        ["1", "of", "1"],
        ["0", "of", "1"],
    ]


def test_without_the_data_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(opensre, "DATA", tmp_path / "none")

    assert opensre.main() == 0
    assert capsys.readouterr().out.startswith("skipped: no shared data")
