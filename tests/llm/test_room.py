"""A question too long for a model is asked with less of the material, which is remembered and told."""

import re
from datetime import timedelta

import pytest

from incident_copilot.domain.model_call import Role
from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.ports import ToolRequest, Wanted

from .scripted import CHANGES, PROMPT, SEARCH, Word, refused, scripted, short

SECOND = timedelta(seconds=1)
FACTS = [f"F{n}" for n in range(1, 41)]
LISTED = "\n".join(f"{label}: {'x' * (100 - len(label) - 3)}" for label in FACTS)  # 100 characters each, with its end


def calm(told):
    return '{"word": "calm"}'


async def ask(running, *, listed=LISTED, spare=FACTS[::-1], role=Role.FAST):
    leaving = outgoing(listed, Redactor(), spare=spare, room=running.llm.room(role))
    return await running.llm.ask(PROMPT, leaving, Word, deadline=SECOND, role=role)


def shown(running):
    """The labels of the facts in each question."""
    return [re.findall(r"^\| (F\d+): ", str(one["messages"][1]["content"]), re.MULTILINE) for one in running.asked]


async def test_a_question_too_long_is_asked_again_with_the_more_relevant_half():
    async with short(3_000, calm) as running:
        answered = await ask(running)

    assert answered.answer == Word(word="calm")
    assert shown(running) == [FACTS, FACTS[:20]]
    assert answered.left_out == tuple(FACTS[:19:-1])
    assert (answered.call.outcome, answered.call.lacked) == ("answered", "20 lines cut")
    assert answered.call.sent_characters == 1_999


async def test_what_there_is_room_for_is_remembered_so_that_the_next_question_is_not_refused():
    async with short(3_000, calm) as running:
        await ask(running)
        again = await ask(running)

    assert (running.llm.room(Role.FAST), running.llm.room(Role.STRONG)) == (1_999, None)
    assert shown(running) == [FACTS, FACTS[:20], FACTS[:20]]
    assert (again.left_out, again.call.lacked) == (tuple(FACTS[:19:-1]), "20 lines cut")


async def test_it_is_halved_twice_at_most_and_what_is_remembered_goes_on_from_there():
    async with short(900, calm) as running:
        with pytest.raises(ModelUnavailable, match="the question is too long for it") as caught:
            await ask(running)

    assert [len(one) for one in shown(running)] == [40, 20, 10]
    assert caught.value.call.outcome == "the question is too long for it (400)"
    assert caught.value.call.lacked == "30 lines cut"
    assert running.llm.room(Role.FAST) == 1_000
    assert running.server.breaker.failures == 0


@pytest.mark.parametrize(("spare", "asked"), [((), 1), (FACTS[-1:], 2)])
async def test_where_nothing_more_may_be_left_out_it_is_given_up(spare, asked):
    async with short(100, calm) as running:
        with pytest.raises(ModelUnavailable, match="the question is too long for it"):
            await ask(running, spare=spare)

    assert len(running.requests) == asked


async def test_a_longer_question_that_is_refused_makes_no_more_room():
    async with short(3_000, calm) as running:
        await ask(running)
        with pytest.raises(ModelUnavailable):
            await ask(running, spare=())

    assert running.llm.room(Role.FAST) == 1_999


async def test_a_model_whose_other_refusals_are_final_has_room_for_all():
    async with scripted(refused(401)) as running:
        with pytest.raises(ModelUnavailable, match="it does not accept the key"):
            await ask(running)

    assert (len(running.requests), running.llm.room(Role.FAST)) == (1, None)


async def test_what_tools_showed_is_cut_from_the_oldest_and_the_wish_to_look_on_says_so():
    found = ["old\n" * 400, "new\n" * 300]
    done = [ToolRequest(id=name, name="search_logs", arguments={"text": name}) for name in ("old", "new")]
    leaving = outgoing("F1: a", Redactor(), found)
    async with short(3_500, lambda told: '{"name": "list_changes", "arguments": {}}') as running:
        wanted = await running.llm.step(PROMPT, leaving, done, (SEARCH, CHANGES), Word, deadline=SECOND)

    assert isinstance(wanted, Wanted)
    assert (wanted.call.outcome, wanted.call.lacked) == ("answered", "1 result cut")
    old, new = (one["content"] for one in running.asked[-1]["messages"] if one["role"] == "tool")
    assert "(There is no room for the rest.)" in old
    assert new.count("new") == 300
