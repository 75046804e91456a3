"""Is a metric odd now: detectors on groups of the Numenta Anomaly Benchmark, scored as it scores.

`python -m evals.nab`; the scoring follows NAB's scorer (https://github.com/numenta/NAB, standard profile) and is
explained in README.md beside this file.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import erfc, floor, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from incident_copilot.analysis.oddness import Oddness

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "timeseries" / "nab"
FALSE_POSITIVE = 0.11
PROBATION, LONGEST = 0.15, 5000  # a part of each file is not scored, of 5,000 points at most
WINDOW, STEP = 6400, 100  # of NAB's windowed Gaussian
PUBLISHED = {
    "Numenta HTM, its published results on these files": 74.0,
    "CAD OSE, its published results on these files": 71.9,
    "ARTime, its published results on these files": 71.2,
    "published windowed Gaussian, whole benchmark": 39.6,
    "published Numenta HTM, whole benchmark": 70.1,
    "published ARTime, the best, whole benchmark": 74.9,
}

Floats = NDArray[np.float64]
Detector = Callable[[Floats], Floats]
"""Returns for each value how odd it is (0 to 1), by what came before alone."""


@dataclass(frozen=True)
class File:
    """One series with the windows that hold its anomalies, as (first, last) places, both included."""

    name: str
    values: Floats
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """Return the first place that is scored."""
        return -int(-min(floor(PROBATION * len(self.values)), PROBATION * LONGEST) // 1)


def oddness(values: Floats) -> Floats:
    """Return what the copilot's detector says."""
    detector = Oddness()
    return np.array([detector.next(float(value)) for value in values])


def windowed_gaussian(values: Floats, *, window_size: int = WINDOW, step: int = STEP) -> Floats:
    """Return one less the tail probability of each value under the values before it, as NAB's detector does."""
    scores, window, waiting = [0.0], [float(values[0])], []
    mean, deviation = float(values[0]), 0.000001
    for value in values[1:].tolist():
        scores.append(1 - 0.5 * erfc(abs(value - mean) / deviation / sqrt(2)))
        if len(window) < window_size:
            window.append(value)
        elif len(waiting) < step - 1:
            waiting.append(value)
            continue
        else:
            window, waiting = [*window[step:], *waiting, value], []
        mean, deviation = float(np.mean(window)), float(np.std(window)) or 0.000001
    return np.array(scores)


def read(folder: Path) -> list[File]:
    """Return the files that are there and have windows told, in the order of their names."""
    told = json.loads((folder / "combined_windows.json").read_text())
    return [
        _file(folder / "data" / name, name, told[name]) for name in sorted(told) if (folder / "data" / name).exists()
    ]


def _file(path: Path, name: str, windows: Sequence[Sequence[str]]) -> File:
    rows = list(csv.DictReader(path.read_text().splitlines()))
    # A time may come twice; NAB takes the first of them.
    places = {datetime.fromisoformat(row["timestamp"]): place for place, row in reversed(list(enumerate(rows)))}
    return File(
        name,
        np.array([float(row["value"]) for row in rows]),
        tuple((places[datetime.fromisoformat(begin)], places[datetime.fromisoformat(end)]) for begin, end in windows),
    )


def worth(file: File) -> tuple[Floats, NDArray[np.int_]]:
    """Return what a detection at each place is worth, and the window it lies in (-1: in none)."""
    places = np.arange(len(file.values))
    gained, within = np.full(len(places), -1.0), np.full(len(places), -1)
    for begin, end in file.windows:
        # After a window a false positive costs little at first; before the first one it costs all.
        past = (places[end + 1 :] - end) / max(1, end - begin)
        gained[end + 1 :] = np.where(past > 3, -1.0, _sigmoid(past))
        within[end + 1 :] = -1
        position = -(end - places[begin : end + 1] + 1) / (end - begin + 1)
        gained[begin : end + 1], within[begin : end + 1] = _sigmoid(position) / _sigmoid(np.array([-1.0])), 0
    for number, (begin, end) in enumerate(file.windows):
        within[begin : end + 1] = number
    return np.where(within < 0, gained * FALSE_POSITIVE, gained), within


def _sigmoid(position: Floats) -> Floats:
    return 2 / (1 + np.exp(5 * position)) - 1


def score(files: Sequence[File], scores: Mapping[str, Floats]) -> tuple[float, float]:
    """Return (score, threshold): 0 for no detection at all, 100 for each window at its very start.

    The threshold is the best one for all files together, which NAB allows every detector.
    """
    steps = sorted(_steps(files, scores), key=lambda step: -step[0])
    windows = sum(len(file.windows) for file in files)
    held: dict[tuple[str, int], float] = {}
    # A window that probation covers whole can be neither found nor missed.
    scored = {window for *_, window in steps if window is not None}
    best, best_threshold, total = -float(len(scored)), 1.1, -float(len(scored))
    for place, (odd, gain, window) in enumerate(steps):
        if window is None:
            total += gain
        else:
            before = held.get(window, -1.0)
            held[window] = max(before, gain)
            total += held[window] - before
        last_of_its_kind = place + 1 == len(steps) or steps[place + 1][0] != odd
        if last_of_its_kind and total > best:
            best, best_threshold = total, odd
    return 100 * (best + len(scored)) / (windows + len(scored)), best_threshold


def _steps(
    files: Sequence[File], scores: Mapping[str, Floats]
) -> Iterator[tuple[float, float, tuple[str, int] | None]]:
    for file in files:
        gained, within = worth(file)
        for place in range(file.probation, len(file.values)):
            window = (file.name, int(within[place])) if within[place] >= 0 else None
            yield float(scores[file.name][place]), float(gained[place]), window


DETECTORS: dict[str, Detector] = {
    "chance": lambda values: np.random.default_rng(len(values)).random(len(values)),
    "windowed Gaussian": windowed_gaussian,
    "incident-copilot": oddness,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the data is")
    folder = parser.parse_args(argv).folder
    if not folder.exists():
        print("skipped: no shared data")
        return 0
    files = read(folder)
    groups = sorted({file.name.partition("/")[0] for file in files})
    print(f"NAB, standard profile: {len(files)} files with {sum(len(file.windows) for file in files)} windows")
    print(f"{'':<52} {'all':>8}", *(f"{group:>22}" for group in groups))
    print(f"{'no detection':<52} {0:>8.2f}")
    for name, detector in DETECTORS.items():
        scores = {file.name: detector(file.values) for file in files}
        told = [score([file for file in files if file.name.startswith(group)], scores)[0] for group in groups]
        print(f"{name:<52} {score(files, scores)[0]:>8.2f}", *(f"{one:>22.2f}" for one in told))
    for name, whole in PUBLISHED.items():
        print(f"{name:<52} {whole:>8.2f}")
    print("A group's column has the best threshold for that group, the first one that for all files.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
