"""Every case of the list has its test, and docs/security.md says which."""

import re
from pathlib import Path

CASES = {"a": 20, "b": 13, "c": 15, "d": 13, "e": 8, "p": 20, "g": 8}
HERE = Path(__file__).parent
SECURITY = HERE.parents[1] / "docs" / "security.md"
ALL = [f"{letter}{number:02}" for letter, most in CASES.items() for number in range(1, most + 1)]


def known():
    """The ids in the names of the tests."""
    found = re.compile(r"^(?:async )?def test_([a-z]\d\d)_", re.MULTILINE)
    return {case for path in HERE.glob("test_*.py") for case in found.findall(path.read_text(encoding="utf-8"))}


def test_each_of_the_97_cases_has_a_test():
    assert len(ALL) == 97
    assert known() == set(ALL)


def test_the_document_lists_each_case_once():
    listed = re.findall(r"^\| ([A-Z]\d\d) \|", SECURITY.read_text(encoding="utf-8"), re.MULTILINE)

    assert [case.lower() for case in listed] == ALL
