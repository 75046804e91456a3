"""Repositories are read with the machine's own git client, and what it refuses is said."""

import shutil
import subprocess

import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.knowledge import checkout

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git client")


@pytest.mark.parametrize(
    ("place", "is_address"),
    [
        ("https://git.example/team/reports.git", True),
        ("git@git.example:team/reports.git", True),
        ("file:///srv/reports", True),
        ("../reports", False),
        ("/srv/reports", False),
        ("ext::sh -c id", False),
    ],
)
def test_address_is_told_from_a_folder(place, is_address):
    assert checkout.is_address(place) is is_address


@needs_git
def test_files_of_the_newest_commit_are_there_and_then_gone(tmp_path):
    def git(*words):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "one.md").write_text("# One")
    git("add", ".")
    git("commit", "-qm", "One")

    with checkout.checked_out(f"file://{tmp_path}") as folder:
        assert (folder / "one.md").read_text() == "# One"
    assert not folder.exists()


@needs_git
def test_repository_that_cannot_be_read_is_named_with_what_git_said(tmp_path):
    with (
        pytest.raises(ConfigError, match=f"file://{tmp_path}/none: git could not read it"),
        checkout.checked_out(f"file://{tmp_path}/none"),
    ):
        pass


def test_without_git_a_folder_is_asked_for(monkeypatch):
    monkeypatch.setenv("PATH", "")

    with (
        pytest.raises(ConfigError, match="git is not installed; install it, or name a folder"),
        checkout.checked_out("https://git.example/x.git"),
    ):
        pass


def test_git_that_hangs_is_ended(tmp_path, monkeypatch):
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(checkout, "DEADLINE_S", 0.05)

    with (
        pytest.raises(ConfigError, match=r"git gave no answer in 0.05 s"),
        checkout.checked_out("https://git.example/x.git"),
    ):
        pass
