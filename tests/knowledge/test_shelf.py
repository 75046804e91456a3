"""The shelf: a folder is read again only where it changed."""

import pytest

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.shelf import RunbookFolder, Shelf, past_index

DISK = "# Disk full\n\n## Meaning\n\nNo space left.\n"


def titles(index):
    return [runbook.title for runbook in index.library.runbooks]


def test_folder_is_read_once_and_again_after_each_change(tmp_path):
    folder = RunbookFolder(tmp_path)
    (tmp_path / "disk.md").write_text(DISK)

    first, unchanged = folder.read(), folder.read()
    (tmp_path / "disk.md").write_text(DISK.replace("Disk full", "Volume is full"))
    edited = folder.read()
    (tmp_path / "queue.md").write_text(DISK.replace("Disk full", "Queue"))
    added = folder.read()
    (tmp_path / "disk.md").unlink()
    removed = folder.read()

    assert unchanged is first
    assert [titles(one) for one in (first, edited, added, removed)] == [
        ["Disk full"],
        ["Volume is full"],
        ["Volume is full", "Queue"],
        ["Queue"],
    ]


def test_link_to_nothing_is_named_each_time_the_folder_is_read(tmp_path):
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")

    (problem,) = RunbookFolder(tmp_path).read().library.problems

    assert problem.startswith("gone.md: cannot be read")


def test_folder_that_is_none_is_refused_each_time(tmp_path):
    folder = RunbookFolder(tmp_path / "none")

    for _ in range(2):
        with pytest.raises(ConfigError, match="no such folder"):
            folder.read()


def test_past_incidents_that_are_known_are_not_read_again():
    one, other = (PastIncident(id=name, title=name, source="a", text="No space") for name in ("one", "other"))
    shelf = Shelf()

    shelf.past = past_index([one], shelf, None)
    both = past_index([one, other], shelf, None)

    assert both.index.documents[0] is shelf.past.index.documents[0]
    assert (both.fits == past_index([one, other], Shelf(), None).fits).all()
