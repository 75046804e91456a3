"""The texts of a new context source, for string.Template."""

MODULE = '''"""Looks up what $Vendor knows about an incident's services.

API: https://example.com/replace-with-the-page-of-the-vendor
"""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen, Utc, new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors.http import BaseUrl, VendorHttp
from incident_copilot.vendors.together import ask_all


class Options(Frozen):
    """Where $Vendor answers; the secret is sent as a bearer token."""

    url: BaseUrl
    services: int = Field(default=8, ge=1, le=50)
    deadline_s: float | None = Field(default=None, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return $Class(env, options)


class $Class:
    """One $Vendor."""

    finds = frozenset({EvidenceKind.CHANGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "$name"
        self._now, self._options = env.now, options
        headers = {"authorization": f"Bearer {env.secret}"} if env.secret else {}
        self._http = VendorHttp(env.http, self.name, options.url, options.deadline_s or env.request_deadline_s, headers)

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per change of a service within the question's window."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        answer = await self._http.get("changes", _Answer, {"service": service})
        inside = [change for change in answer.changes if question.since <= change.at <= question.until]
        return [self._evidence(service, change, question) for change in inside]

    def _evidence(self, service: str, change: "_Change", question: Question) -> Evidence:
        now = self._now()
        return Evidence(
            id=new_id(now),
            incident_id=question.incident.id,
            source=self.name,
            kind=EvidenceKind.CHANGE,
            title=f"Change of {service}",
            summary=f"{change.author} changed {service} to {change.version} at {change.at:%H:%M} UTC.",
            taken_at=now,
            query=f"changes of {service}",
            data={
                "service": service,
                "at": change.at.timestamp(),
                "version": change.version,
                "previous": None,
                "author": change.author,
                "diff": "",
                "kind": "deploy",
                "ref": change.version,
                "repo": "",
            },
        )


class _Change(BaseModel):
    """One change; fields the vendor adds later are ignored."""

    version: str
    author: str
    at: Utc


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

    assert found.summary == "rosa changed mailer to v2.1.0 at 09:00 UTC."
    assert found.data["version"] == "v2.1.0"


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
