"""How often a hypothesis of a given confidence is right: `python -m evals.calibration`.

Every hypothesis that the product shows on PetShop's issues, OpenSRE's incidents and the written cases of `kinds` is a
point: how sure it is before calibration, and whether it is right. README.md says what it prints.
"""

import argparse
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from evals import kinds, opensre, petshop
from evals.briefs import found_of
from incident_copilot.analysis import calibrating
from incident_copilot.analysis.hypotheses import JUST_POSSIBLE
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis

BINS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 1.0)
SLOPES, OFFSETS = np.arange(0.5, 4.01, 0.25).tolist(), np.arange(-2.0, 4.01, 0.25).tolist()


@dataclass(frozen=True)
class Point:
    """One hypothesis: of which data, its weight, whether it came first and is right, and at most how sure it may be."""

    source: str
    weighed: float
    is_first: bool
    is_right: bool
    is_fitted: bool = True
    ceiling: float = 1.0


def _point(source: str, one: Hypothesis, *, is_first: bool, is_right: bool, is_fitted: bool = True) -> Point:
    """Return the point; what stands at the ceiling of its kind tells nothing of the map and is not fitted on."""
    ceiling = JUST_POSSIBLE if one.confidence == JUST_POSSIBLE else 1.0
    weighed = calibrating.uncalibrated(one.confidence)
    return Point(source, weighed, is_first, is_right, is_fitted and ceiling == 1.0, ceiling)


def of_kinds() -> Iterator[Point]:
    """Yield the hypotheses on the written cases; the rules were mended on half of them, which is not fitted on."""
    for case in kinds.read():
        one = kinds.given(case)
        brief = kinds.investigated(case, one)
        standing = [hypothesis for hypothesis in brief.hypotheses if hypothesis.verdict != "ruled out"]
        for place, (hypothesis, answer) in enumerate(zip(standing, kinds.answers(brief), strict=True)):
            if hypothesis.confidence > 0:
                right = kinds.is_right(case, one.changes, answer)
                yield _point(
                    f"kinds, {case.kind}",
                    hypothesis,
                    is_first=place == 0,
                    is_right=right,
                    is_fitted=case.is_held_out,
                )


def of_opensre() -> Iterator[Point]:
    """Yield the first hypothesis of each database incident; it is right where its kind is the answer's category.

    The rules were written with these incidents at hand, so they are not fitted on.
    """
    for case in opensre.read(opensre.DATA) if opensre.DATA.is_dir() else ():
        first = opensre.investigated(case)[0].hypotheses[0]
        right = opensre.CATEGORIES.get(first.kind) == case.rules.category
        yield _point("opensre", first, is_first=True, is_right=right, is_fitted=False)


def of_petshop(folder: Path = petshop.FOLDER) -> Iterator[Point]:
    """Yield the hypotheses on PetShop's issues; right is one about the node where the fault was injected."""
    for issue in petshop.read(folder):
        brief = _on_petshop(issue)
        for place, one in enumerate(brief.hypotheses):
            if one.confidence > 0:
                yield _point("petshop", one, is_first=place == 0, is_right=one.object == issue.root)


def _on_petshop(issue: petshop.Issue) -> Brief:
    at, until = (datetime.fromtimestamp(issue.at + seconds, UTC) for seconds in (0, 3 * petshop.SAMPLE_S))
    said = f"{issue.metric} of {issue.node}"
    evidence = [_evidence("alert", EvidenceKind.ALERT, said, until)]
    usual = petshop.series_of(issue.healthy)
    for place, (title, series) in enumerate(petshop.series_of(issue.columns).items()):
        data: dict[str, Any] = {"points": _points(series), "unit": "", "service": series.service}
        if title in usual:
            data["week_before"] = _points(usual[title])
        evidence.append(_evidence(f"metric-{place}", EvidenceKind.METRIC, title, until, query=title, data=data))
    bundle = ContextBundle(evidence=tuple(evidence))
    _, found = found_of(said, issue.node, bundle, alerted=at, opened=at, until=until, depends_on=issue.graph)
    return found.brief


def _evidence(key: str, kind: EvidenceKind, title: str, at: datetime, **more: Any) -> Evidence:
    return Evidence(
        id=key, incident_id="i", source="petshop", kind=kind, title=title, summary=title, taken_at=at, **more
    )


def _points(series: Any) -> list[list[float]]:
    finite = np.isfinite(series.values)
    return np.column_stack((series.times[finite], series.values[finite])).tolist()


def fitted(points: Sequence[Point]) -> tuple[float, float]:
    """Return the slope and offset that say best how often each is right, by the mean logarithm of what was said."""
    right = np.array([one.is_right for one in points])

    def surprise(parameters: tuple[float, float]) -> float:
        said = np.array([calibrating.mapped(one.weighed, *parameters) for one in points])
        return float(-np.mean(np.log(np.where(right, said, 1 - said))))

    return min(itertools.product(SLOPES, OFFSETS), key=surprise)


def left_out(points: Sequence[Point]) -> list[float]:
    """Return the calibrated confidence of each point, fitted without the data that it is of."""
    by_source = {
        source: fitted([one for one in points if one.source != source and one.is_fitted])
        for source in {one.source for one in points}
    }
    return [min(one.ceiling, calibrating.mapped(one.weighed, *by_source[one.source])) for one in points]


def expected_error(said: Sequence[float], right: Sequence[bool]) -> float:
    """Return the expected calibration error: the mean distance of said and right share, by bin."""
    total = 0.0
    for low, high in itertools.pairwise(BINS):
        inside = [place for place, one in enumerate(said) if low <= one < high or one == high == 1]
        if inside:
            gap = np.mean([said[place] for place in inside]) - np.mean([right[place] for place in inside])
            total += len(inside) / len(said) * abs(float(gap))
    return total


def brier(said: Sequence[float], right: Sequence[bool]) -> float:
    """Return the mean squared distance of what was said from what was right."""
    return float(np.mean((np.array(said) - np.array(right)) ** 2))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    points = [*of_kinds(), *of_opensre(), *of_petshop()]
    if not any(one.source == "petshop" for one in points):
        print("skipped in part: no shared data, the written cases only")
    counted: dict[str, int] = defaultdict(int)
    for one in points:
        counted[one.source.partition(",")[0]] += 1
    print(f"{len(points)} hypotheses: {dict(counted)}; {sum(one.is_first for one in points)} first ones")
    slope, offset = fitted([one for one in points if one.is_fitted])
    print(f"fitted on what is not mended on: slope {slope:.2f}, offset {offset:.2f}")
    print(f"in the product: slope {calibrating.SLOPE:.2f}, offset {calibrating.OFFSET:.2f}")
    crossed = left_out(points)
    maps: dict[str, Callable[[int], float]] = {
        "as weighed": lambda place: points[place].weighed,
        "calibrated, its own data left out": lambda place: crossed[place],
        "as shown": lambda place: min(points[place].ceiling, calibrating.calibrated(points[place].weighed)),
    }
    for name, of in maps.items():
        for told, kept in (
            ("all", lambda _: True),
            ("first ones", lambda one: one.is_first),
            ("first ones that are fitted on", lambda one: one.is_first and one.is_fitted),
        ):
            places = [place for place, one in enumerate(points) if kept(one)]
            said, right = [of(place) for place in places], [points[place].is_right for place in places]
            print(f"{name + ', ' + told:<66} error {expected_error(said, right):.3f}  Brier {brier(said, right):.3f}")
    _reliability(crossed, points)
    return 0


def _reliability(said: Sequence[float], points: Sequence[Point]) -> None:
    print(f"\n{'calibrated, left out':<22} {'all':>5} {'said':>6} {'right':>6}   {'first':>5} {'said':>6} {'right':>6}")
    for low, high in itertools.pairwise(BINS):
        cells = []
        for firsts in (False, True):
            inside = [
                place for place, one in enumerate(said) if low <= one < high and (points[place].is_first or not firsts)
            ]
            means = [
                np.mean(values) if values else math.nan
                for values in ([said[place] for place in inside], [points[place].is_right for place in inside])
            ]
            cells.append(f"{len(inside):>5} {means[0]:>6.2f} {means[1]:>6.2f}")
        print(f"{f'{low:.2f} to {high:.2f}':<22} {'   '.join(cells)}")


if __name__ == "__main__":
    raise SystemExit(main())
