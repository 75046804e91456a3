"""The eval on Nezha: what it reads and counts, on one day of three services with two faults."""

import gzip
import json

import pytest
from evals import nezha
from evals.nezha import RANKERS, accuracy, floors, read

SERVICES = ("a", "b", "c")
FAULTS = [
    {"day": "d", "ts": 9000, "service": "a", "type": "cpu"},
    {"day": "d", "ts": 12_000, "service": "b", "type": "x"},
]


@pytest.fixture
def folder(tmp_path):
    """A day on which a's CPU is busy during the first fault, and nothing shows the second."""
    (tmp_path / "faults.json").write_text(json.dumps(FAULTS))
    rows = ["ts,cpu_pct,ops,service"]
    for minute in range(240):
        busy = 9000 <= minute * 60 < 9300
        rows += [
            f"{minute * 60},{90 if busy and name == 'a' else 2 + minute % 3},{'' if minute % 9 == 0 else 1},{name}"
            for name in SERVICES
        ]
    with gzip.open(tmp_path / "d.csv.gz", "wt") as file:
        file.write("\n".join(rows))
    return tmp_path


def test_accuracy_counts_the_faults_whose_service_is_among_the_first(folder):
    faults = read(folder)

    told = {name: accuracy(faults, rank)["cpu"] for name, rank in RANKERS.items()}

    assert told == dict.fromkeys(RANKERS, (1, 1.0, 1.0, 1.0))
    assert accuracy(faults, lambda fault, at: ["c", "b"])["all"] == (2, 0.0, 0.5, 0.5)


def test_healthy_part_of_the_day_leaves_out_every_fault(folder):
    busiest = [one.healthy["CPU usage of a"].values.max() for one in read(folder)]

    assert busiest == [4.0, 4.0]


def test_late_alert_is_told_one_sample_later(folder):
    times = []

    accuracy(read(folder), lambda fault, at: times.append(at) or [], late=1)

    assert times == [9060.0, 12_060.0]


def test_floors_need_no_metrics(folder):
    assert floors(read(folder)) == {
        "always the commonest causes, known afterwards": (0.5, 1.0, 1.0),
        "chance, of 3 services": (pytest.approx(1 / 3), 1.0, 1.0),
    }


def test_main_prints_the_tables(folder, capsys):
    assert nezha.main(["--folder", str(folder)]) == 0

    assert "incident-copilot, one sample late" in capsys.readouterr().out


def test_main_says_where_the_data_is_absent(tmp_path, capsys):
    assert nezha.main(["--folder", str(tmp_path / "none")]) == 0

    assert capsys.readouterr().out == "skipped: no shared data\n"
