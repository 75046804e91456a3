"""What people type after /incident is understood in any order."""

import pytest

from incident_copilot.slack.listeners.wording import Wish, understand


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("", Wish("help")),
        ("help", Wish("help")),
        ("?", Wish("help")),
        ("declare checkout is down since INC-3", Wish("declare", ("checkout", "is", "down", "since", "INC-3"))),
        ("new", Wish("declare")),
        ("LIST", Wish("list")),
        ("INC-42 status", Wish("status", number=42)),
        ("status 42", Wish("status", number=42)),
        ("status #42 mitigated", Wish("status", ("mitigated",), number=42)),
        ("sev P1 inc-7 too many users 5", Wish("severity", ("P1", "too", "many", "users", "5"), number=7)),
        ("assign <@U0BEN|ben>", Wish("assign", person="U0BEN")),
        ("lead me", Wish("assign", ("me",))),
        ("approve 3", Wish("approve", other=3)),
        ("INC-4 approve #3", Wish("approve", number=4, other=3)),
        (
            "reject 3 after 5 min in INC-4 &amp; again",
            Wish("reject", ("after", "5", "min", "in", "&", "again"), number=4, other=3),
        ),
        ("reject", Wish("reject")),
        ("resolv", Wish(None, meant="resolve")),
        ("xyzzy", Wish(None)),
    ],
)
def test_words_are_understood(typed, wish):
    assert understand(typed) == wish
