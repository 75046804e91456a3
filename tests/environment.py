"""What a copilot under test finds in its environment: its own secrets and nothing of whoever runs the tests."""

import os

import pytest

from incident_copilot.demo import files


@pytest.fixture
def own_environment(monkeypatch, tmp_path):
    """An empty working folder, no settings but the secrets that plugins look for."""
    for name in os.environ:
        if name.startswith("COPILOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COPILOT_ALERTMANAGER_SECRET", files.SECRET)
    monkeypatch.setenv("COPILOT_GITHUB_TOKEN", files.TOKEN)
