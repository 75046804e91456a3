"""Closer looks: one piece of evidence, all causes for and against, the score sheet."""

from datetime import UTC, datetime
from typing import Any

from incident_copilot.domain.content import BriefView
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, PhaseFound, Statement
from incident_copilot.domain.incident import Incident, ScoreSheet
from incident_copilot.pipeline.measure import number
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words
from incident_copilot.slack.views.brief import all_numbered
from incident_copilot.slack.views.modals.parts import View, bulleted, modal

MOST_SAMPLES, MOST_STATEMENTS = 12, 5
MOST_BUTTONS = 25
"""As many as Slack takes in a row: the statements of a cause that are shown can cite no more than these."""
Row = list[b.Element]


def evidence(found: Evidence, chart_file: str | None = None) -> View:
    """Return what was found, where and when: facts, chart, samples, the query and a link."""
    rows: list[Row] = [
        [b.words(found.title, "bold", limit=300)],
        [b.words(found.summary, limit=800)],
        *_facts(found),
        [b.space("From "), b.words(found.source, limit=80), b.space(", looked up "), b.date(found.taken_at)],
    ]
    if found.link:
        rows.append([b.link(found.link, "Open at the source")])
    return modal(
        "evidence",
        "Evidence",
        [
            b.lines(rows),
            _chart(found, chart_file) if chart_file else None,
            *_samples(found),
            *([b.lines([[b.label("Query")]]), b.code(found.query, 1_000)] if found.query else []),
        ],
    )


def alternatives(shown: BriefView) -> View:
    """Return every cause that was looked at, with what speaks for and against it and what would confirm it."""
    numbers = all_numbered(shown)
    causes = [block for cause in shown.brief.hypotheses for block in _cause(cause, numbers)]
    known = bulleted("What is known", [_statement(line, numbers) for line in shown.brief.lines])
    nothing = b.lines([[b.space("No cause stands out yet.")]]) if not causes else None
    phases = [block for phase in shown.brief.phases for block in _phase(phase, numbers)]
    return modal("alternatives", "Causes looked at", [*causes, nothing, *phases, *known])


def score(incident: Incident, sheet: ScoreSheet) -> View:
    """Return the score sheet: each factor with its reason, unknown shown as unknown."""
    total = "unknown" if sheet.score is None else f"{sheet.score:.2f}"
    factors = [
        [b.label(f"{factor.name}: "), *_impact(factor.impact, factor.weight), b.words(factor.reason, limit=300)]
        for factor in sheet.factors
    ]
    kind = sheet.incident_type.replace("_", " ")
    rows: list[Row] = [
        [b.label(f"Proposed: {words.severity(sheet.severity)}"), b.space(f" · score {total} of 1")],
        [b.space("Weights for the type "), b.words(kind, limit=80), b.space("; what is unknown is left out of them.")],
    ]
    if incident.severity is not sheet.severity:
        rows.append([b.space(f"It is {incident.severity_in_words} now: somebody set it.")])
    return modal(
        "score",
        f"Why {incident.severity}?",
        [
            b.lines(rows),
            *bulleted("Factors", factors),
            *bulleted("Rules that raised it", [[b.words(floor, limit=200)] for floor in sheet.floors]),
            b.footer("P0 from 0.8, P1 from 0.6, P2 from 0.4, else P3."),
        ],
    )


def said(title: str, text: str) -> View:
    """Return what came of a form, for forms after which there is nothing else to look at."""
    return modal("said", title, [b.lines([[b.words(text, limit=500)]])])


def _facts(found: Evidence) -> list[Row]:
    data = found.data
    match found.kind:
        case EvidenceKind.METRIC:
            return _metric(data)
        case EvidenceKind.CHANGE:
            return [
                *_known(data, "service", "Service"),
                [b.label("Version: "), b.words(_versions(data), limit=200)],
                *_time(data, "at", "Deployed"),
                *_known(data, "author", "By"),
            ]
        case EvidenceKind.ERROR:
            return [
                *_known(data, "service", "Service"),
                *_known(data, "count", "Times"),
                *_time(data, "first_seen", "First seen"),
                *_time(data, "last_seen", "Last seen"),
            ]
        case EvidenceKind.PERSON:
            return [*_known(data, "schedule", "Schedule"), *_time(data, "until", "Until")]
        case EvidenceKind.STATUS_PAGE:
            return [
                *_known(data, "provider", "Provider"),
                *_known(data, "state", "State"),
                *_time(data, "since", "Since"),
            ]
        case _:
            return []


def _metric(data: dict[str, Any]) -> list[Row]:
    values = [value for _, value in data.get("points") or [] if isinstance(value, int | float)]
    if not values:
        return []
    unit = str(data.get("unit") or "")
    now, lowest, highest = (number(value, unit) for value in (values[-1], min(values), max(values)))
    said = f"now {now}, lowest {lowest}, highest {highest}"
    return [[b.label("Values: "), b.words(said, limit=200)]]


def _versions(data: dict[str, Any]) -> str:
    version = str(data.get("version") or "unknown")
    return f"{data['previous']} to {version}" if data.get("previous") else version


def _known(data: dict[str, Any], key: str, name: str) -> list[Row]:
    return [[b.label(f"{name}: "), b.words(str(data[key]), limit=200)]] if data.get(key) else []


def _time(data: dict[str, Any], key: str, name: str) -> list[Row]:
    at = data.get(key)
    if not isinstance(at, int | float) or not 0 < at < 32_503_680_000:  # until the year 3000
        return []
    return [[b.label(f"{name}: "), b.date(datetime.fromtimestamp(at, UTC))]]


def _chart(found: Evidence, chart_file: str) -> b.Block:
    return {
        "type": "image",
        "slack_file": {"id": chart_file},
        "alt_text": b.plain(f"Chart of {found.title}: {found.summary}", 1_000)["text"],
    }


def _samples(found: Evidence) -> list[b.Block]:
    match found.kind:
        case EvidenceKind.LOG:
            lines = [str(line) for _, line in found.data.get("lines") or []]
            heading = f"{MOST_SAMPLES} of {len(lines)} sample lines" if len(lines) > MOST_SAMPLES else "Sample lines"
            text = "\n".join(lines[:MOST_SAMPLES])
        case EvidenceKind.TRACE:
            heading, text = "Requests", "\n".join(_span(row) for row in found.data.get("spans") or [])
        case EvidenceKind.NOTE | EvidenceKind.SAMPLE:
            heading, text = "What it says", str(found.data.get("text") or "")
        case EvidenceKind.PROFILE:
            heading, text = "Functions", "\n".join(_share(row) for row in found.data.get("functions") or [])
        case EvidenceKind.CHANGE:
            heading, text = "Difference", str(found.data.get("diff") or "")
        case EvidenceKind.RUNBOOK:
            heading, text = "Steps", "\n".join(_step(step) for step in found.data.get("steps") or [])
        case _:
            return []
    titled = b.lines([[b.label(heading)]])
    return [titled, b.code(text, 2_400)] if text and titled else []


def _span(row: dict[str, Any]) -> str:
    what = f"{row['failing']} failed, {row['slow']} slow, {row['before']} before"
    return f"{row['service']} {row['operation']}: {what}; slowest {row['slowest_ms']:,.0f} ms"


def _share(row: dict[str, Any]) -> str:
    return f"{row['function']}: {row['during']:.1%}, {row['before']:.1%} before"


def _step(step: Any) -> str:
    return str(step.get("text") or step.get("title") or step) if isinstance(step, dict) else str(step)


def _cause(cause: Hypothesis, numbers: dict[str, int]) -> list[b.Block]:
    rows = [[b.words(cause.cause, "bold", limit=300), b.space(f" ({words.confidence(cause)})")]]
    if cause.mechanism:
        rows.append([b.label("How: "), b.words(cause.mechanism, limit=300)])
    for name, statements in (("For", cause.supporting), ("Against", cause.contradicting)):
        rows += [[b.label(f"{name}: "), *_statement(statement, numbers)] for statement in statements[:MOST_STATEMENTS]]
        rows += b.more(len(statements) - MOST_STATEMENTS, f"{name.lower()} it")
    record = f"rule {cause.rule} {cause.record}" if cause.record else ""
    settling = (("To check", cause.next_check), ("Confirms it", cause.confirm), ("Refutes it", cause.refute))
    for name, text in (*settling, ("Before", record)):
        if text:
            rows.append([b.label(f"{name}: "), b.words(text, limit=300)])
    refs = [ref for statement in (*cause.supporting, *cause.contradicting) for ref in statement.evidence_ids]
    cited = [ref for ref in dict.fromkeys(refs) if ref in numbers]
    row = b.actions([b.button(f"Evidence {numbers[ref]}", "evidence", ref) for ref in cited[:MOST_BUTTONS]])
    listed = b.lines(rows)
    return [block for block in (listed, row) if block]


def _phase(phase: PhaseFound, numbers: dict[str, int]) -> list[b.Block]:
    rows = [_statement(one, numbers) for one in phase.found[:MOST_STATEMENTS]]
    rows += [[b.label("Could not look: "), b.words(one, limit=300)] for one in phase.missing[:MOST_STATEMENTS]]
    return bulleted(f"{phase.phase.capitalize()}", rows or [[b.space("All is as usual.")]])


def _statement(statement: Statement, numbers: dict[str, int]) -> Row:
    marks = "".join(f"[{numbers[ref]}]" for ref in statement.evidence_ids if ref in numbers)
    return [b.words(statement.text, limit=300), *([b.space(" "), b.label(marks)] if marks else [])]


def _impact(impact: float | None, weight: float) -> Row:
    """Return what a factor counts; nothing for a reason that counts nothing."""
    if not weight:
        return []
    return [b.space(f"{'unknown' if impact is None else f'{impact:.2f}'} (weight {weight:.2f}): ")]
