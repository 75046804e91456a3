"""Asks tools of a server of the Model Context Protocol that only read, and are listed by name.

A tool that the server does not mark as read-only is not called. What tools answer is shown to people as notes, and
nothing is concluded from it. A model that investigates may be given tools too, by name and with a purpose that you
write; what the server says of them is not passed on.

API: https://modelcontextprotocol.io/specification/2025-06-18/server/tools
"""

from collections.abc import Sequence
from typing import Self

from pydantic import Field, model_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ContextSource, OfferedTool, PluginEnv, Question
from incident_copilot.vendors.bodies import clean
from incident_copilot.vendors.mcp import Session
from incident_copilot.vendors.mcp_tools import mcp_tools
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.together import ask_all


class Asked(Frozen):
    """A tool and its arguments; `{service}`, `{since}` and `{until}` in them stand for those of the question.

    Where `{service}` is in the title or an argument, the tool is called for each service, else once.
    """

    tool: str = Field(min_length=1, max_length=100)
    title: str = Field(min_length=1, max_length=100)
    arguments: dict[str, str | int | float | bool] = Field(default_factory=dict, max_length=30)


class Options(ServerOptions):
    """Where the server answers, which of its tools are called, and how much of each answer is kept.

    `for_model` names the tools that a model may use, with arguments of its own, and says what each is for.
    """

    tools: tuple[Asked, ...] = Field(default=(), max_length=20)
    for_model: dict[str, str] = Field(default_factory=dict, max_length=20)
    characters: int = Field(default=4000, ge=100, le=100_000)

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not (self.tools or self.for_model):
            raise ValueError("name tools, or for_model")
        return self


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Mcp(env, options)


class Mcp:
    """One server, whose tools are called."""

    finds = frozenset({EvidenceKind.NOTE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "mcp", "MCP")
        self._instance = env.instance or "mcp"
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per tool, and service where it is asked by service, that answers something."""
        if not self._options.tools:
            return []
        session = await self._begun()
        return await ask_all(
            self._call(session, asked, service, question)
            for asked in self._options.tools
            for service in self._services(asked, question)
        )

    async def check(self) -> None:
        """List the server's tools, and see whether those that are named are there and only read."""
        await self._offered(await self._begun())

    async def tools(self) -> Sequence[OfferedTool]:
        """Return the tools that a model may use."""
        if not self._options.for_model:
            return ()
        session = Session(self._server.http)
        await session.begin()
        return await self._offered(session)

    async def _offered(self, session: Session) -> Sequence[OfferedTool]:
        return await mcp_tools(
            session,
            self._options.for_model,
            prefix=self._instance,
            vendor=self.name,
            characters=self._options.characters,
        )

    async def _begun(self) -> Session:
        session = Session(self._server.http)
        await session.begin()
        offered = await session.tools()
        for asked in self._options.tools:
            if asked.tool not in offered:
                known = ", ".join(offered) or "none"
                raise VendorRefused(f"{self.name}: there is no tool {asked.tool}; there are: {known}"[:300], 200)
            if not offered[asked.tool].hints.read_only:
                raise VendorRefused(f"{self.name}: {asked.tool} is not marked as read-only, so it is not called", 200)
        return session

    def _services(self, asked: Asked, question: Question) -> Sequence[str]:
        texts = [asked.title, *(str(value) for value in asked.arguments.values())]
        is_by_service = any("{service}" in text for text in texts)
        return question.services[: self._options.services] if is_by_service else ("",)

    async def _call(self, session: Session, asked: Asked, service: str, question: Question) -> list[Evidence]:
        words = {
            "{service}": service,
            "{since}": question.since.isoformat(),
            "{until}": question.until.isoformat(),
        }
        arguments = {
            name: _filled(value, words) if isinstance(value, str) else value for name, value in asked.arguments.items()
        }
        answer = await session.call(asked.tool, arguments)
        text = clean(answer.text.strip(), self._options.characters)
        if answer.is_error:
            raise VendorRefused(f"{self.name}: {asked.tool}: {' '.join(text.split())}"[:300], 200)
        if not text:
            return []
        told = ", ".join(f"{name}={value}" for name, value in arguments.items())
        return [
            self._server.evidence(
                question,
                EvidenceKind.NOTE,
                title=_filled(asked.title, words),
                summary=" ".join(text.split())[:300],
                data={"text": text},
                query=f"{asked.tool}({told})",
            )
        ]


def _filled(text: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(name, value)
    return text
