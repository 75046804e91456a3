"""A table of what configurations or models make of cases, a row each and what they come to together."""

from collections.abc import Iterable, Mapping, Sequence

from incident_copilot.pipeline.cases.replaying import Replayed
from incident_copilot.pipeline.model_costs import money

HEAD = ("case", "with", "triage", "cause", "as then", "runbook", "taken", "rejected", "cost", "tokens", "time")


def table(by_name: Mapping[str, Sequence[Replayed]]) -> list[str]:
    """Return the table in lines; a mark that the case does not tell is a dash."""
    rows: list[tuple[str, ...]] = [HEAD]
    for cases in zip(*by_name.values(), strict=True):
        rows += [_row(name, one) for name, one in zip(by_name, cases, strict=True)]
    rows += [_together(name, those) for name, those in by_name.items()]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(name: str, one: Replayed) -> tuple[str, ...]:
    severity = f"{one.severity} {_mark(one.severity_is_right)}" if one.severity else "-"
    return (
        one.case,
        name,
        severity,
        f"{_mark(one.cause_is_right)} {one.cause}",
        _mark(one.is_as_then),
        _mark(one.runbook_is_right),
        f"{one.taken} of {one.of_taken}",
        f"{one.rejected} of {one.of_rejected}",
        money(one.spent.usd),
        f"{one.spent.tokens:,}",
        f"{one.seconds:.2f} s",
    )


def _together(name: str, those: Sequence[Replayed]) -> tuple[str, ...]:
    return (
        "together",
        name,
        _right(one.severity_is_right for one in those),
        _right(one.cause_is_right for one in those),
        _right(one.is_as_then for one in those),
        _right(one.runbook_is_right for one in those),
        f"{sum(one.taken for one in those)} of {sum(one.of_taken for one in those)}",
        f"{sum(one.rejected for one in those)} of {sum(one.of_rejected for one in those)}",
        money(sum(one.spent.usd for one in those)),
        f"{sum(one.spent.tokens for one in those):,}",
        f"{sum(one.seconds for one in those):.2f} s",
    )


def _mark(is_right: bool | None) -> str:
    return "-" if is_right is None else "right" if is_right else "wrong"


def _right(marks: Iterable[bool | None]) -> str:
    known = [mark for mark in marks if mark is not None]
    return f"{sum(known)} of {len(known)}"
