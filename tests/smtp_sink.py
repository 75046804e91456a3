"""A mail server of a few verbs, for tests that send e-mail."""

import asyncio
import contextlib


class Sink:
    """A mail server of a few verbs; `answers` replace what it says to a verb, None breaks the connection."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.letters = []
        self.heard = []
        self.port = 0

    async def serve(self, reader, writer):
        with contextlib.closing(writer):
            await self._say(writer, self.answers.get("HELLO", "220 ready"))
            while line := (await reader.readline()).decode().strip():
                verb = line.split()[0].upper()
                self.heard.append(line)
                said = self.answers.get(
                    verb, {"EHLO": "250-sink\r\n250 AUTH PLAIN", "DATA": "354 go on"}.get(verb, "250 ok")
                )
                if said is None:
                    return
                await self._say(writer, said)
                if said.startswith("354"):
                    self.letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                    if self.answers.get("END") == "break":
                        return
                    await self._say(writer, self.answers.get("END", "250 taken"))

    async def _say(self, writer, text):
        writer.write(text.encode() + b"\r\n")
        await writer.drain()


@contextlib.asynccontextmanager
async def sink(**answers):
    """Run a mail server while entered."""
    running = Sink(answers)
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    running.port = server.sockets[0].getsockname()[1]
    async with server:
        yield running
