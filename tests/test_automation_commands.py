"""`automation`, as typed."""

import pytest

from environment import own_environment
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def test_level_of_a_service_is_printed_with_its_record(typed, tmp_path, monkeypatch):
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text("services: [{name: checkout, automation: suggest}, {name: search}]\n")
    monkeypatch.setenv("COPILOT_CATALOG_FILE", str(catalog))

    code, said, _ = typed("automation", "checkout")

    assert (code, said.splitlines()) == (
        0,
        [
            "checkout: suggest, catalog.yaml",
            "  Actions in 90 days: none was made",
            "  All proposals in 90 days: none was made",
            "  To raise it to supervised: 0 decisions in 90 days, and it takes 10",
        ],
    )
