"""Reads which functions take more of a service's time than before, from the continuous profiles of Grafana Pyroscope.

API: https://grafana.com/docs/pyroscope/latest/reference-server-api/#querying-profile-data
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors.http import Params
from incident_copilot.vendors.log_pages import healthy_until
from incident_copilot.vendors.promql import filled
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.together import ask_all

_PATH = "pyroscope/render"
_ANSWER_BYTES = 8 * 1024 * 1024
_NODES = 2048
_BAR = 4  # numbers of one function at one place: offset, all of its time, its own, and which name it has


class Options(ServerOptions):
    """Where Pyroscope answers, and which profile is read; `{service}` in `query` is the service's name.

    `functions` is how many are kept of a service, those whose share grew most first.
    """

    query: str = Field(default='process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="{service}"}', max_length=500)
    functions: int = Field(default=10, ge=1, le=100)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Pyroscope(env, options)


class Pyroscope:
    """One Pyroscope, asked for flame graphs."""

    finds = frozenset({EvidenceKind.PROFILE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "pyroscope", "Pyroscope")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service that has profiles of the healthy time and of the trouble."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Read the flame graph of a second of a service that is not there."""
        now = self._server.now()
        await self._shares(filled(self._options.query, "check"), now, now)

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        query = filled(self._options.query, service)
        split = healthy_until(question)
        before, during = await asyncio.gather(
            self._shares(query, question.since, split), self._shares(query, split, question.until)
        )
        if not before or not during:
            return []
        grown = sorted(during, key=lambda name: before.get(name, 0.0) - during[name])[: self._options.functions]
        rows = [{"function": name, "before": before.get(name, 0.0), "during": during[name]} for name in grown]
        first = rows[0]
        return [
            self._server.evidence(
                question,
                EvidenceKind.PROFILE,
                title=f"Where {service} spends its time",
                summary=f"{first['function']} takes {during[grown[0]]:.1%}, {before.get(grown[0], 0.0):.1%} before.",
                data={"service": service, "type": query.partition("{")[0], "functions": rows},
                query=query,
            )
        ]

    async def _shares(self, query: str, since: datetime, until: datetime) -> dict[str, float]:
        """Return the share of all time that each function takes itself; nothing where there are no profiles."""
        params: Params = {
            "query": query,
            "from": int(since.timestamp()),
            "until": int(until.timestamp()),
            "format": "json",
            "max-nodes": _NODES,
        }
        answer = await self._server.http.get(_PATH, _Answer, params, _ANSWER_BYTES)
        return answer.graph.shares()


class _Graph(BaseModel):
    names: list[str] = []
    levels: list[list[int]] = []

    def shares(self) -> dict[str, float]:
        """Return the share of each function that took time of its own."""
        own: Counter[str] = Counter()
        for level in self.levels:
            for place in range(0, len(level) - _BAR + 1, _BAR):
                _, _, itself, name = level[place : place + _BAR]
                if itself and 0 <= name < len(self.names):
                    own[self.names[name][:200]] += itself
        total = own.total()
        return {name: round(itself / total, 4) for name, itself in own.items()}


class _Answer(BaseModel):
    graph: _Graph = Field(default=_Graph(), alias="flamebearer")
