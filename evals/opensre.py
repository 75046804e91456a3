"""Causes of OpenSRE's synthetic database incidents, by their own answer rules: `python -m evals.opensre`.

The product's deterministic investigation reads each case as evidence; what is scored is the text that people would be
shown. Reads ../shared/data/rca_cases/opensre_synthetic, or the folder named by OPENSRE. README.md says what it prints.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from evals.briefs import found_of
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.investigate import Investigation

DATA = Path(os.environ.get("OPENSRE", Path(__file__).parents[2] / "shared/data/rca_cases/opensre_synthetic"))
METRICS, EVENTS, LOAD = "CloudWatch", "RDS events", "Performance Insights"
UNITS = {
    "Percent": "%",
    "Bytes": "B",
    "Seconds": "s",
    "Milliseconds": "ms",
    "Count/Second": "/s",
    "Bytes/Second": "B/s",
}
CATEGORIES = {
    "saturation": "resource_exhaustion",
    "traffic": "resource_exhaustion",
    "infrastructure": "infrastructure",
    "configuration": "configuration_error",
    "defect": "code_defect",
    "dependency": "dependency_failure",
    "external provider": "dependency_failure",
    "nothing is wrong": "healthy",
}
"""What each kind of cause is called there."""


@dataclass(frozen=True)
class Rules:
    """What an answer must and must not have."""

    category: str
    required: tuple[str, ...] = ()
    ruling_out: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    forbidden_categories: tuple[str, ...] = ()

    def wrong(self, category: str, text: str) -> list[str]:
        """Return what is wrong with an answer, in words; an empty list means that it passes."""
        said = _plain(text)
        found = [f"category {category}"] if category != self.category or category in self.forbidden_categories else []
        found += [f"lacks {word!r}" for word in (*self.required, *self.ruling_out) if _plain(word) not in said]
        return found + [f"says {word!r}" for word in self.forbidden if _plain(word) in said]


@dataclass(frozen=True)
class Case:
    """One incident as it is given, without its answer and without the names of its failure mode."""

    name: str
    rules: Rules
    title: str
    words: str
    service: str
    severity: str
    metrics: tuple[dict[str, Any], ...]
    events: tuple[dict[str, Any], ...]
    load: dict[str, Any] = field(default_factory=dict)


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table; with names of cases in `argv`, the text of those too."""
    if not DATA.is_dir():
        print(f"skipped: no shared data ({DATA})")
        return 0
    cases = read(DATA)
    passed = {"incident-copilot": 0, "constant": 0, "the alert's words": 0}
    every_word = " ".join(word for case in cases for word in (*case.rules.required, *case.rules.ruling_out))
    for case in cases:
        category, text = answer(case)
        wrong = case.rules.wrong(category, text)
        passed["incident-copilot"] += not wrong
        passed["constant"] += _passes_apart_from_forbidden(case.rules, every_word)
        passed["the alert's words"] += not case.rules.wrong("resource_exhaustion", case.words)
        print(f"{case.name:<38} {category:<20} {'passes' if not wrong else '; '.join(wrong)}")
        if any(case.name.startswith(name) for name in argv or ()):
            print(text)
    for name, count in passed.items():
        print(f"{name:<20} {count:>2} of {len(cases)}")
    return 0


def _passes_apart_from_forbidden(rules: Rules, every_word: str) -> bool:
    """Whether the category of most cases with the words of all passes; forbidden words are left out as they please."""
    return not Rules(rules.category, rules.required, rules.ruling_out).wrong("resource_exhaustion", every_word)


def read(folder: Path) -> list[Case]:
    """Return all cases."""
    return [_case(path) for path in sorted(folder.glob("*/[0-9]*")) if path.is_dir()]


def _case(path: Path) -> Case:
    told = yaml.safe_load((path / "answer.yml").read_text(encoding="utf-8"))
    alert = _json(path / "alert.json")
    notes = alert["commonAnnotations"]
    return Case(
        name=path.name,
        rules=Rules(
            category=told["root_cause_category"],
            required=tuple(told.get("required_keywords") or ()),
            ruling_out=tuple(told.get("ruling_out_keywords") or ()),
            forbidden=tuple(told.get("forbidden_keywords") or ()),
            forbidden_categories=tuple(told.get("forbidden_categories") or ()),
        ),
        title=alert["title"],
        words=" ".join(str(notes.get(key, "")) for key in ("summary", "error", "suspected_symptom")),
        service=notes["db_instance_identifier"],
        severity=alert["commonLabels"].get("severity", ""),
        metrics=tuple(_metrics(path)),
        events=tuple(_json(path / "aws_rds_events.json").get("events", ())),
        load=_json(path / "aws_performance_insights.json"),
    )


def _metrics(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the series of a case, which are in one file or in one each."""
    for file in sorted(path.glob("aws_cloudwatch_metrics*.json")):
        held = _json(file)
        yield from held.get("metric_data_results", [held] if "values" in held else [])


def answer(case: Case) -> tuple[str, str]:
    """Return the category and the text of the copilot's brief on a case."""
    brief, bundle = investigated(case)
    return category(brief), text_of(brief, bundle)


def investigated(case: Case) -> tuple[Brief, ContextBundle]:
    """Return the copilot's brief on a case, and the evidence that it was given."""
    _, found, bundle = in_full(case)
    return found.brief, bundle


def in_full(case: Case) -> tuple[Incident, Investigation, ContextBundle]:
    """Return a case as the copilot sees it, all that it finds, and the evidence that it was given."""
    bundle = ContextBundle(evidence=tuple(_evidence(case)))
    began, until = _window(case)
    incident, found = found_of(case.title, case.service, bundle, alerted=began, opened=until, until=until)
    return incident, found, bundle


def category(brief: Brief) -> str:
    """Return what the first cause of a brief is called there."""
    return CATEGORIES.get(brief.hypotheses[0].kind, "unknown")


def text_of(brief: Brief, bundle: ContextBundle) -> str:
    """Return what people read of a brief."""
    return "\n".join(_report(brief, bundle))


def _report(brief: Brief, bundle: ContextBundle) -> Iterator[str]:
    """Yield what people read of a brief: the cause with its reasons, then the others and why they are not it."""
    for place, one in enumerate(brief.hypotheses):
        yield f"{'Root cause' if place == 0 else f'Also considered, {one.verdict}'}: {one.cause}. {one.mechanism}"
        if place == 0:
            yield f"Seen by: {_source(one, bundle)}."
        yield from (f"+ {statement.text}" for statement in one.supporting)
        yield from (f"- {statement.text}" for statement in one.contradicting)


def _source(one: Hypothesis, bundle: ContextBundle) -> str:
    first = next((ref for statement in one.supporting for ref in statement.evidence_ids), "")
    return next((item.source for item in bundle.evidence if item.id == first), "the alert")


def _evidence(case: Case) -> Iterator[Evidence]:
    _, until = _window(case)
    made = {"incident_id": "i", "taken_at": until, "summary": ""}
    yield Evidence(id="alert", source="alert", kind=EvidenceKind.ALERT, title=case.title, **made)
    for place, one in enumerate(case.metrics):
        points = [[_at(when).timestamp(), value] for when, value in zip(one["timestamps"], one["values"], strict=True)]
        data = {"points": points, "unit": UNITS.get(one["unit"], ""), "service": one["dimensions"][0]["Value"]}
        yield Evidence(
            id=f"metric-{place}",
            source=METRICS,
            kind=EvidenceKind.METRIC,
            title=one["metric_name"],
            data=data,
            **made,
        )
    if case.events:
        lines = sorted([_at(one["date"]).timestamp(), one["message"]] for one in case.events)
        data = {
            "lines": lines,
            "truncated": False,
            "events": True,
            "service": case.service,
            "since": lines[0][0],
            "until": until.timestamp(),
        }
        yield Evidence(id="events", source=EVENTS, kind=EvidenceKind.LOG, title=EVENTS, data=data, **made)
    yield _load_evidence(case, made)


def _load_evidence(case: Case, made: dict[str, Any]) -> Evidence:
    load = case.load["db_load"]
    points = [[_at(when).timestamp(), value] for when, value in zip(load["timestamps"], load["values"], strict=True)]
    parts = [
        {
            "by": "statement",
            "name": one["statement"],
            "value": one["db_load_avg"],
            "waits": {wait["name"]: wait["db_load_avg"] for wait in one.get("wait_events", ())},
        }
        for one in case.load["top_sql"]
    ]
    for by, key in (("wait", "top_wait_events"), ("user", "top_users")):
        parts += [{"by": by, "name": one["name"], "value": one["db_load_avg"]} for one in case.load.get(key, ())]
    return Evidence(
        id="load",
        source=LOAD,
        kind=EvidenceKind.METRIC,
        title=f"load of {case.service} ({LOAD})",
        data={"points": points, "unit": "sessions", "service": case.service, "parts": parts},
        **made,
    )


def _window(case: Case) -> tuple[datetime, datetime]:
    times = [_at(when) for one in case.metrics for when in one["timestamps"]]
    return min(times), max(times)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower())


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
