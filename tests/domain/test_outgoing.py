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
