"""Hold one conversation over standard input and output: a message a line, until the input ends."""

import asyncio
import sys

from incident_copilot.mcp.protocol import Conversation, too_long

LONGEST = 1024 * 1024


async def talk(conversation: Conversation) -> None:
    """Answer each line in turn."""
    reader = asyncio.StreamReader(limit=LONGEST)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while not reader.at_eof():
            answer = await _answer(reader, conversation)
            if answer:
                print(answer, flush=True)  # noqa: T201 -- standard output is the conversation
    finally:
        transport.close()


async def _answer(reader: asyncio.StreamReader, conversation: Conversation) -> str | None:
    try:
        line = await reader.readline()
    except ValueError:  # longer than the limit; what was read of it is dropped
        return too_long()
    return await conversation.answer(line.decode(errors="replace")) if line.strip() else None
