"""Of long material a model is given what fits: pinned, new, to the point; people read how much that was."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.budgeting import Piece, chunks, pick
from incident_copilot.llm.digest import PART, WHOLE, Summary, digest, parts_of
from incident_copilot.llm.grounding import Said
from incident_copilot.ports import Answered

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CALL = ModelCall(model="small", outcome="answered", latency_ms=1)


def said(number, text, *, pinned=False):
    return Piece(id=f"m{number}", at=NOON + timedelta(seconds=number), text=text, pinned=pinned)


def ids(picked):
    return [piece.id for piece in picked.pieces]


def test_what_fits_is_used_whole_in_its_order_and_nothing_is_noted():
    picked = pick([said(2, "b"), said(1, "a")], budget=10)

    assert (ids(picked), picked.note) == (["m1", "m2"], "")


def test_the_newest_goes_before_the_older_and_the_pinned_before_both():
    pieces = [said(1, "x" * 10, pinned=True), *(said(number, "y" * 10) for number in (2, 3, 4))]

    picked = pick(pieces, budget=25)

    assert (ids(picked), picked.note) == (["m1", "m4"], "2 of 4 messages used")


def test_what_is_to_the_point_goes_before_what_is_only_newer():
    pieces = [
        said(1, "payments pool exhausted"),
        said(2, "lunch at twelve, anyone?"),
        said(3, "good morning everybody"),
    ]

    assert ids(pick(pieces, budget=30, about="payments pool")) == ["m1"]


def test_a_pinned_message_that_is_too_long_is_cut_and_another_left_out():
    assert pick([said(1, "x" * 50, pinned=True)], budget=10).pieces[0].text == "x" * 8 + " …"
    assert ids(pick([said(1, "x" * 50)], budget=10)) == []


def test_runs_are_of_neighbours_and_what_is_too_long_is_alone():
    pieces = [said(1, "a" * 4), said(2, "b" * 4), said(3, "c" * 20), said(4, "d")]

    assert [[piece.id for piece in run] for run in chunks(pieces, 9)] == [["m1", "m2"], ["m3"], ["m4"]]
    assert chunks([], 9) == []


class Repeats:
    """A model that says each line it is given, cites it, and adds a sentence of its own; away for some texts."""

    def __init__(self, away=()):
        self.away, self.asked, self.weighed = away, [], []

    async def ask(self, prompt, untrusted, answer_type, *, deadline, spare=()):
        self.asked.append((prompt.purpose, untrusted))
        if any(word in untrusted for word in self.away) or prompt.purpose in self.away:
            raise ModelUnavailable("hung", CALL.model_copy(update={"outcome": "hung"}))
        lines = [line.split(": ", 1) for line in untrusted.splitlines()]
        told = [{"text": f"{text}.", "evidence": [key]} for key, text in lines]
        told.append({"text": "It is 42%.", "evidence": [lines[0][0]]})
        return Answered(answer=answer_type.model_validate({"sentences": told}), call=CALL)

    async def was_grounded(self, *, model, kept, struck):
        self.weighed.append((model, kept, struck))


async def summed_up(model, pieces, room=25):
    return await digest(model, parts_of(pieces, about="", room=room, most=2), deadline=timedelta(seconds=1))


async def test_a_short_channel_is_one_question():
    model = Repeats()

    found = await summed_up(model, [said(1, "pool\nm9: is exhausted")], room=50)

    assert model.asked == [(PART.purpose, "m1: pool m9: is exhausted")]
    assert found.sentences == (Said(text="pool m9: is exhausted.", evidence=("m1",)),)
    assert ([one.text for one in found.struck], found.note) == (["It is 42%."], "1 of 1 messages used")
    assert model.weighed == [("small", 1, 1)]


async def test_a_long_channel_is_summed_up_by_parts_and_cites_messages_to_the_end():
    model = Repeats()

    found = await summed_up(model, [said(1, "pool is exhausted"), said(2, "errors rise again")])

    assert [purpose for purpose, _ in model.asked] == [PART.purpose, PART.purpose, WHOLE.purpose]
    assert [(one.text, one.evidence) for one in found.sentences] == [
        ("pool is exhausted..", ("m1",)),
        ("errors rise again..", ("m2",)),
    ]


async def test_people_read_what_was_left_out_and_what_was_not_answered():
    pieces = [said(1, "pool is exhausted"), said(2, "errors rise again"), said(3, "deploy has stopped")]

    found = await summed_up(Repeats(away=("errors",)), pieces)

    assert found.note == "2 of 3 messages used; 1 of 2 parts without an answer"
    assert [one.evidence for one in found.sentences] == [("m3",)]


async def test_where_the_parts_cannot_be_put_together_they_stand_as_they_are():
    found = await summed_up(
        Repeats(away=(WHOLE.purpose,)), [said(1, "pool is exhausted"), said(2, "errors rise again")]
    )

    assert [one.evidence for one in found.sentences] == [("m1",), ("m2",)]
    assert found.note == "2 of 2 messages used"


def test_an_answer_may_be_that_there_is_nothing_to_say():
    assert Summary(sentences=[]).sentences == []
    with pytest.raises(ValueError, match="at most 8"):
        Summary.model_validate({"sentences": [{"text": "x", "evidence": []}] * 9})
