"""Runbooks from elsewhere become files in the folder, as often as one likes, and nothing leads out of it."""

import zipfile

import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.collect import Put, as_markdown, collect, put
from incident_copilot.knowledge.files import MAX_FILE_BYTES
from incident_copilot.knowledge.runbooks import load_runbooks

PAGE = "<html><head><title>Shop : Queue: stuck</title></head><body><h2>Fix</h2><p>Restart it.</p></body></html>"
RUNBOOK = '---\ntitle: "Queue: stuck"\n---\n\n## Fix\n\nRestart it.\n'


def test_folder_gives_markdown_as_it_is_and_pages_as_markdown(tmp_path):
    (tmp_path / "Team").mkdir()
    (tmp_path / "Team" / "Disk Full.md").write_text("# Disk\n\nFull.")
    (tmp_path / "Queue_12.html").write_text(PAGE)
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "empty.html").write_text("<p></p>")
    (tmp_path / "gone.html").symlink_to(tmp_path / "nowhere")

    collected = collect(tmp_path)

    assert collected.files == {"team/disk-full.md": "# Disk\n\nFull.", "queue-12.md": RUNBOOK}
    assert collected.problems == (
        "empty.html: no text on the page",
        "gone.html: cannot be read (No such file or directory); check the file and its permissions",
    )


def test_export_is_read_without_unpacking_it(tmp_path):
    place = tmp_path / "export.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("../../Queue.html", PAGE)
        archive.writestr("queue.html", PAGE)
        archive.writestr("SPACE/index.html", PAGE)
        archive.writestr("SPACE/big.html", "x" * (MAX_FILE_BYTES + 1))
        archive.writestr("SPACE/logo.png", "x")

    collected = collect(place)

    assert collected.files == {"queue.md": RUNBOOK, "queue-2.md": RUNBOOK}
    assert collected.problems == ("SPACE/big.html: over 256 KB; split it, one problem a page",)


def test_place_without_runbooks_is_refused(tmp_path):
    (tmp_path / "x.txt").write_text("x")

    with pytest.raises(ConfigError, match="no runbooks; name a folder or a"):
        collect(tmp_path)
    with pytest.raises(ConfigError, match="neither a folder nor a"):
        collect(tmp_path / "x.txt")


def test_page_tells_where_it_is_from_and_loads_as_a_runbook(tmp_path):
    put(tmp_path, as_markdown("Queue", PAGE, link="https://wiki.example/q"))

    (runbook,) = load_runbooks(tmp_path).runbooks

    assert (runbook.id, runbook.title) == ("queue", "Queue: stuck")
    assert runbook.sections[0].text == "Restart it.\n\nSource: https://wiki.example/q"


def test_markdown_stays_as_it_is():
    assert as_markdown("???", "# Disk\n\n<b>Full</b>") == {"page.md": "# Disk\n\n<b>Full</b>"}


def test_again_only_what_changed_is_written_and_what_is_gone_is_taken_away(tmp_path):
    folder = tmp_path / "imported" / "wiki"

    first = put(folder, {"a.md": "1", "b/c.md": "1", "d.md": "1"})
    second = put(folder, {"a.md": "1", "b/c.md": "2"}, keep=["d.md"])
    third = put(folder, {"a.md": "1", "e.md": "1"})

    assert [first, second, third] == [Put(3, 0, 0, 0), Put(0, 1, 1, 0), Put(1, 0, 1, 2)]
    assert sorted(path.name for path in folder.rglob("*.md")) == ["a.md", "e.md"]
