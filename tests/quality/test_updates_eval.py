"""The eval of status updates: what a wording keeps, what it adds, and what becomes of it are counted by code."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from evals import drafts, updates

from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.proposal import Audience
from incident_copilot.errors import ModelUnavailable
from incident_copilot.ports import Answered

every = cache(drafts.read)
CALL = ModelCall(model="small", outcome="answered", latency_ms=2_000, input_tokens=300, output_tokens=100)
SECOND = timedelta(seconds=1)
FALSE = "Because of kafka 70% of requests fail."


class Words:
    """A model that repeats the lines for colleagues, tells customers what is false, and others what this says."""

    def __init__(self, **says):
        self.says = says

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role=None):
        lines = dict(line.split(": ", 1) for line in leaving.text.splitlines())
        readers = prompt.purpose.removeprefix("update for ")
        if readers == "outside parties":
            raise ModelUnavailable("hung", CALL.model_copy(update={"outcome": "hung"}))
        said = [{"text": text, "evidence": [*lines]} for text in self.says.get(readers, lines.values())]
        return Answered(answer_type.model_validate({"sentences": said[:4]}), CALL)


def crash_loop():
    """The drafts of one incident, for all four audiences."""
    return [one for one in every() if one.situation.told["incident"].startswith("crash loop")]


async def drafted(items, model=None):
    return [one async for one in drafts.draft(items, model, SECOND)]


async def test_what_becomes_of_wordings_and_what_they_keep_is_counted():
    model = Words(management=["Requests to invoicing have been failing since 05:03 UTC."], customers=[FALSE])

    told = await drafted(crash_loop(), model)
    table = updates.report("tiny", told)

    for row in (
        "| the model's words take the place of the template | 2 of 4 | - |",
        "| the template stays: no usable answer | 1 of 4 | - |",
        "| the template stays: no sentence stands | 1 of 4 | - |",
        "| `update for customers 1`: sentences that stand | 0 of 1 | - |",
        "| `update for management 1`: sentences that stand | 1 of 1 | - |",
        "| key facts that the template states | 23 of 23 | 23 of 23 |",
        "| drafts with every one of them | 4 of 4 | 4 of 4 |",
        "| drafts that say what their readers may not read | 0 of 4 | 0 of 4 |",
        "| tokens a draft, mean | 400 | 0 |",
        "| crash loop for a missing variable, for management | worded | 7 of 7 | nothing |",
        "| crash loop for a missing variable, for customers | no sentence stands | 5 of 5 | nothing |",
        "| crash loop for a missing variable, for outside parties | no usable answer | 4 of 4 | nothing |",
    ):
        assert row in table
    assert updates.said_of(told[-1]).endswith("no usable answer, 4 of 4, nothing, 400 tokens, 2 s")


async def test_no_template_says_what_its_readers_may_not_read_or_what_is_otherwise():
    told = await drafted(every()[:8])

    assert [[*updates.not_for_them(one, one.shown), *updates.untrue(one, one.shown)] for one in told] == [[]] * 8
    assert [updates.kept(one) for one in told] == [[*updates.key_facts(one)] for one in told]
    assert min(len(updates.key_facts(one)) for one in told) == 3


@pytest.mark.parametrize(
    ("audience", "text", "wrong"),
    [
        (Audience.CUSTOMERS, "Ledger fails.", ["names ledger"]),
        (Audience.MANAGEMENT, "Ledger fails because of 2 pods.", ["names ledger", "names pods?", "makes up 2"]),
        (Audience.CUSTOMERS, "INC-1 is due to Cara.", [r"names INC-\d+", "names Cara", "tells a cause", "makes up 1"]),
        (Audience.EXTERNAL, "Brandt has waited since 05:03.", ["names Brandt"]),
        (Audience.INTERNAL, "Cara of ledger is to blame.", ["blames"]),
        (Audience.EXTERNAL, "It has ended.", ["says it is further, or less far, than it is"]),
        (Audience.EXTERNAL, "It has not been resolved.", []),
        (Audience.CUSTOMERS, "We are sorry.", ["promises or regrets: sorry"]),
        (Audience.CUSTOMERS, "A small number of users fail.", ["contradicts the severity: “A small number of users”"]),
    ],
)
def test_what_a_wording_should_not_say_is_found(audience, text, wrong):
    [item] = [one for one in crash_loop() if one.audience is audience]
    template = "Since 05:03 UTC requests to invoicing have been failing. About 64% of them fail."
    one = drafts.Drafted(item, template, text, [template])

    assert [*updates.not_for_them(one, text), *updates.untrue(one, text)] == wrong


def test_sentences_that_are_marked_do_not_stand_and_are_counted_apart():
    [item] = [one for one in crash_loop() if one.audience is Audience.CUSTOMERS]
    template = "Since 05:03 UTC requests to invoicing have been failing."
    marked = drafts.Drafted(item, template, f"{template} {FALSE}", [template], [FALSE], is_worded=True)
    through = replace(marked, marked=())

    tables = [updates.report("tiny", [one]) for one in (marked, through)]

    assert marked.stands == f"{template} "
    assert ["| drafts that say what their readers may not read | 0 of 1 |" in one for one in tables] == [True, False]
    assert "| the same in sentences that are marked | 1 of 1 | - |" in tables[0]
    assert "| worded, 1 marked | 2 of 2 | nothing |" in tables[0]
    assert "| worded | 2 of 2 | names kafka; tells a cause; makes up 70 |" in tables[1]


def test_the_first_drafts_are_of_all_incidents_and_audiences():
    assert len({one.situation.case.name for one in every()[:4]}) == len({one.audience for one in every()[:4]}) == 4
    assert len({one.name for one in every()}) == 16
