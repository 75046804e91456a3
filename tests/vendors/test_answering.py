"""An AI system that is asked: by chat completions, or by plain JSON."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from incident_copilot.domain.sampled import Retrieved, Sampled
from incident_copilot.errors import BadPayload, VendorRefused
from incident_copilot.vendors.answering import Answering

NOW = datetime(2026, 11, 28, tzinfo=UTC)
PASSAGE = Retrieved(id="a", text="It takes 14 days.")


def case(**fields):
    return Sampled.model_validate({"id": "1", "at": NOW, "request": "How long?", **fields})


async def ask(one, answer, **options):
    """Return the answered case, and what the endpoint got."""
    got = []

    def respond(request):
        got.append((str(request.url), request.headers.get("authorization"), json.loads(request.content)))
        return httpx.Response(200, content=answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        settings = {"model": None, "token": None, "deadline_s": 5.0, **options}
        return await Answering(http, "https://bot.example/v1/", **settings).ask(one, NOW), got[0]


async def test_chat_completions_get_passages_and_form():
    told = {"choices": [{"message": {"content": "14 days"}}]}
    answered, got = await ask(case(retrieved=[PASSAGE], format="json"), told, model="m", token="t")

    assert (answered.response, answered.retrieved) == ("14 days", (PASSAGE,))
    assert got == (
        "https://bot.example/v1/chat/completions",
        "Bearer t",
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Answer from this:\n\nIt takes 14 days."},
                {"role": "user", "content": "How long?"},
            ],
            "temperature": 0,
            "response_format": {"type": "json_object"},
        },
    )


async def test_plain_json_may_tell_what_was_retrieved():
    told = {"answer": "14 days", "retrieved": [{"id": "b", "text": "14"}], "cited": ["b"]}
    answered, got = await ask(case(expected="14 days"), told)

    assert (answered.response, answered.cited, answered.expected) == ("14 days", ("b",), "14 days")
    assert answered.retrieved == (Retrieved(id="b", text="14"),)
    assert got == ("https://bot.example/v1", None, {"id": "1", "request": "How long?"})


async def test_passages_of_the_case_are_sent():
    _, got = await ask(case(retrieved=[PASSAGE]), {"response": "14"})

    assert got[2]["retrieved"] == [{"id": "a", "text": "It takes 14 days."}]


@pytest.mark.parametrize("told", [{}, {"choices": []}, {"choices": [{"message": {"content": None}}]}])
async def test_answer_without_a_text_is_named(told):
    with pytest.raises(VendorRefused, match="no text under response, answer, output, text"):
        await ask(case(), told, model="m")


async def test_answer_that_is_no_json_is_named():
    with pytest.raises(BadPayload, match="the endpoint: the body is not JSON"):
        await ask(case(), b"<html>")
