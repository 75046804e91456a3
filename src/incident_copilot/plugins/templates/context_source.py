"""The texts of a new context source, for string.Template."""

MODULE = '''"""Looks up what $Vendor knows about an incident's services.

API: https://example.com/replace-with-the-page-of-the-vendor
"""

from collections.abc import Sequence

from pydantic import BaseModel

from incident_copilot.domain.base import Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import made
from incident_copilot.vendors.made import Made
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.together import ask_all


class Options(ServerOptions):
    """Where $Vendor answers."""


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return $Class(env, options)


class $Class:
    """One $Vendor."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "$name", "$Vendor")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per change of a service within the question's window."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Read something small, to see that address and secret are right."""
        await self._server.http.get("changes", _Answer, {"service": "check"})

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        answer = await self._server.http.get("changes", _Answer, {"service": service})
        found = made.newest((one.made(service) for one in answer.changes), question, question.since, most=10)
        return [made.evidence(self._server, question, one, query=f"changes of {service}") for one in found]


class _Change(BaseModel):
    """One change; fields the vendor adds later are ignored."""

    version: str
    author: str
    at: Utc

    def made(self, service: str) -> Made:
        """Return the change of a service."""
        return Made(
            service=service,
            at=self.at,
            kind="deploy",
            title=f"Deploy of {service} {self.version}",
            author=self.author,
            version=self.version,
        )


class _Answer(BaseModel):
    changes: list[_Change]
'''

TEST = '''"""$Vendor: what it knows becomes evidence, and trouble is named."""

import pytest

from incident_copilot.errors import VendorUnavailable
from incident_copilot.plugins import discover
from incident_copilot.plugins.context_sources.$name import Options, create

URL = "https://vendor.test/changes"


def test_module_is_found_by_its_folder():
    assert "$name" in discover("$kind")


async def test_change_within_the_window_is_evidence(env, question, fixture, respx_mock):
    respx_mock.get(URL, params={"service": "mailer"}).respond(json=fixture("$name"))

    (found,) = await create(env, Options(url="https://vendor.test")).gather(question)

    assert found.summary == "Deploy of mailer v2.1.0 at 09:00:00 UTC on 21 November, by rosa."
    assert found.data["version"] == "v2.1.0"


async def test_check_sends_the_secret(env, respx_mock):
    asked = respx_mock.get(URL).respond(json={"changes": []})

    await create(env, Options(url="https://vendor.test")).check()

    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"


async def test_vendor_that_is_away_is_named(env, question, respx_mock):
    respx_mock.get(URL).respond(503)
    source = create(env, Options(url="https://vendor.test"))

    with pytest.raises(VendorUnavailable, match=rf"^{source.name}: HTTP 503 for GET {URL}$$"):
        await source.gather(question)
'''

FIXTURE = """{
  "changes": [
    {"version": "v2.1.0", "author": "rosa", "at": "2026-11-21T09:00:00Z"},
    {"version": "v2.0.9", "author": "emil", "at": "2026-11-19T09:00:00Z"}
  ]
}
"""
