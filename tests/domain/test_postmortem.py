"""Sections of a postmortem are found by key, and know all their lines."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.postmortem import Line, Part, Postmortem, Section

OWN, INNER = Line(text="own"), Line(text="inner")
SECTION = Section(key="decisions", heading="Decisions", lines=(OWN,), parts=(Part(heading="One", lines=(INNER,)),))
POSTMORTEM = Postmortem(
    incident_id="1",
    label="INC-1",
    title="t",
    written_at=datetime(2026, 11, 21, tzinfo=UTC),
    sections=(SECTION,),
)


def test_section_is_found_by_key():
    assert POSTMORTEM.section("decisions") == SECTION
    with pytest.raises(KeyError):
        POSTMORTEM.section("unknown")


def test_lines_of_parts_follow_those_of_the_section():
    assert SECTION.all_lines == (OWN, INNER)
