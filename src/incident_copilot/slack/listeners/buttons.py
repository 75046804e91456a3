"""The ids of buttons: a name, with a number where one row has several of the same."""

import re


def named(name: str) -> re.Pattern[str]:
    """Return what the action ids of a button look like: "evidence", "evidence:2". Bolt searches, so both ends count."""
    return re.compile(rf"^{name}(?::[0-9]{{1,2}})?$")
