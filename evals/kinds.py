"""Causes of hand-written incidents of twelve kinds, with decoys: `python -m evals.kinds`.

The cases stand in kinds_cases/, one file a kind, each in this form. A metric is [title, service, unit, before, after,
shape], a message [text, lines a minute], where {n} varies; an event [minutes after the onset, text]; a change [minutes
before the onset, service, kind, title, diff]; a provider [name, state, minutes after the onset, detail]. `standing`
messages are written before the onset too. `decoys` says how many changes of decoys.yaml went out in the day before.
An answer is right when its kind, its object and its words are. README.md says how the cases were made and are split.
"""

import argparse
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from evals.briefs import found_of
from incident_copilot.analysis.ranking import rank_series
from incident_copilot.analysis.signals import classify_metric
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.investigate import Investigation
from incident_copilot.pipeline.investigating.findings import series_of

FOLDER = Path(__file__).parent / "kinds_cases"
ONSET = datetime(2026, 11, 28, 5, 0, tzinfo=UTC).timestamp()
BEFORE_S, ALERT_S, SEEN_S, STEP_S = 3600.0, 180.0, 720.0, 30.0
ORDINARY = (
    ("INFO request done in {n} ms", 12),
    ("INFO session {n} opened", 6),
    ("DEBUG cache refreshed, {n} entries", 2),
)
TOP = 3


@dataclass(frozen=True)
class Case:
    """One incident as it is written down, and which kind of incident it is; `is_held_out` while rules are written."""

    kind: str
    name: str
    is_held_out: bool
    told: Mapping[str, Any]
    decoys: Sequence[Sequence[str]] = ()

    @property
    def service(self) -> str:
        """The service that alerts."""
        return str(self.told["service"])


@dataclass(frozen=True)
class Given:
    """A case as evidence: what the copilot is shown, and the ids of its changes in the order they are written."""

    bundle: ContextBundle
    changes: Sequence[str] = field(default_factory=list)


def read(folder: Path = FOLDER) -> list[Case]:
    """Return all cases; every second one of a kind is held out."""
    decoys = yaml.safe_load((folder / "decoys.yaml").read_text(encoding="utf-8"))
    return [
        Case(path.stem, told["name"], place % 2 == 1, told, decoys)
        for path in sorted(folder.glob("*.yaml"))
        if path.stem != "decoys"
        for place, told in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]


def given(case: Case) -> Given:
    """Return the evidence of a case, in the shape that context sources deliver."""
    changes = [*_changes(case)]
    evidence = [
        _evidence("alert", EvidenceKind.ALERT, str(case.told["alert"]), {}),
        *_metrics(case),
        *_logs(case),
        *_events(case),
        *_providers(case),
        *changes,
    ]
    gaps = tuple(EvidenceGap(source=name, reason=why) for name, why in case.told.get("gaps", {}).items())
    return Given(ContextBundle(evidence=tuple(evidence), gaps=gaps), [item.id for item in changes])


def _metrics(case: Case) -> Iterator[Evidence]:
    for place, (title, service, unit, *levels) in enumerate(case.told.get("metrics", ())):
        before, after, *shape = levels
        times = np.arange(ONSET - BEFORE_S, ONSET + SEEN_S, STEP_S)
        values = _shaped(times, float(before), float(after), shape[0] if shape else "step")
        noise = np.random.default_rng(zlib.crc32(f"{case.name} {title}".encode())).normal(0, 0.02, (2, len(times)))
        points = np.column_stack((times, values * (1 + noise[0]))).tolist()
        data: dict[str, Any] = {"points": points, "unit": unit, "service": service, "labels": {}}
        if shape == ["weekly"]:
            data["week_before"] = np.column_stack((times, values * (1 + noise[1]))).tolist()
        yield _evidence(f"metric-{place}", EvidenceKind.METRIC, title, data)


def _shaped(times: np.ndarray, before: float, after: float, shape: str) -> np.ndarray:
    """Return the level over time: a step at the onset, a ramp from it on, a drift from the beginning, or a spike."""
    if shape == "drift":
        return before + (after - before) * np.clip((times - times[0]) / (ONSET - times[0]), 0, 1)
    if shape == "ramp":
        return before + (after - before) * np.clip((times - ONSET) / (SEEN_S / 2), 0, 1)
    if shape == "spike":
        return np.where((times >= ONSET) & (times < ONSET + 4 * STEP_S), after, before)
    return np.where(times >= ONSET, after, before)


def _logs(case: Case) -> Iterator[Evidence]:
    standing, fresh = case.told.get("standing", {}), case.told.get("logs", {})
    for service in dict.fromkeys((*standing, *fresh)):
        usual = [*ORDINARY, *standing.get(service, ())]
        lines = [line for text, rate in usual for line in _said(text, rate, ONSET - BEFORE_S)]
        lines += [line for text, rate in fresh.get(service, ()) for line in _said(text, rate, ONSET)]
        data = {"lines": sorted(lines), "truncated": False, "service": service, **_window()}
        yield _evidence(f"log-{service}", EvidenceKind.LOG, f"Logs of {service}", data)


def _said(text: str, per_minute: float, since: float) -> list[list[Any]]:
    count = max(1, round(per_minute * (ONSET + SEEN_S - since) / 60))
    step = (ONSET + SEEN_S - since) / count
    return [[since + (nth + 0.5) * step, text.replace("{n}", str(nth * 7 % 97))] for nth in range(count)]


def _events(case: Case) -> Iterator[Evidence]:
    for service, events in case.told.get("events", {}).items():
        lines = sorted([ONSET + 60 * minutes, text] for minutes, text in events)
        data = {"lines": lines, "truncated": False, "events": True, "service": service, **_window()}
        yield _evidence(f"events-{service}", EvidenceKind.LOG, f"Kubernetes warnings about {service}", data)


def _window() -> dict[str, float]:
    return {"since": ONSET - BEFORE_S, "until": ONSET + SEEN_S}


def _providers(case: Case) -> Iterator[Evidence]:
    for name, state, minutes, detail in case.told.get("providers", ()):
        since = None if minutes is None else ONSET + 60 * minutes
        data = {"provider": name, "state": state, "since": since, "detail": detail}
        yield _evidence(f"status-{name}", EvidenceKind.STATUS_PAGE, f"{name}: {state}", data)


def _changes(case: Case) -> Iterator[Evidence]:
    """Yield the changes of the case, then decoys on its services at times of the day before, some of them later."""
    random = np.random.default_rng(zlib.crc32(case.name.encode()))
    needs = case.told.get("needs", {})
    services = sorted({case.service, *needs, *(one for all_ in needs.values() for one in all_)})
    drawn = random.permutation(len(case.decoys))[: case.told.get("decoys", 0)]
    told = [tuple(one) for one in case.told.get("changes", ())]
    for nth in drawn:
        kind, title, diff = case.decoys[nth]
        minutes = float(random.exponential(120)) - 4
        told.append((minutes, services[random.integers(len(services))], kind, title, diff))
    for place, (minutes, service, kind, title, diff) in enumerate(told):
        data = {"service": service, "at": ONSET - 60 * minutes, "kind": kind, "diff": diff, "version": "", "ref": ""}
        data |= {"author": "sam", "previous": None, "repo": service}
        yield _evidence(f"change-{place}", EvidenceKind.CHANGE, title, data)


def _evidence(key: str, kind: EvidenceKind, title: str, data: Mapping[str, Any]) -> Evidence:
    until = datetime.fromtimestamp(ONSET + SEEN_S, UTC)
    return Evidence(
        id=key, incident_id="i", source="kinds", kind=kind, title=title, summary=title, taken_at=until, data=dict(data)
    )


def investigated(case: Case, one: Given) -> Brief:
    """Return the product's brief, without a model."""
    return in_full(case, one)[1].brief


def in_full(case: Case, one: Given) -> tuple[Incident, Investigation]:
    """Return a case as the product sees it, and all that it finds without a model."""
    alerted, until = (datetime.fromtimestamp(ONSET + seconds, UTC) for seconds in (ALERT_S, SEEN_S))
    return found_of(
        str(case.told["alert"]),
        case.service,
        one.bundle,
        alerted=alerted,
        opened=alerted,
        until=until,
        depends_on=case.told.get("needs", {}),
    )


@dataclass(frozen=True)
class Answer:
    """A cause as it is scored; `text` is None for a floor, which is excused of the words."""

    kind: str
    about: str
    change: str | None = None
    text: str | None = None


def answers(brief: Brief) -> list[Answer]:
    """Return the causes that are not ruled out, best first."""
    standing = [one for one in brief.hypotheses if one.verdict != "ruled out"]
    return [Answer(one.kind, one.object or "", one.change_id, _text(one)) for one in standing]


def _text(one: Hypothesis) -> str:
    return f"{one.cause}. {one.mechanism} {' '.join(statement.text for statement in one.supporting)}"


def is_right(case: Case, changes: Sequence[str], answer: Answer) -> bool:
    """Return whether an answer names the cause: the change, or one of the kinds with the object and its words."""
    right = case.told["answer"]
    if answer.change is not None:
        wanted = right.get("change", right.get("or_change"))
        return wanted is not None and answer.change == changes[wanted]
    kinds, about = right.get("kind", right.get("or_kind", ())), right.get("about", right.get("or_about", ""))
    if answer.kind not in kinds or not re.search(f"^(?:{about or '.*'})$", answer.about):
        return False
    return answer.text is None or bool(re.search(str(right.get("says", "")), answer.text, re.IGNORECASE))


def most_recent_change(_: Case, one: Given) -> Answer:
    """Return the change that went out last before the alert."""
    changes = [item for item in one.bundle.evidence if item.kind is EvidenceKind.CHANGE]
    before = [item for item in changes if item.data["at"] <= ONSET + ALERT_S]
    latest = max(before, key=lambda item: float(item.data["at"]), default=None)
    return Answer("change", "", latest.id if latest else None)


def constant(case: Case, _: Given) -> Answer:
    """Return that the alerting service is at a limit."""
    return Answer("saturation", case.service)


def most_anomalous_metric(case: Case, one: Given) -> Answer:
    """Return the service of the oddest metric, with the kind of cause that the metric's class suggests."""
    metrics = {item.title: item for item in one.bundle.evidence if item.kind is EvidenceKind.METRIC}
    ranked = rank_series({title: series_of(item) for title, item in metrics.items()}, onset=ONSET)
    if not ranked:
        return Answer("not enough data", case.service)
    kinds = {"saturation": "saturation", "traffic": "traffic", "errors": "dependency", "latency": "dependency"}
    return Answer(kinds.get(classify_metric(ranked[0].name), "infrastructure"), ranked[0].service)


FLOORS: dict[str, Callable[[Case, Given], Answer]] = {
    "most recent change": most_recent_change,
    "constant: the service is at a limit": constant,
    "most anomalous metric": most_anomalous_metric,
}


@dataclass(frozen=True)
class Outcome:
    """How one case ended: was the first cause right, one of the first three, and how sure was the first."""

    case: Case
    first: bool
    among: bool
    confidence: float
    verdict: str
    floors: Mapping[str, bool]


def outcome(case: Case) -> Outcome:
    """Return how the copilot and the floors answer a case."""
    one = given(case)
    brief = investigated(case, one)
    right = [is_right(case, one.changes, answer) for answer in answers(brief)[:TOP]]
    top = brief.hypotheses[0]
    floors = {name: is_right(case, one.changes, floor(case, one)) for name, floor in FLOORS.items()}
    return Outcome(case, right[0], any(right), top.confidence, str(top.verdict), floors)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables; with --wrong the first causes of the cases that are worked with and come out wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="tell what is wrong, of the cases that are not held out")
    wrong = parser.parse_args(argv).wrong
    outcomes = [outcome(case) for case in read()]
    print(f"{'first place':<38} {'worked with':>12} {'held out':>12}")
    for name in FLOORS:
        _print_halves(name, outcomes, lambda one, name=name: one.floors[name])
    _print_halves("incident-copilot", outcomes, lambda one: one.first)
    _print_halves("  among the first three", outcomes, lambda one: one.among)
    _print_halves("  likely, and wrong", outcomes, lambda one: one.verdict == "likely" and not one.first)
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_kind[one.case.kind].append(one)
    for kind, all_ in by_kind.items():
        _print_halves(f"  of these, {kind}", all_, lambda one: one.first)
    if wrong:
        _tell_wrong([one.case for one in outcomes if not one.first and not one.case.is_held_out])
    return 0


def _print_halves(name: str, outcomes: Sequence[Outcome], counts: Callable[[Outcome], bool]) -> None:
    halves = Counter((one.case.is_held_out, counts(one)) for one in outcomes)
    told = [f"{halves[half, True]:>3} of {halves[half, True] + halves[half, False]:>2}" for half in (False, True)]
    print(f"{name:<38} {told[0]:>12} {told[1]:>12}")


def _tell_wrong(cases: Sequence[Case]) -> None:
    for case in cases:
        one = given(case)
        print(f"\n{case.kind}: {case.name}; right is {case.told['answer']}")
        for hypothesis in investigated(case, one).hypotheses[:TOP]:
            print(
                f"  {hypothesis.confidence:.2f} {hypothesis.kind}, {hypothesis.object or hypothesis.change_id}:", end=""
            )
            print(f" {hypothesis.cause} [{hypothesis.signature}]")
            for sign, statements in (("+", hypothesis.supporting), ("-", hypothesis.contradicting)):
                print(*(f"      {sign} {statement.text}" for statement in statements[:4]), sep="\n")


if __name__ == "__main__":
    raise SystemExit(main())
