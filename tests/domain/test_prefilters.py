"""Which shapes may be in a text is told by its words, of which most say nothing."""

import re

from incident_copilot.domain import prefilters
from incident_copilot.domain.prefilters import Prefilters
from incident_copilot.domain.shapes.shape import Shape

MAIL = Shape("email", re.compile(r"\w+@\w+"), literals=("@",))
HEADER = Shape("header", re.compile(r"set-cookie"), words=("set-cookie",))
ID = Shape("id", re.compile(r"\d{3} \d{4}"), forms=("000 0000", "A-0"))


def kinds(looked_for: Prefilters, text: str) -> list[tuple[str, list[tuple[int, str]]]]:
    return [(shape.kind, list(found)) for shape, found in looked_for.present(text)]


def test_a_shape_may_be_where_one_of_its_prefilters_is():
    looked_for = Prefilters((MAIL, HEADER, ID))

    assert kinds(looked_for, "a@b said Set-Cookie") == [("email", [(0, "@")]), ("header", [(1, "set-cookie")])]
    assert kinds(looked_for, "room 123 4567, X-7") == [("id", [(2, "000 0000"), (2, "A-0")])]


def test_words_that_say_nothing_are_not_looked_at_again_and_others_are():
    looked_for = Prefilters((MAIL, ID))

    assert [kinds(looked_for, "nothing here"), kinds(looked_for, "here nothing")] == [[], []]
    assert [kinds(looked_for, "a@b"), kinds(looked_for, "nothing a@b")] == [[("email", [(0, "@")])]] * 2


def test_what_is_kept_of_words_is_bounded():
    looked_for = Prefilters((MAIL,), most_kept=3)

    found = [kinds(looked_for, f"word{chr(97 + number)} x@{chr(97 + number)}") for number in range(8)]

    assert found == [[("email", [(0, "@")])]] * 8


def test_a_letter_that_would_become_two_stays_one():
    assert prefilters.small("İD PASSWORD") == "id password"
