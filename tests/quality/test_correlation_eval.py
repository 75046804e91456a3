"""The eval of correlation: what it counts, its baselines, and that it runs the real correlation."""

import json

import pytest
from evals import correlation, streams
from evals.correlation import BASELINES, Score, measure, show

CRASH, ERRORS, NOISE = ("KubePodCrashLooping", "payments"), ("HighErrorRate", "checkout"), ("DiskFull", None)
EVENTS = [
    # seconds, start, status, alert, truth
    (0, 0, "firing", CRASH, "i0"),
    (40, 40, "firing", ERRORS, "i0"),
    (60, 60, "firing", NOISE, None),
    (340, 40, "firing", ERRORS, "i0"),
    (400, 60, "resolved", NOISE, None),
    (500, 40, "resolved", ERRORS, "i0"),
]


def time(second):
    return f"2026-11-27T12:{second // 60:02}:{second % 60:02}.000Z"


@pytest.fixture
def folder(tmp_path):
    """One stream in the shape of the shared data."""
    events = []
    for received, start, status, (name, service), _ in EVENTS:
        labels = {"alertname": name, "cluster": "c", "namespace": "n", "severity": "warning"}
        labels |= {"service": service} if service else {}
        events.append(
            {
                "received": time(received),
                "status": status,
                "labels": labels,
                "startsAt": time(start),
                "fingerprint": name,
            }
        )
    stream = {"id": "s0", "mode": "HARD: overlapping, same cluster", "events": events}
    (tmp_path / "streams_dev.jsonl").write_text(json.dumps(stream) + "\n")
    (tmp_path / "truth_dev.jsonl").write_text(json.dumps({"id": "s0", "truth": [one[-1] for one in EVENTS]}) + "\n")
    edges = [{"cause": "payments", "effect": "checkout", "n": 1}]
    (tmp_path / "topology_from_propagations.json").write_text(json.dumps(edges))
    return tmp_path


async def test_the_real_correlation_is_measured_beside_the_baselines(folder, capsys):
    table = await measure(folder)
    show(table)

    assert {name: (round(by["hard"].f1, 3), by["all"].ratio) for name, by in table.items()} == {
        "incident-copilot": (1.0, 1.0),
        "every alert by itself": (0.667, 2.0),
        "group_by alertname, cluster": (0.667, 2.0),
        "group_by cluster, namespace": (0.6, 1.0),
        "cluster, namespace, 300 s gap": (0.6, 1.0),
    }
    assert capsys.readouterr().out.splitlines()[1].split() == ["incident-copilot", "1.000", "1.000", "1.00"]


def test_noise_counts_where_it_is_put_together_with_anything_but_itself(folder):
    [stream] = streams.read(folder)
    score = Score()

    score.add(stream, ["a", "a", "a", "a", "b", "a"])

    assert (score.both, score.put, score.belong) == (6, 10, 6)


def test_a_gap_begins_a_group_only_after_five_minutes(folder):
    [stream] = streams.read(folder)

    groups = BASELINES["cluster, namespace, 300 s gap"](stream)

    assert len(set(groups)) == 1
    assert stream.mode == "hard"


@pytest.mark.skipif(not streams.FOLDER.exists(), reason="no shared data")
async def test_two_faults_in_one_namespace_are_told_apart():
    table = await measure(streams.FOLDER, ["s17"])

    assert table["incident-copilot"]["hard"].f1 == pytest.approx(1.0)
    assert correlation.GAP_S == 300
