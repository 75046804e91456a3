"""Tools that operators allow a model besides ours: by name, within deadlines; their answers are notes."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import BaseModel, ConfigDict

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.investigation import Spent
from incident_copilot.errors import VendorUnavailable
from incident_copilot.pipeline.by_model import telling
from incident_copilot.pipeline.by_model.offered import MOST_TOOLS, offers_of, use
from incident_copilot.pipeline.by_model.phase_specialists import BY_NAME
from incident_copilot.pipeline.by_model.tools import look, tools_of
from incident_copilot.ports import OfferedTool, ToolRequest
from pipeline import samples

from .scripted import Scripted, asks, away, begun, material, whole


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    query: str
    limit: int | None = None


class Wiki:
    """A context source with tools."""

    finds = frozenset({EvidenceKind.NOTE})

    def __init__(self, *answers, name="Wiki", tools=("wiki_search",)):
        self.name, self.answers, self.asked, self.names = name, list(answers), [], tools
        self.listed = 0

    async def tools(self):
        self.listed += 1
        return [OfferedTool(name, "Search the wiki.", Words, self.call) for name in self.names]

    async def call(self, arguments):
        self.asked.append(arguments.query)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def gather(self, question):
        return []

    async def check(self):
        return None


class Silent(Wiki):
    """A server that fails when its tools are listed."""

    def __init__(self, error):
        super().__init__(name="Tickets")
        self.error = error

    async def tools(self):
        await asyncio.sleep(0)
        if self.error is None:
            await asyncio.Event().wait()
        raise self.error


async def offered_by(*sources):
    return await offers_of(sources, samples.NOON)


async def test_a_specialist_has_its_own_tools_and_those_that_operators_allow():
    offers = await offered_by(Wiki(tools=("wiki_search", "read_metric")))

    given = tools_of(BY_NAME["network"], material(offered=offers.tools))

    assert [(one.name, one.description) for one in given[-1:]] == [("wiki_search", "Search the wiki.")]
    assert [one.name for one in given[:-1]] == list(BY_NAME["network"].tools)


async def test_an_answer_gets_a_label():
    wiki = Wiki("The pool of payments has 20 connections.")
    offers = await offered_by(wiki)

    held = await whole(Scripted(asks("wiki_search", query="pool"), away()), material(offered=offers.tools))

    (first,) = held.looks
    assert wiki.asked == ["pool"]
    assert first.result == "The pool of payments has 20 connections.\nIt is evidence E6 now."
    assert first.cited == ("E6",)


async def test_the_note_names_source_and_question():
    (offered,) = (await offered_by(Wiki("Page 7"))).tools.values()

    seen = await use(offered, {"query": "pool", "limit": None}, material())

    (note,) = seen.found
    assert (note.kind, note.source, note.title, note.query, note.data) == (
        EvidenceKind.NOTE,
        "Wiki",
        "Search the wiki.",
        "wiki_search(query=pool)",
        {"text": "Page 7"},
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("", "Wiki knows nothing of it."),
        (VendorUnavailable("Wiki: HTTP 503"), "Wiki does not answer: HTTP 503"),
        (RuntimeError("broken"), "Wiki does not answer: the plugin failed; see the copilot's log"),
    ],
)
async def test_a_tool_without_an_answer_is_one_line(answer, told):
    (offered,) = (await offered_by(Wiki(answer))).tools.values()

    seen = await look(
        ToolRequest(id="1", name="wiki_search", arguments={"query": "pool"}),
        material(offered={"wiki_search": offered}),
        BY_NAME["network"],
    )

    assert (seen.text, seen.is_there, seen.found) == (told, False, ())


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (VendorUnavailable("Tickets: HTTP 503"), "HTTP 503"),
        (RuntimeError("broken"), "the plugin failed; see the copilot's log"),
        (None, "no answer in 0.01 s"),
    ],
)
async def test_a_server_whose_tools_cannot_be_listed_is_named_and_stops_nobody(error, why):
    offers = await offers_of([Silent(error), Wiki()], samples.NOON, within=timedelta(seconds=0.01))

    assert list(offers.tools) == ["wiki_search"]
    assert offers.missing == {"Tickets": why}


async def test_who_did_not_answer_before_is_not_asked_again_and_people_read_it():
    wiki = Wiki()

    offers = await offers_of([wiki], samples.NOON, without={"Wiki": "HTTP 503"})

    assert (offers.tools, wiki.listed) == ({}, 0)
    held = begun(missing={"Wiki": "HTTP 503"}, spent=Spent(steps=1), why="everybody was asked")
    assert telling.spent(held).endswith("everybody was asked. Without the tools of Wiki: HTTP 503.")


async def test_so_many_tools_and_no_more():
    many = await offered_by(Wiki(tools=[f"wiki_{number}" for number in range(20)]), Wiki(tools=("late",)))

    assert len(many.tools) == MOST_TOOLS
    assert "late" not in many.tools


async def test_the_first_of_two_tools_of_a_name_is_taken():
    first, second = Wiki("one"), Wiki("two", name="Other")

    assert [one.source for one in (await offered_by(first, second)).tools.values()] == ["Wiki"]
