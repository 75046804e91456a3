"""Where a model has no room for all that it is to be told, it is told what matters most, and people read how much."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.pipeline import answer, preview, recap
from incident_copilot.pipeline.answer import Question
from incident_copilot.pipeline.preview import Purpose
from incident_copilot.store import egress, model_calls, timeline
from llm.scripted import short

from .life import Life, big

LINE = re.compile(r"^\| ([A-Z]\d+): (.*)", re.MULTILINE)


def answering(say):
    """A model that says sentences, as texts with the label that each cites, of the lines that it is told."""

    def said(told):
        sentences = say(dict(LINE.findall(told)))
        return json.dumps({"sentences": [{"text": text, "evidence": [label]} for text, label in sentences]})

    return said


def asked(running):
    """The texts of each question's lines, by their labels."""
    return [dict(LINE.findall(one["messages"][1]["content"])) for one in running.asked]


@pytest.fixture
def lived(db, clock):
    async def live(running, *texts):
        """An incident in whose channel somebody writes, a message a second."""
        life = Life(db, clock, model_endpoint="llm.test", model_deadline=timedelta(seconds=2))
        incident = await life.opened(big())
        async with db.transaction() as tx:
            for number, text in enumerate(texts):
                at = clock() + timedelta(seconds=number)
                kind = TimelineKind.PINNED if text.startswith("pinned") else TimelineKind.MESSAGE
                told = {"incident_id": incident.id, "author": "U0ANA", "ref": f"C1:{number}"}
                await timeline.add(tx, TimelineEntry(id=new_id(at), at=at, kind=kind, text=text, **told))
        return replace(life.deps, llm=running.llm), incident

    return live


async def kept(deps, incident):
    """The characters of each entry of the ledger, and what the calls came to with how many."""
    async with deps.db.read() as db:
        sent = await egress.of_incident(db, incident.id)
        calls = await model_calls.of_incident(db, incident.id)
    return [one.characters for one in sent], [(one.outcome, one.lacked, one.sent_characters) for one in calls]


WHO = "INC-1 who emptied the cache of orders?"
TALK = ["the cache of orders was emptied by 7 people", "pinned: keep the queue"] + [
    f"nothing new at gate {number} {'x' * 100}" for number in range(28)
]


def who_emptied_it(lines):
    [near] = [label for label, text in lines.items() if text.endswith("was emptied by 7 people")]
    return [("The cache of orders was emptied by 7 people.", near), (f"Nothing is new at {'x' * 100}.", "F19")]


async def answer_to(deps, text):
    question = Question(person="U0ANA", text=text, channel="C1", thread_ts="1.1", is_direct=False)
    *_, told = [one async for one in answer.answer(deps, question)]
    return told


async def test_a_question_is_answered_from_what_is_nearest_to_it_and_people_read_how_much_that_was(lived):
    async with short(4_000, answering(who_emptied_it)) as running:
        deps, _ = await lived(running, *TALK)
        told = await answer_to(deps, WHO)
        whole, part = asked(running)

    assert (len(whole), len(part)) == (46, 28)
    assert "pinned: keep the queue" in part["F18"]
    assert [label for label in whole if label not in part] == [f"F{n}" for n in range(19, 37)]  # the oldest messages
    assert [one.text for one in told.facts] == ["A message says: The cache of orders was emptied by 7 people."]
    checked = "Worded by a language model; each sentence was checked against what it cites."
    assert told.notes == (
        f"{checked} 28 of 46 facts used, the model has no room for more",
        "1 sentence of the model was struck: it cites evidence F19, which there is not.",
    )


async def test_the_ledger_and_the_preview_name_what_leaves_of_the_next_question(lived):
    async with short(4_000, answering(who_emptied_it)) as running:
        deps, incident = await lived(running, *TALK)
        before = await preview.preview(deps, 1, WHO)
        await answer_to(deps, WHO)
        after = await preview.preview(deps, 1, WHO)
        await answer_to(deps, WHO)
        sent, calls = await kept(deps, incident)

    assert (len(running.requests), len(asked(running)[2])) == (3, 28)
    assert calls == [("answered", "18 lines cut", sent[1])] * 2
    assert before[0] == f"To llm.test: {sent[0]} characters, hidden: nothing."
    assert after[0] == f"To llm.test: {sent[1]} characters, hidden: nothing, 18 lines cut for want of room."
    assert sent[1] <= sent[0] // 2


async def test_a_digest_says_how_many_messages_had_no_room_and_the_next_one_has_shorter_parts(lived):
    def newest(lines):
        [*_, label] = lines
        return [("Nothing is new at the gates.", label)]

    async with short(3_500, answering(newest)) as running:
        deps, incident = await lived(running, *TALK)
        shown = await recap.told_since(deps, incident.id, recap.NOBODY, None)
        first = await recap.in_short(deps, shown)
        then = await recap.in_short(deps, shown)
        sent, _ = await kept(deps, incident)
        head, _, part, *_ = await preview.preview(deps, 1, purpose=Purpose.DIGEST)

    assert (first.note, then.note, head) == (
        "15 of 30 messages used",
        "30 of 30 messages used",
        "30 of 30 messages used.",
    )
    # One part and its half; then three parts, of which the sentences are put together.
    assert [len(lines) for lines in asked(running)] == [30, 15, 13, 11, 6, 3]
    assert "M2" in asked(running)[1]  # pinned
    assert sent[0] > 2 * max(sent[1:])
    assert part == f"To llm.test: {sent[1]} characters, hidden: nothing."
