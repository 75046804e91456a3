"""A whole run of the program under attack, and what came of it: every call to Slack, every proposal, every word."""

import asyncio
import contextlib
import inspect
import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from incident_copilot.demo import files
from incident_copilot.demo.story import shown
from incident_copilot.sandbox.serving import listening, serving
from incident_copilot.sandbox.world.logs import LogPhase, LogSource
from incident_copilot.store import evidence, incidents, proposals
from whole import copilot, quick

OWN_HOSTS = {"127.0.0.1"}
_PARSED_PING = re.compile(r"<!(?!date)[^>]*>|<@U0CEO[^>]*>|<!subteam")
_PARSED_LINK = re.compile(r"<((?:[a-z][a-z0-9+.-]*:)[^|>]+)")


@dataclass
class Seen:
    """What a run left."""

    calls: list = field(default_factory=list)
    channels: list = field(default_factory=list)
    words: str = ""
    proposals: list = field(default_factory=list)
    incidents: list = field(default_factory=list)
    briefs: list = field(default_factory=list)
    dispatches: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    @property
    def elements(self):
        """Every part of every block that was sent."""
        return [node for call in self.calls for node in _nodes(call.args)]

    @property
    def parsed_texts(self):
        """What Slack would parse as mrkdwn."""
        tops = [str(call.args.get(key, "")) for call in self.calls for key in ("text", "topic", "purpose", "title")]
        return tops + [node["text"] for node in self.elements if node.get("type") == "mrkdwn"]

    @property
    def pings(self):
        """What would notify somebody that the copilot had no reason to."""
        elements = [
            node
            for node in self.elements
            if node.get("type") in {"broadcast", "usergroup"} or node.get("user_id") == "U0CEO"
        ]
        return elements + [found for text in self.parsed_texts for found in _PARSED_PING.findall(text)]

    @property
    def foreign_links(self):
        """Whatever can be clicked or loaded, and leads elsewhere."""
        urls = [node[key] for node in self.elements for key in ("url", "image_url") if isinstance(node.get(key), str)]
        urls += [str(call.args.get("link")) for call in self.calls if call.method == "bookmarks.add"]
        urls += [found for text in self.parsed_texts for found in _PARSED_LINK.findall(text)]
        return [url for url in urls if urlsplit(url).hostname not in OWN_HOSTS]


def _nodes(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


class Model:
    """An OpenAI-compatible server that says what it is told to, whatever it is asked; or what the data tells it."""

    def __init__(self, *says):
        self.says = list(says)
        self.asked = []

    async def answer(self, request):
        """Answer one chat completion."""
        asked = await request.json()
        self.asked.append(asked)
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        content = said(asked) if callable(said) else said
        content = await content if inspect.isawaitable(content) else content
        return JSONResponse(
            {
                "id": "c",
                "object": "chat.completion",
                "created": 1,
                "model": "obeys",
                "choices": [
                    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
                ],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        )

    @contextlib.asynccontextmanager
    async def served(self):
        """Serve while entered; yields the base URL."""
        site = Starlette(routes=[Route("/v1/chat/completions", self.answer, methods=["POST"])])
        async with listening("127.0.0.1", 0) as sock, serving(site, sock):
            yield f"http://127.0.0.1:{sock.getsockname()[1]}/v1"


def sentences(*said, cites=("F1",)):
    """The answer in the form that is asked for; each sentence cites the same facts."""
    return json.dumps({"sentences": [{"text": one, "evidence": list(cites)} for one in said]})


def lines_of(asked):
    """What the model was given, line by line and without the marks of the fence."""
    return [line.removeprefix("| ") for line in asked["messages"][1]["content"].splitlines()[1:-1]]


def obeys(asked):
    """Say what the data says after SYSTEM:, or its first line where it says nothing of the kind."""
    facts = lines_of(asked)
    found = re.findall(r"SYSTEM: ([^\n]{1,300})", "\n".join(facts))
    first = facts[0].partition(": ")[2]
    return sentences(*(found[:3] or [first]), cites=[fact.partition(": ")[0] for fact in facts])


def logs_that_say(*lines, service="checkout"):
    """A bad deploy whose service writes these lines to its log, twice a second since the onset."""
    scenario = quick()
    said = tuple(
        LogSource(
            service=service, level="error", template=line, per_minute=0, phases=(LogPhase(from_s=-60, per_minute=60),)
        )
        for line in lines
    )
    return scenario.model_copy(update={"logs": (*scenario.logs, *said)})


async def attack(folder, *, scenario=None, change=None, then=None, model=None, bodies=(), **settings):
    """Run the program on a scenario whose first webhook was changed; `then` acts in the workspace; return what is left.

    `bodies` are more webhooks, sent as they are.
    """
    async with contextlib.AsyncExitStack() as stack:
        if model:
            settings |= {"llm_base_url": await stack.enter_async_context(model.served()), "llm_model": "obeys"}
        whole = await stack.enter_async_context(copilot(folder, scenario, **settings))
        for webhook in whole.world.take_webhooks():
            answer = await whole.post(change(webhook.body) if change else webhook.body)
            assert answer.status_code == 200
        for body in bodies:
            await whole.post(body)
        await whole.sandbox.until(lambda: whole.told("#incidents", "INC-1"), 8)
        await whole.sandbox.until(whole.channels, 8)
        await whole.sandbox.until(lambda: any(_briefed(whole, place) for place in whole.channels()), 8)
        if then:
            await then(whole)
        await whole.still()
        return await _seen(whole, model)


def _briefed(whole, place):
    return [message for message in whole.sandbox.messages(place) if "As of" in shown(message)]


async def _seen(whole, model):
    seen = Seen(calls=list(whole.sandbox.ledger), channels=whole.channels(), dispatches=whole.world.dispatches)
    places = [f"#{channel.name}" for channel in whole.sandbox.workspace.channels.values() if channel.name]
    seen.words = "\n".join(shown(message) for place in places for message in whole.sandbox.messages(place))
    db = whole.open_db()
    async with db.read() as view:
        seen.incidents = await incidents.running(view, "default")
        for one in seen.incidents:
            seen.proposals += await proposals.of_incident(view, one.id)
            seen.briefs.append(await evidence.latest_brief(view, one.id))
    await db.close()
    seen.asked = model.asked if model else []
    return seen


@contextlib.contextmanager
def alone(folder):
    """The environment in which a run sees no settings but its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COPILOT_ALERTMANAGER_SECRET", files.SECRET)
        patch.setenv("COPILOT_GITHUB_TOKEN", files.TOKEN)
        yield


def run(folder, **how):
    """Do `attack` outside of any test, for what several tests look at."""
    with alone(folder):
        return asyncio.run(attack(folder, **how))
