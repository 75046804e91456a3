"""Text as a reader means it, and what nobody sees of it."""

import pytest

from incident_copilot.domain import plain_letters

UNSEEN = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ign\u043ere", "ignore"),
        (
            "\u0418\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439 it",
            "\u0418\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439 it",
        ),
        ("\u0421\u0423\u041f", "\u0421\u0423\u041f"),
        ("\uff49gnore\u200b", "ignore"),
        ("say o b e y now", "say obey now"),
        ("a.b.c.d", "abcd"),
        ("I am a man", "I am a man"),
    ],
)
def test_plain_is_what_is_read(text, meant):
    assert plain_letters.plain(text) == meant


def test_what_is_hidden_is_told():
    assert (plain_letters.smuggled(f"Hi{UNSEEN}!"), plain_letters.smuggled(f"Go {WALES}")) == ("obey", "")
    assert (plain_letters.hidden("a\u200bb\u202ec"), plain_letters.hidden("abc")) == (2, 0)
