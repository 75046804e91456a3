"""Loading a folder of runbooks: good files, mistakes named with their fix, and nothing from outside the folder."""

from datetime import date

import pytest

from incident_copilot.domain.incident import Severity
from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.files import MAX_FILE_BYTES
from incident_copilot.knowledge.runbook import Library, StepKind
from incident_copilot.knowledge.runbooks import load_runbooks, parse_runbook

GOOD = """\
---
title: Disk full
alerts: [DiskFull]
services: [checkout]
types: [disk]
severity_hint: P2
owner: sre
last_reviewed: 2026-11-21
---

## Meaning

No space.

## Diagnosis

1. **Look.** It helps.

## Mitigation

1. **Delete logs.**

   Risk: low
"""


def load(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text)
    return load_runbooks(folder)


def test_runbook_is_read_with_front_matter_sections_and_steps(tmp_path):
    (runbook,) = load(tmp_path, Disk_Full=GOOD).runbooks

    assert runbook.id == "disk-full"
    assert runbook.title == "Disk full"
    assert runbook.path == str(tmp_path / "Disk_Full.md")
    assert (runbook.alerts, runbook.services, runbook.types) == (("DiskFull",), ("checkout",), ("disk",))
    assert (runbook.severity_hint, runbook.owner, runbook.last_reviewed) == (Severity.P2, "sre", date(2026, 11, 21))
    assert [section.id for section in runbook.sections] == ["meaning", "diagnosis", "mitigation"]
    assert len(runbook.content_hash) == 64


def test_runbook_answers_where_to_begin_and_which_steps_it_has(tmp_path):
    runbook = load(tmp_path, disk=GOOD).runbooks[0]

    assert runbook.first_section_with_steps.id == "diagnosis"
    assert runbook.section("meaning") == runbook.sections[0]
    assert runbook.section("nowhere") is None
    assert [(section.id, step.text) for section, step in runbook.steps(StepKind.MITIGATION)] == [
        ("mitigation", "Delete logs.")
    ]


def test_library_finds_a_runbook_by_id(tmp_path):
    library = load(tmp_path, disk=GOOD)

    assert library.get("disk") == library.runbooks[0]
    assert library.get("other") is None
    assert Library().get("disk") is None


def test_runbook_without_front_matter_takes_its_first_heading_as_title(tmp_path):
    runbook = load(tmp_path, plain="# Restart the queue\r\n\r\nJust do it.\r\n").runbooks[0]

    assert (runbook.title, runbook.alerts, runbook.first_section_with_steps.id) == (
        "Restart the queue",
        (),
        "restart-the-queue",
    )


def test_empty_front_matter_is_like_none(tmp_path):
    assert load(tmp_path, plain="---\n---\n# Restart\n\nDo it.\n").runbooks[0].title == "Restart"


def test_folders_are_part_of_the_id_and_readme_and_hidden_files_are_left_out(tmp_path):
    for name in ("team/Disk Full.md", "README.md", "team/readme.md", ".git/notes.md", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(GOOD)

    library = load_runbooks(tmp_path)

    assert [runbook.id for runbook in library.runbooks] == ["team/disk-full"]
    assert library.problems == ()


def test_bad_file_is_named_and_the_others_still_load(tmp_path):
    library = load(tmp_path, bad="---\nalerts: [\n---\ntext", good=GOOD)

    assert [runbook.id for runbook in library.runbooks] == ["good"]
    assert len(library.problems) == 1
    assert library.problems[0].startswith("bad.md: line 3: not valid YAML")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("just text", 'x.md: no title; add a line like title: "High HTTP error rate" to the front matter'),
        ("# Title\n\n## One\n", "x.md: no text; write at least one section, such as ## Diagnosis"),
        ("---\ntitle: x\n", "x.md: line 1: the front matter has no end; close it with a line of three dashes"),
        ("---\n- a\n---\n# T\ntext", "x.md: line 2: the front matter is no mapping; write lines like title: ..."),
        (
            "---\ntitle: x\nalerts: HighErrorRate\n---\n## A\ntext",
            "x.md: alerts is not valid; write a list, such as alerts: [HighErrorRate]",
        ),
        (
            "---\ntitle: x\nseverity_hint: sev1\n---\n## A\ntext",
            "x.md: severity_hint is not valid; write P0, P1, P2 or P3, or leave it out",
        ),
        (
            "---\ntitle: &a x\nowner: *a\n---\n## A\ntext",
            "x.md: YAML aliases (*name) are not taken here; write the value out",
        ),
        (
            "---\nlast_reviewed: 2026-13-45\n---\n## A\ntext",
            "x.md: the front matter holds an impossible date or is nested too deep",
        ),
        (
            f"---\ntitle: {'[' * 30}{']' * 30}\n---\n## A\ntext",
            "x.md: the front matter holds an impossible date or is nested too deep",
        ),
        (
            "---\ntitle: \x07\n---\n## A\ntext",
            "x.md: line 1: not valid YAML (characters that YAML does not allow); quote values that hold : or #",
        ),
        ("---\ntitle: " + "x" * 17_000 + "\n---\ntext", "x.md: the front matter is over 16 KB; shorten it"),
        (
            "---\ntitle: x\n---\n## Mitigation\n\n1. **Go.**\n\n   Risk: huge\n",
            'x.md: line 8: risk "huge" is not known; write low, medium or high',
        ),
    ],
)
def test_mistake_is_named_with_file_place_and_fix(text, problem):
    with pytest.raises(ConfigError) as caught:
        parse_runbook("x.md", text.encode())

    assert str(caught.value) == problem


def test_file_that_is_no_utf8_is_named():
    with pytest.raises(ConfigError) as caught:
        parse_runbook("x.md", b"# T\xff\n")

    assert str(caught.value) == "x.md: byte 3 is not UTF-8; save the file as UTF-8"


def test_misspelt_field_is_ignored_with_a_hint(tmp_path):
    library = load(tmp_path, x="---\ntitle: x\nalert: [A]\nweight: 20\n---\n## A\n\ntext\n")

    assert [runbook.id for runbook in library.runbooks] == ["x"]
    known = "title, alerts, services, types, severity_hint, owner, last_reviewed"
    assert library.problems == (
        "x.md: alert is not a known field and was ignored; did you mean alerts?",
        f"x.md: weight is not a known field and was ignored; known are {known}",
    )


def test_two_files_with_one_id_are_told_apart(tmp_path):
    library = load(tmp_path, **{"disk-full": GOOD, "disk_full": GOOD})

    assert [runbook.id for runbook in library.runbooks] == ["disk-full"]
    assert library.problems == ("disk_full.md: same id as disk-full.md (disk-full); rename one",)


def test_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "secret.md").write_text(GOOD)
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (folder / "inner.md").symlink_to(tmp_path / "secret.md")

    library = load_runbooks(folder)

    assert library.runbooks == ()
    assert library.problems == ("inner.md: a link that leads out of the folder; put the file itself there",)


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")

    assert load_runbooks(tmp_path).problems == (
        "gone.md: cannot be read (No such file or directory); check the file and its permissions",
    )


def test_file_over_the_limit_is_refused(tmp_path):
    library = load(tmp_path, big="# Big\n\n" + "x" * MAX_FILE_BYTES)

    assert library.problems == ("big.md: over 256 KB; split it, one problem a file",)


def test_only_so_many_files_are_read(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.md").write_text(GOOD)

    library = load_runbooks(tmp_path, max_files=2)

    assert [runbook.id for runbook in library.runbooks] == ["a", "b"]
    assert library.problems == (f"{tmp_path}: 3 files; only the first 2 were read",)


def test_missing_folder_is_an_error(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_runbooks(tmp_path / "none")

    assert str(caught.value) == (
        f"{tmp_path / 'none'}: no such folder; set COPILOT_RUNBOOKS_DIR to the folder with your runbooks"
    )


def test_file_that_says_the_same_is_not_understood_again(tmp_path):
    files = {}
    (tmp_path / "one.md").write_text(GOOD)
    (before,) = load_runbooks(tmp_path, files=files).runbooks

    (again,) = load_runbooks(tmp_path, files=files).runbooks
    (tmp_path / "one.md").write_text(GOOD + "\nMore.\n")
    (edited,) = load_runbooks(tmp_path, files=files).runbooks

    assert again is before
    assert edited.content_hash != before.content_hash


def test_hidden_folders_are_left_out(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text(GOOD)

    assert load_runbooks(tmp_path).runbooks == ()
