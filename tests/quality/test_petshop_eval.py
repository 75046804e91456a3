"""The eval on PetShop: what it reads and counts, on two issues of a shop with two services."""

import json

import pytest
from evals import petshop
from evals.petshop import RANKERS, floors, read, recall

NODES = ("shop", "pay", "mail")


def table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    heads = [(node, metric, "Average") for node in NODES for metric in ("latency", "availability")]
    lines = [",".join(part) for part in zip(*[("microservice", "metric", "statistic"), *heads], strict=True)]
    cells = [f"{at}," + ",".join("" if value is None else str(value) for value in values) for at, *values in rows]
    path.write_text("\n".join([*lines, "unix_timestamp" + "," * len(heads), *cells]))


@pytest.fixture
def folder(tmp_path):
    """An issue of pay that mail, which is odder, has nothing to do with, and one of the shop itself."""
    scenario = tmp_path / "low"
    healthy = [(i * 300, 1 + i % 3 / 10, 100, 0.5 + i % 3 / 10, 100, 0.5 + i % 3 / 10, None) for i in range(60)]
    table(scenario / "noissue" / "metrics.csv", healthy)
    (scenario / "graph.csv").write_text(",shop,pay,mail\nshop,0,1,0\npay,0,0,0\nmail,0,0,0\n")
    for name, root, slow in (("train/issue_0", "pay", (3, 2.5, 90)), ("test/issue_0", "shop", (3, 0.5, 0.5))):
        rows = [(at, 1.1, 100, 0.6, 100, 0.6, None) for at in (90_000, 90_300)]
        rows += [(at, slow[0], 100, slow[1], 100, slow[2], None) for at in (90_600, 90_900, 91_200)]
        table(scenario / name / "metrics.csv", rows)
        target = {"node": "shop", "metric": "latency", "agg": "Average", "timestamp": 90_590}
        told = {"target": target, "root_cause": {"node": root, "metric": None}}
        (scenario / name / "target.json").write_text(json.dumps(told))
    return tmp_path


def test_recall_counts_the_issues_whose_root_is_among_the_first(folder):
    issues = read(folder)

    found = {name: recall(issues, rank)["all"] for name, rank in RANKERS.items()}

    assert found == {
        "N-sigma on the alerting metric": (2, 0.5, 1.0),
        "incident-copilot without the call graph": (2, 0.5, 1.0),
        "incident-copilot": (2, 1.0, 1.0),
    }
    assert recall(issues, lambda issue, at: ["mail", "pay"])["low, latency"] == (2, 0.0, 0.5)


def test_late_alert_is_told_one_sample_later(folder):
    times = []

    recall(read(folder), lambda issue, at: times.append(at) or [], late=1)

    assert times == [90_890.0, 90_890.0]


def test_floors_need_no_metrics(folder):
    assert floors(read(folder)) == {
        "always the commonest causes, known afterwards": (0.5, 1.0),
        "chance": (pytest.approx(1 / 3), 1.0),
    }


def test_main_prints_the_tables(folder, capsys):
    assert petshop.main(["--folder", str(folder)]) == 0

    assert "incident-copilot, one sample late" in capsys.readouterr().out


def test_main_says_where_the_data_is_absent(tmp_path, capsys):
    assert petshop.main(["--folder", str(tmp_path)]) == 0

    assert capsys.readouterr().out == "skipped: no shared data\n"
