"""Log lines: how many, when, and what they say."""

import re

import pytest
from pydantic import ValidationError

from incident_copilot.sandbox.world.logs import LogPhase, LogSource


def source(template: str = "failed id=<uuid>", **fields: object) -> LogSource:
    return LogSource.model_validate(
        {"service": "payments", "level": "error", "template": template, "per_minute": 0} | fields
    )


def written(log: LogSource, start_s: float, end_s: float, healed_at_s: float | None = None) -> int:
    return len(list(log.lines(start_s, end_s, healed_at_s)))


def test_rate_changes_with_the_phase() -> None:
    log = source(phases=[LogPhase(from_s=-180, per_minute=1240)])

    assert [written(log, start_s, start_s + 60) for start_s in (-240, -180, -120)] == [0, 1240, 1240]


def test_healing_changes_the_rate_and_forgets_later_phases() -> None:
    log = source(
        phases=[LogPhase(from_s=-180, per_minute=600), LogPhase(from_s=100, per_minute=900)], healed_per_minute=0
    )

    assert written(log, 60, 240, healed_at_s=60) == 0
    assert written(log, 0, 60, healed_at_s=60) == 600


def test_source_that_does_not_react_ignores_the_healing() -> None:
    assert written(source(per_minute=60), 0, 60, healed_at_s=0) == 60


def test_same_stretch_gives_the_same_lines_in_order() -> None:
    log = source(per_minute=30)
    lines = list(log.lines(-600, 0))

    assert [(line.at_s, line.text()) for line in lines] == [(line.at_s, line.text()) for line in log.lines(-600, 0)]
    assert [line.at_s for line in lines] == sorted(line.at_s for line in lines)
    assert list(log.lines(-600, -300)) + list(log.lines(-300, 0)) == lines


def test_ids_vary_from_line_to_line() -> None:
    texts = [line.text() for line in source(per_minute=600).lines(0, 60)]

    assert len(set(texts)) == 600
    form = r"failed id=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(form, text) for text in texts)


def test_every_field_is_filled_in_within_its_bounds() -> None:
    log = source("a=<hex:6> b=<hex> c=<int:5-9> d=<pick:x|y> e=<ip>", per_minute=60)
    form = r"a=[0-9a-f]{6} b=[0-9a-f]{8} c=[5-9] d=[xy] e=10\.2[0-3]\.\d+\.\d+"

    assert all(re.fullmatch(form, line.text()) for line in log.lines(0, 60))
    assert {line.text()[-len("x")] for line in source("<pick:x|y>", per_minute=60).lines(0, 60)} == {"x", "y"}


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("<itn:1-5>", "unknown field <itn>; use one of <uuid>"),
        ("<int:many>", "cannot read <int:many>; write it like <int:1-900>"),
        ("<int:9-5>", "cannot read <int:9-5>; write it like <int:1-900>"),
        ("<pick>", "cannot read <pick:>; write it like"),
    ],
)
def test_bad_field_is_refused_with_the_fix(template: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(problem)):
        source(template)


def test_phases_out_of_order_are_refused_with_the_fix() -> None:
    with pytest.raises(ValidationError, match="phases of the payments log are not in order of from_s; sort them"):
        source(phases=[LogPhase(from_s=0, per_minute=1), LogPhase(from_s=-5, per_minute=2)])
