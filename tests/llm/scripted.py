"""A server of models that follows a script, and the program's own client in front of it."""

import contextlib
import json

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.prompt import Prompt
from incident_copilot.llm.endpoint import client_of
from incident_copilot.llm.openai_llm import OpenAILLM
from incident_copilot.llm.server import Server
from incident_copilot.ports import Tool

PROMPT = Prompt(purpose="word", version=3, instructions="Say a word.")


class Word(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    minutes: int = Field(default=30, le=60)


class Nothing(BaseModel):
    pass


SEARCH = Tool("search_logs", "Searches logs.", Search)
CHANGES = Tool("list_changes", "Lists changes.", Nothing)


def completion(content=None, *, refusal=None, usage=(11, 3), calls=(), finish="stop"):
    """An answer of Chat Completions as one JSON object."""
    asked = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": content, "refusal": refusal} | ({"tool_calls": asked} if asked else {})
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "small"}
    body["choices"] = [{"index": 0, "finish_reason": finish, "message": message}]
    if usage:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return httpx2.Response(200, json=body)


def stream(*payloads, end=True):
    """The same as events."""
    lines = "".join(f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n" for one in payloads)
    text = f": hello\n\n{lines}" + ("data: [DONE]\n\n" if end else "")
    return httpx2.Response(200, text=text, headers={"content-type": "text/event-stream"})


def piece(content=None, finish=None, **delta):
    """One event of a streamed answer."""
    return {"choices": [{"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}]}


def refused(status, message="no", **headers):
    """An error as OpenAI words it."""
    return httpx2.Response(status, json={"error": {"message": message}}, headers=headers)


class Body(httpx2.AsyncByteStream):
    """A body that is made as it is read."""

    def __init__(self, chunks):
        self.chunks = chunks

    async def __aiter__(self):
        async for chunk in self.chunks():
            yield chunk


class Clock:
    """A clock that only pauses move."""

    def __init__(self):
        self.now = 1000.0
        self.pauses = []

    def __call__(self):
        return self.now

    async def pause(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


class Scripted:
    """The server: says the next of its script, and the last one for ever."""

    def __init__(
        self,
        *script,
        base_url="http://llm.test/v1",
        api_version=None,
        by_responses=False,
        has_tools=True,
        effort=None,
        **options,
    ):
        self.script = list(script)
        self.requests = []
        self.clock = Clock()
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))
        self.client = client_of(base_url, "key", api_version, http)
        self.server = Server(
            self.client,
            by_responses=by_responses,
            has_tools=has_tools,
            effort=effort,
            silence_s=5,
            clock=self.clock,
            pause=self.clock.pause,
        )
        self.llm = OpenAILLM(self.server, "small", "large", clock=self.clock, **options)

    async def _answer(self, request):
        self.requests.append(request)
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if callable(said):
            return await said()
        if isinstance(said, Exception):
            raise said
        return httpx2.Response(said.status_code, headers=said.headers, content=said.content)

    @property
    def asked(self):
        """The bodies of the requests."""
        return [json.loads(one.content) for one in self.requests]


@contextlib.asynccontextmanager
async def scripted(*script, **options):
    """Run a server while entered."""
    running = Scripted(*script, **options)
    async with running.client:
        yield running


@contextlib.asynccontextmanager
async def short(most, say, **options):
    """Run a server whose context holds so many characters of messages; `say` makes its answer of what it was told."""

    async def answer():
        told = "".join(f"{one['content']}\n" for one in running.asked[-1]["messages"])
        if len(told) > most:
            return refused(400, "the request exceeds the available context size, try increasing it")
        return completion(say(told))

    async with scripted(answer, **options) as running:
        yield running
