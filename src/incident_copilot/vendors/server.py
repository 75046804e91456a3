"""A server that context sources look things up at: how it is reached, and evidence in its name."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from incident_copilot.domain.base import Frozen, new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import ConfigError
from incident_copilot.ports import PluginEnv, Question
from incident_copilot.vendors.bodies import clean
from incident_copilot.vendors.http import BaseUrl, VendorHttp

TITLE, SUMMARY = 200, 600


class ServerOptions(Frozen):
    """Where a server answers, and how the secret is sent: as a bearer token, as the password of `user`, or in `header`.

    `tenant` is sent as X-Scope-OrgID, which Mimir, Loki, Tempo and Pyroscope read. Of an incident at most `services`
    are asked about. `deadline_s` is for one request; by default it is a little under the deadline of all context
    sources, so that a slow one does not lose what the others found.
    """

    url: BaseUrl
    user: str | None = Field(default=None, min_length=1, max_length=200)
    header: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$")
    tenant: str | None = Field(default=None, max_length=200)
    services: int = Field(default=8, ge=1, le=50)
    deadline_s: float | None = Field(default=None, gt=0, le=60)


class Server:
    """A server under the name that people read; `http` carries the secret."""

    def __init__(
        self,
        env: PluginEnv,
        options: ServerOptions,
        plugin: str,
        title: str,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`headers` replace those by which the secret is sent otherwise."""
        self.name = title if env.instance in {"", plugin} else f"{title} {env.instance}"
        self.now = env.now
        sent = dict(headers) if headers is not None else signed_in(env, options.user, options.header)
        if options.tenant:
            sent["x-scope-orgid"] = options.tenant
        self.http = VendorHttp(env.http, self.name, options.url, options.deadline_s or env.request_deadline_s, sent)

    def add_headers(self, headers: Mapping[str, str]) -> None:
        """Send further headers with every request."""
        self.http = replace(self.http, headers={**self.http.headers, **headers})

    def evidence(
        self,
        question: Question,
        kind: EvidenceKind,
        *,
        title: str,
        summary: str,
        data: Mapping[str, Any],
        link: str | None = None,
        query: str | None = None,
    ) -> Evidence:
        """Return evidence that this server gave, taken now."""
        now = self.now()
        return Evidence(
            id=new_id(now),
            incident_id=question.incident.id,
            source=self.name,
            kind=kind,
            title=clean(title, TITLE),
            summary=clean(summary, SUMMARY),
            taken_at=now,
            link=link,
            query=query,
            data=dict(data),
        )


def required(env: PluginEnv, plugin: str, what: str) -> str:
    """Return the secret of a plugin that cannot do without. Raises ConfigError naming what it has to be."""
    if not env.secret:
        raise ConfigError(f"{env.instance or plugin}: set secret_env to the variable that holds {what}")
    return env.secret


def signed_in(env: PluginEnv, user: str | None, header: str | None) -> dict[str, str]:
    """Return the header that carries the secret: `header`, else Basic with `user`, else a bearer token."""
    if not env.secret:
        return {}
    if header:
        return {header.lower(): env.secret}
    if user:
        password = base64.b64encode(f"{user}:{env.secret}".encode()).decode()
        return {"authorization": f"Basic {password}"}
    return {"authorization": f"Bearer {env.secret}"}
