"""What servers send, read as the standard of events has it and as some send it besides."""

import asyncio
import json
from datetime import timedelta

import httpx2
import pytest

from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.reading import parsed, read

from .scripted import PROMPT, Body, Word, scripted

ONE, TWO = {"a": 1}, {"b": "x\u2028y\u0085z"}
RAW = json.dumps(TWO, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        f'data: {{"a": 1}}\n\ndata: {RAW}\n\ndata: [DONE]\n\n',
        f'data: {{"a": 1}}\r\n\r\ndata: {RAW}\r\n\r\ndata: [DONE]\r\n\r\n',
        f'data: {{"a": 1}}\r\rdata: {RAW}\r\rdata: [DONE]\r\r',
        f'data:{{"a": 1}}\n\ndata:{RAW}\n\ndata:[DONE]\n\n',
        f'data: {{"a":\ndata: 1}}\n\ndata: {RAW}\n\n',
        f': OPENROUTER PROCESSING\n\nevent: chunk\nid: 7\ndata: {{"a": 1}}\n\n: keep-alive\n\ndata: {RAW}\n\n',
        f'data: {{"a": 1}}\ndata: {RAW}\ndata: [DONE]\n',
    ],
    ids=["LF", "CRLF", "CR", "no space", "data over two lines", "comments and fields", "events without empty lines"],
)
def test_events_are_read_in_each_of_their_forms(text):
    assert parsed(text, is_cut=False) == ([ONE, TWO], False)


async def test_a_mark_of_byte_order_is_no_part_of_an_answer():
    async def chunks():
        yield b'\xef\xbb\xbf\n\n{"a": 1}'

    assert await read(chunks()) == ([ONE], False)


async def test_a_server_that_keeps_a_connection_alive_for_ever_is_cut_at_the_deadline():
    async def comments():
        while True:
            yield b": keep-alive\n\n"
            await asyncio.sleep(0)

    async def waits():
        return httpx2.Response(200, stream=Body(comments))

    async with scripted(waits) as running:
        with pytest.raises(ModelUnavailable, match=r"no answer in 0\.02 s"):
            await running.llm.ask(PROMPT, outgoing("x", Redactor()), Word, deadline=timedelta(milliseconds=20))
