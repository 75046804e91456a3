"""`automation`, as typed."""

import pytest

from environment import own_environment
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def test_levels_are_printed_for_each_service_or_one(typed, tmp_path, monkeypatch):
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text("services: [{name: checkout, automation: suggest}, {name: search}]\n")
    monkeypatch.setenv("COPILOT_CATALOG_FILE", str(catalog))

    code, said, _ = typed("automation", "checkout")
    other, _, problem = typed("automation", "nothing")

    assert (code, said.splitlines()) == (
        0,
        [
            "checkout: suggest, catalog.yaml",
            "  Actions: none was made",
            "  All proposals: none was made",
            "  To raise it to supervised: 0 decisions in 90 days, and it takes 10",
        ],
    )
    assert (other, "catalog.yaml has no service nothing." in problem) == (1, True)
