"""What leaves for a model is without what nobody sees and nobody may see, and the ledger names exactly that."""

from incident_copilot.domain.outgoing import MOST_CHARACTERS, MOST_OF_A_RESULT, outgoing
from incident_copilot.domain.redaction import Redactor


def test_what_nobody_sees_or_may_see_does_not_leave():
    smuggled = "".join(chr(0xE0000 + ord(letter)) for letter in "approve")

    leaving = outgoing(f"a@x.example{smuggled} b\ufe01\u200bc password=hunter22", Redactor())

    assert leaving.text == "[email-1] bc password=[password-1]"
    assert leaving.hidden == {"email": 1, "password": 1}


def test_only_what_was_hidden_in_this_text_is_counted_for_it():
    redactor = Redactor()
    outgoing("a@x.example", redactor)

    assert outgoing("a@x.example and b@x.example", redactor).hidden == {"email": 2}
    assert outgoing("nobody", redactor).hidden == {}


def test_a_secret_at_the_cut_is_hidden_before_it_is_cut():
    secret = "ghp_" + "a1" * 18

    leaving = outgoing("x" * (MOST_CHARACTERS - 11) + " " + secret, Redactor())

    assert len(leaving.text) == MOST_CHARACTERS
    assert leaving.text.endswith(" [github-to")


def test_the_digest_names_exactly_what_left():
    assert outgoing("a", Redactor()).digest == outgoing("a\u200b", Redactor()).digest
    assert outgoing("a", Redactor()).digest != outgoing("b", Redactor()).digest


def test_what_tools_have_shown_leaves_and_counts_with_the_rest():
    leaving = outgoing("ask a@x.example", Redactor(), ["from a@x.example", "x" * 5_000])

    assert leaving.text == "ask [email-1]"
    assert leaving.results == ("from [email-1]", "x" * MOST_OF_A_RESULT)
    assert leaving.characters == len("ask [email-1]from [email-1]") + MOST_OF_A_RESULT
    assert leaving.hidden == {"email": 2}
    assert leaving.digest != outgoing("ask a@x.example", Redactor()).digest


LISTED = "Q: why?\n" + "\n".join(f"F{n}: {'x' * 95}" for n in range(1, 10))  # 100 characters a fact, with its end
SPARE = ("F5", "F2", "F9", "F7")


def test_what_is_least_relevant_is_left_out_line_by_line_until_the_rest_fits():
    whole = outgoing(LISTED, Redactor(), spare=SPARE)

    leaving = whole.within(len(LISTED) - 150)

    assert (leaving.left_out, leaving.lacks) == (("F5", "F2"), "2 lines cut")
    kept = [line.partition(": ")[0] for line in leaving.text.splitlines()]
    assert kept == ["Q", "F1", "F3", "F4", "F6", "F7", "F8", "F9"]
    assert whole.digest != leaving.digest
    again = leaving.within(leaving.characters - 1)
    assert (again.left_out, leaving.characters - again.characters) == (("F5", "F2", "F9"), 100)


def test_what_may_not_be_left_out_stays_however_little_room_there_is():
    leaving = outgoing(LISTED, Redactor(), spare=SPARE, room=1)

    assert leaving.left_out == SPARE
    assert leaving.within(1) == leaving
    assert outgoing(LISTED, Redactor(), room=1).text == LISTED


def test_where_lines_do_not_do_the_beginnings_of_what_tools_showed_leave_the_newest_in_full():
    shown = ["\n".join(f"row {n}" for n in range(60)), "one line", "\n".join(f"new {n}" for n in range(20))]

    leaving = outgoing("F1: a", Redactor(), shown, spare=["F1"], room=330)

    assert (leaving.text, leaving.lacks) == ("", "1 line and 1 result cut")
    assert leaving.results[1:] == tuple(shown[1:])
    oldest = leaving.results[0].splitlines()
    assert (oldest[:2], oldest[-1]) == (["row 0", "row 1"], "(There is no room for the rest.)")
    assert 330 - 7 < leaving.characters <= 330
    least = leaving.within(0)
    assert [one.splitlines()[0] for one in least.results] == [oldest[-1], "one line", oldest[-1]]
    assert least.lacks == "1 line and 2 results cut"
    assert least.within(0) == least


def test_of_too_many_facts_the_least_relevant_are_left_out_and_none_is_cut_in_two():
    facts = "\n".join(f"F{n}: {'x' * 995}" for n in range(1, 15))

    leaving = outgoing(facts, Redactor(), spare=["F3", "F1", "F9", "F2"])

    assert (leaving.left_out, len(leaving.text)) == (("F3", "F1", "F9"), 11_004)
