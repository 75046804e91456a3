"""The eval on NAB: that it scores as NAB's own scorer does, on small series."""

import json

import numpy as np
import pytest
from evals import nab
from evals.nab import File, read, score, windowed_gaussian, worth

FILE = File("group/one.csv", np.zeros(100), ((40, 59),))
NOTHING = np.zeros(100)


def flagged(*places):
    scores = NOTHING.copy()
    scores[list(places)] = 1
    return {"group/one.csv": scores}


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((), 0.0),
        ((40,), 100.0),
        ((40, 59), 100.0),
        # By hand: the sigmoid of position -0.5 over that of -1, halfway between a miss and a find.
        ((50,), 50 * (1 + 0.84828 / 0.98661)),
        # A false positive before the first window costs 0.11, of the two that lie between a miss and a find.
        ((20, 40), 100 - 50 * 0.11),
        # Just behind the window it costs less: the sigmoid of 1/19 is -0.13077.
        ((40, 60), 100 - 50 * 0.11 * 0.13077),
        # What is in the probationary part does not count.
        ((5, 40), 100.0),
    ],
)
def test_score_is_that_of_the_standard_profile(places, expected):
    assert score([FILE], flagged(*places))[0] == pytest.approx(expected, abs=0.01)


def test_far_behind_a_window_a_false_positive_costs_all():
    assert worth(FILE)[0][99] == pytest.approx(-0.11 * 0.99995, abs=1e-4)
    assert worth(File("one", np.zeros(200), ((40, 59),)))[0][199] == -0.11


def test_one_threshold_holds_for_all_files():
    other = File("group/two.csv", np.zeros(100), ((40, 59),))
    scores = flagged(40) | {"group/two.csv": flagged(40)["group/one.csv"] / 2}

    assert score([FILE, other], scores) == (100.0, 0.5)


def test_window_inside_probation_can_neither_be_found_nor_missed():
    early = File("group/one.csv", np.zeros(100), ((2, 5), (40, 59)))

    # As NAB does: the perfect detector is credited with it all the same.
    assert score([early], flagged(40))[0] == pytest.approx(100 * 2 / 3)


def test_windowed_gaussian_follows_its_window():
    values = np.concatenate((np.tile([1.0, 2.0], 20), np.tile([5.0, 6.0], 15), [5.5]))

    scores = windowed_gaussian(values, window_size=40, step=10)

    assert scores[0] == 0.0
    assert scores[40] == pytest.approx(1.0)
    assert scores[70] < 0.9


def test_main_reads_the_files_and_prints_the_table(tmp_path, capsys):
    folder = tmp_path / "data" / "group"
    folder.mkdir(parents=True)
    times = [f"2014-02-14 {minute // 60:02}:{minute % 60:02}:00" for minute in range(300)]
    rows = [f"{at},{9 if place == 200 else place % 3}" for place, at in enumerate(times)]
    (folder / "one.csv").write_text("\n".join(["timestamp,value", *rows]))
    windows = {"group/one.csv": [[f"{times[195]}.000000", f"{times[210]}.000000"]], "group/kept_apart.csv": []}
    (tmp_path / "combined_windows.json").write_text(json.dumps(windows))

    assert nab.main(["--folder", str(tmp_path)]) == 0

    assert [file.windows for file in read(tmp_path)] == [((195, 210),)]
    assert "1 files with 1 windows" in capsys.readouterr().out


def test_main_says_where_the_data_is_absent(tmp_path, capsys):
    assert nab.main(["--folder", str(tmp_path / "none")]) == 0

    assert capsys.readouterr().out == "skipped: no shared data\n"
