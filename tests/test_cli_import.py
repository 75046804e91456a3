"""`import`, as typed."""

import sys

import pytest

from environment import own_environment
from incident_copilot import cli

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("reports", 0, "1 postmortems of team: 1 new, 0 changed, 0 as before\n"),
        ("nowhere", 1, "nowhere: no such folder; name the folder that holds the postmortems\n"),
    ],
)
def test_postmortems_are_brought_in(place, code, said, monkeypatch, capsys, sqlite_url, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "one.md").write_text("# Orders late\n\nThe disk was full.\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COPILOT_DATABASE_URL", sqlite_url)
    monkeypatch.setattr(sys, "argv", ["incident-copilot", "import", "postmortems", place, "--source", "team"])
    ended = 0
    try:
        cli.main()
    except SystemExit as exit_:
        ended = exit_.code or 0

    assert (ended, "".join(capsys.readouterr())) == (code, said)


def test_runbooks_are_brought_in(monkeypatch, capsys, tmp_path):
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / "disk.md").write_text("# Disk\n\nFull.")
    monkeypatch.setenv("COPILOT_RUNBOOKS_DIR", str(tmp_path / "runbooks"))
    monkeypatch.setattr(sys, "argv", ["incident-copilot", "import", "runbooks", str(tmp_path / "wiki")])
    with pytest.raises(SystemExit):
        cli.main()

    folder = tmp_path / "runbooks" / "imported" / "wiki"
    assert capsys.readouterr().out == f"1 runbooks of wiki in {folder}: 1 new, 0 changed, 0 as before, 0 gone\n"
