"""What a diff touches and which settings it moves."""

import pytest

from incident_copilot.analysis.diffs import Diff, SettingChange, read_diff

from .story import POOL_DIFF


def test_unified_diff_gives_paths_lines_and_moved_settings():
    diff = read_diff(POOL_DIFF)

    assert diff == Diff(
        paths=("config/database.yaml",),
        added=("pool_size: 4",),
        removed=("pool_size: 20",),
        settings=(SettingChange("pool_size", "20", "4"),),
    )
    assert str(diff.settings[0]) == "pool_size 20 -> 4"


def test_summary_with_an_arrow_gives_the_setting():
    assert read_diff("pool_size: 20 -> 4\n").settings == (SettingChange("pool_size", "20", "4"),)
    assert read_diff("Shrink the pool (pool_size 20 -> 4)").settings == (SettingChange("pool_size", "20", "4"),)


def test_setting_that_kept_its_value_or_is_new_did_not_move():
    diff = read_diff("-timeout = 5\n+timeout = 5,\n+retries = 3\n-label = 'a'\n+label = name(order)\n")

    assert diff.settings == ()


def test_new_file_is_named_without_dev_null():
    assert read_diff("--- /dev/null\n+++ b/src/new.py\n+x = 1\n").paths == ("src/new.py",)


@pytest.mark.parametrize(
    ("paths", "harmless"),
    [
        (["docs/a.md", "tests/test_a.py"], True),
        ([".github/workflows/ci.yml", "src/a.test.ts"], True),
        (["docs/a.md", "src/a.py"], False),
        (["prompts/answer.md"], False),
        ([], False),
    ],
)
def test_only_documentation_tests_and_workflows_are_harmless(paths, harmless):
    assert read_diff("".join(f"+++ b/{path}\n+x\n" for path in paths)).harmless is harmless
