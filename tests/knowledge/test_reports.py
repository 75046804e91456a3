"""Reports written by others: whatever the template, title, date, cause and end are found, and mistakes are named."""

from datetime import date

import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.reports import parse_report, read_reports

HEADED = """\
# Orders were late

Customers waited on 2026-03-04.

## Root cause

The queue's disk was full.
Nobody was told.

## Resolution

- Grew the disk.
"""
BULLETS = """\
- **Identified**: Uptime check failed
- **Impact**:
  - All sites were down
- **Resolution**: Restarted the proxy
"""


def test_headings_tell_title_cause_and_end():
    found = parse_report("2026/orders.md", HEADED, "platform")

    assert found.model_dump() == {
        "id": "platform/2026/orders",
        "title": "Orders were late",
        "source": "platform",
        "text": HEADED,
        "service": "",
        "happened_on": date(2026, 3, 4),
        "cause": "The queue's disk was full. Nobody was told.",
        "ended": "Grew the disk.",
        "path": "2026/orders.md",
        "for_models": True,
    }


def test_bold_leads_are_headings_too():
    found = parse_report("2025-06-07_proxy-down.html.md.erb", BULLETS, "w")

    assert (found.id, found.title, found.ended) == ("w/2025-06-07_proxy-down", "Identified", "Restarted the proxy")
    assert found.happened_on == date(2025, 6, 7)


def test_front_matter_wins_over_what_the_text_says():
    front = '---\ntitle: "Sign-in broken"\ndate: 2024-01-02\nservice: auth\ntags: [x]\n---\n# Other\n\nOn 2023-01-01.\n'

    found = parse_report("x.md", front, "w")

    assert (found.title, found.happened_on, found.service) == ("Sign-in broken", date(2024, 1, 2), "auth")


@pytest.mark.parametrize(
    ("name", "title", "day"),
    [
        ("2023-01-23-ingress-down.md", "Ingress down", date(2023, 1, 23)),
        ("20230123.md", "20230123", date(2023, 1, 23)),
        ("2023-13-45-odd.md", "2023 13 45 odd", None),
        ("2023-02-31.md", "2023-02-31", None),
    ],
)
def test_name_of_the_file_tells_what_the_text_does_not(name, title, day):
    found = parse_report(name, "It was down.", "w")

    assert (found.title, found.happened_on) == (title, day)


def test_secrets_are_made_unreadable_and_long_excerpts_are_cut():
    text = "# Leak\n\n## Cause\n\npassword=hunter2hunter2 " + "word " * 200

    found = parse_report("x.md", text, "w")

    assert "hunter2" not in found.text + found.cause
    assert (len(found.cause), found.cause[-1]) == (400, "…")


def test_folder_is_read_without_templates_and_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "one.md").write_text(HEADED)
    (tmp_path / "template.md").write_text("# T\n\ntext")
    (tmp_path / "README.md").write_text("# R\n\ntext")
    (tmp_path / "empty.md").write_text("# Only a heading\n")
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")

    reports = read_reports(tmp_path, "w")

    assert [one.id for one in reports.incidents] == ["w/one"]
    assert reports.problems == (
        "empty.md: no text; a report needs at least one sentence",
        "latin.md: byte 3 is not UTF-8; save the file as UTF-8",
    )


def test_folder_that_is_none_or_holds_nothing_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no such folder; name the folder that holds the postmortems"):
        read_reports(tmp_path / "none", "w")
    with pytest.raises(ConfigError, match="no Markdown files"):
        read_reports(tmp_path, "w")
