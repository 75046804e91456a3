"""Asks the status pages of the providers that an incident's services depend on whether they have trouble themselves.

Any page that Atlassian's Statuspage serves can be read, and those of others that answer in its way. The addresses of
well-known providers need not be written down: `pages: [{name: openai}, {name: github, always: true}]`.

API: https://metastatuspage.com/api#summary (the public API of every Atlassian Statuspage)
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from incident_copilot.domain.base import Frozen, Utc, new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors.bodies import clean
from incident_copilot.vendors.http import BaseUrl, VendorHttp
from incident_copilot.vendors.together import ask_all

State = Literal["operational", "degraded", "outage", "unknown"]

_INDICATORS: dict[str, State] = {
    "none": "operational",
    "maintenance": "degraded",
    "minor": "degraded",
    "major": "outage",
    "critical": "outage",
}
_COMPONENTS: dict[str, State] = {
    "operational": "operational",
    "under_maintenance": "degraded",
    "degraded_performance": "degraded",
    "partial_outage": "outage",
    "major_outage": "outage",
}
_WORST: tuple[State, ...] = ("outage", "degraded", "operational", "unknown")
_TEXT = 200
KNOWN = {
    "anthropic": "https://status.anthropic.com",
    "atlassian": "https://status.atlassian.com",
    "circleci": "https://status.circleci.com",
    "cloudflare": "https://www.cloudflarestatus.com",
    "cohere": "https://status.cohere.com",
    "confluent": "https://status.confluent.cloud",
    "datadog": "https://status.datadoghq.com",
    "digitalocean": "https://status.digitalocean.com",
    "elastic": "https://status.elastic.co",
    "fly": "https://status.flyio.net",
    "github": "https://www.githubstatus.com",
    "launchdarkly": "https://status.launchdarkly.com",
    "linode": "https://status.linode.com",
    "mongodb": "https://status.mongodb.com",
    "netlify": "https://www.netlifystatus.com",
    "newrelic": "https://status.newrelic.com",
    "openai": "https://status.openai.com",
    "pagerduty": "https://status.pagerduty.com",
    "pinecone": "https://status.pinecone.io",
    "render": "https://status.render.com",
    "sendgrid": "https://status.sendgrid.com",
    "sentry": "https://status.sentry.io",
    "snowflake": "https://status.snowflake.com",
    "twilio": "https://status.twilio.com",
    "vercel": "https://www.vercel-status.com",
}
"""The pages of AI and cloud providers by name; `context check` tells where one has moved."""
_PATH = "api/v2/summary.json"


class Page(Frozen):
    """A page at `url`; `name` is the provider's name in the service catalogue, and for a known one is enough.

    With `components` only those count, by their names on the page. `always`: asked for every incident, and not only
    where a service of it depends on the provider.
    """

    name: str = Field(min_length=1, max_length=80)
    url: BaseUrl = ""
    components: tuple[str, ...] = ()
    always: bool = False

    @model_validator(mode="before")
    @classmethod
    def _with_address(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or given.get("url"):
            return given
        name = str(given.get("name")).lower()
        if name not in KNOWN:
            raise ValueError(f"write the url of {name}; these need none: {', '.join(KNOWN)}")
        return {**given, "url": KNOWN[name]}


class Options(Frozen):
    """Which pages there are."""

    pages: tuple[Page, ...] = Field(min_length=1, max_length=50)
    deadline_s: float = Field(default=5, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source; no secret is needed."""
    return StatusPages(env, options)


class StatusPages:
    """The status pages of some providers."""

    finds = frozenset({EvidenceKind.STATUS_PAGE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = "Status pages" if env.instance in {"", "statuspage"} else f"Status pages {env.instance}"
        self._env, self._options = env, options

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence for each provider that the question's services include."""
        asked = {service.lower() for service in question.services}
        pages = [page for page in self._options.pages if page.always or page.name.lower() in asked]
        return await ask_all(self._look_up(page, question) for page in pages)

    async def check(self) -> None:
        """Read all pages."""
        await asyncio.gather(*(self._summary(page) for page in self._options.pages))

    async def _look_up(self, page: Page, question: Question) -> list[Evidence]:
        summary = await self._summary(page)
        incidents = summary.about(page.components)
        state, since = summary.state(page.components), min((one.began for one in incidents), default=None)
        detail = clean("; ".join(one.name for one in incidents), _TEXT)
        now = self._env.now()
        return [
            Evidence(
                id=new_id(now),
                incident_id=question.incident.id,
                source=self.name,
                kind=EvidenceKind.STATUS_PAGE,
                title=_title(page),
                summary=_told(page.name, state, detail, since),
                taken_at=now,
                link=page.url,
                query=f"{page.url}/{_PATH}",
                data={
                    "provider": page.name,
                    "state": state,
                    "since": since.timestamp() if since else None,
                    "detail": detail,
                },
            )
        ]

    async def _summary(self, page: Page) -> "_Summary":
        http = VendorHttp(self._env.http, _title(page), page.url, self._options.deadline_s)
        return await http.get(_PATH, _Summary)


class _Component(BaseModel):
    name: str
    status: str


class _Incident(BaseModel):
    """An incident that is not over; `components` is empty where the page does not say what it is about."""

    name: str
    created_at: Utc
    started_at: Utc | None = None
    components: list[_Component] = []

    @property
    def began(self) -> datetime:
        return self.started_at or self.created_at


class _Status(BaseModel):
    indicator: str


class _Summary(BaseModel):
    """A page's summary; what is resolved or only planned is not in `incidents`."""

    status: _Status
    components: list[_Component] = []
    incidents: list[_Incident] = []

    def state(self, wanted: Sequence[str]) -> State:
        """Return the worst state of the wanted components, or of the whole page."""
        if not wanted:
            return _INDICATORS.get(self.status.indicator, "unknown")
        states = {_COMPONENTS.get(one.status, "unknown") for one in self.components if one.name in wanted}
        return next((state for state in _WORST if state in states), "unknown")

    def about(self, wanted: Sequence[str]) -> list[_Incident]:
        """Return the incidents that touch the wanted components."""
        return [one for one in self.incidents if not wanted or not one.components or _touches(one.components, wanted)]


def _title(page: Page) -> str:
    return f"Status page of {page.name}"


def _touches(components: Iterable[_Component], wanted: Sequence[str]) -> bool:
    return any(component.name in wanted for component in components)


def _told(name: str, state: State, detail: str, since: datetime | None) -> str:
    what = f": {detail}" if detail else ""
    when = f", since {since:%H:%M} UTC on {since:%-d %B}" if since else ""
    return f"{name} reports {state}{what}{when}."
